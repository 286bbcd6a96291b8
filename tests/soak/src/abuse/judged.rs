//! Hostile requests for the call that the gateway answers itself whose bodies are short and take long to be judged.

use super::claimed::Body;
use super::hostile::{Hostile, Memory, Size};
use super::shapes::SHAPES;

const MEBIBYTE: u64 = 1024 * 1024;

/// The versions that judge in the most different ways, and the configuration that chooses each.
const APIS: [(&str, &str); 2] = [("7.0", "jobs: {api: \"7.0\"}\n"), ("9.5", "jobs: {api: \"9.5\"}\n")];

/// How many detectors the job has whose detectors policies compare with each other: their loops are almost as long as they
/// may be.
const COMPARED: usize = 80;

/// All of them.
pub(super) fn rows(size: Size) -> Vec<Hostile> {
    let long = if size == Size::Full { 2_000_000 } else { 100_000 };
    // The longest bodies that a worker judges itself, somewhat longer ones, and long ones.
    let lengths = [("16 KB", 16_000), ("60 KB", 60_000), ("long", long)];
    let shapes = lengths
        .into_iter()
        .flat_map(|(name, length)| APIS.map(|(api, settings)| shapes(name, length, api, settings)));
    shapes.chain([loops()]).collect()
}

/// Bodies of every shape that is known to be costly, one after the other, each of about so many bytes.
fn shapes(name: &str, length: usize, api: &str, settings: &'static str) -> Hostile {
    let bodies: Vec<Body> = SHAPES
        .iter()
        .map(|shape| Body::plain((shape.body)(length).into_bytes()))
        .collect();
    Hostile {
        name: format!("every shape, {name}, {api}"),
        settings,
        policies: None,
        // What one takes while it is judged, and what the allocator keeps for ten seconds of those before it.
        memory: Memory::Bytes(12 * length as u64 + 128 * MEBIBYTE),
        attack: Box::new(move |gateway| {
            bodies
                .iter()
                .try_for_each(|body| body.put("dry_run", &[200, 400])(gateway))
        }),
    }
}

/// A small job, and policies each of which compares all its detectors with each other.
fn loops() -> Hostile {
    let detectors = vec!["{\"function\":\"count\"}"; COMPARED].join(",");
    let body = format!("{{\"analysis_config\":{{\"detectors\":[{detectors}]}},\"data_description\":{{}}}}");
    let policy = |number| {
        format!(
            "  - name: loops-{number}\n    enforcement: enforce\n    rule: \"!job.analysis_config.detectors.exists(a, \
             job.analysis_config.detectors.exists(b, b.function == 'none-{number}'))\"\n"
        )
    };
    let policies: String = (0..8).map(policy).collect();
    Hostile {
        name: "loops of policies".to_owned(),
        settings: "",
        policies: Some(format!("policies:\n{policies}")),
        memory: Memory::Bytes(32 * MEBIBYTE),
        attack: Body::plain(body.into_bytes()).put("dry_run", &[200]),
    }
}
