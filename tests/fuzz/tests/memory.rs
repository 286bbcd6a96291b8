//! What admission holds for bodies that are made to cost much: a few times the body, however large that is.
//!
//! The allocator that counts lets every growing buffer exist twice while it is moved, which is the worst that an
//! allocator does. What is held beside the body is counted: what is read of it, and the answer, which is several times as
//! long as a body that leaves out what the server fills in.
//!
//! With `MEMORY_MEGABYTES` the bodies are of that size, and what each takes is printed.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a test says what is wrong by panicking, and, when it is asked about a size, what it measured"
)]

use std::time::Instant;

use anomaly_gateway::admission::Verdict;
use anomaly_gateway::es::version::Version;
use anomaly_gateway::xcontent::answer;
use anomaly_gateway::xcontent::format::Format;
use fuzz::{Taken, admit, measured};
use soak::abuse::shapes::SHAPES;

const VERSIONS: [Version; 4] = [
    Version::BASE,
    Version::new(7, 17, 28),
    Version::new(8, 19, 21),
    Version::new(9, 5, 3),
];

/// What a byte takes at most. The most that was seen is 8.0, of small detectors of 7.0: half of it is the answer.
const PER_BYTE: usize = 8;
/// What a byte of an answer takes when it is laid out.
const LAYOUT_PER_BYTE: usize = 8;
/// What any body takes: the words that are filled in, messages, what a thousand open objects take.
const ANY: usize = 256 * 1024;

#[test]
fn a_body_costs_a_few_times_its_size() {
    let megabytes = std::env::var("MEMORY_MEGABYTES")
        .ok()
        .and_then(|size| size.parse().ok());
    let size = megabytes.map_or(128 * 1024, |megabytes: usize| megabytes * 1024 * 1024);
    for api in VERSIONS {
        // The schema is made when it is first asked for.
        admit(b"{}", Format::Json, api);
        for shape in SHAPES {
            let body = (shape.body)(size);
            let start = Instant::now();
            let (verdict, Taken { held, .. }) = measured(|| admit(body.as_bytes(), Format::Json, api));
            let length = body.len();
            if megabytes.is_some() {
                let times = held as f64 / length as f64;
                println!(
                    "{api} {:<30} {times:>5.1} {:>8.1} ms",
                    shape.name,
                    start.elapsed().as_secs_f64() * 1e3
                );
            }
            assert!(
                held <= ANY + PER_BYTE * length,
                "{api}, {}: {held} bytes for a body of {length}",
                shape.name
            );
            if let Verdict::Admitted(admitted) = verdict {
                let length = admitted.effective().len();
                let (layout, Taken { held, .. }) = measured(|| answer::write(admitted.documents.into_whole(), true));
                assert!(
                    held <= ANY + LAYOUT_PER_BYTE * length && layout.len() <= ANY + LAYOUT_PER_BYTE * length,
                    "{api}, {}: a layout of {} bytes that takes {held}, for an answer of {length}",
                    shape.name,
                    layout.len()
                );
            }
        }
    }
}

/// In CBOR a value takes a byte and its place twenty: what is held is bounded by their number.
#[test]
fn a_body_of_one_byte_tokens_costs_so_much_at_most() {
    const MOST: usize = 48 * 1024 * 1024;
    let api = Version::new(9, 5, 3);
    admit(b"{}", Format::Json, api);
    let ones = vec![1; 4 * 1024 * 1024];
    // {"custom_settings": {"a": [1, 1, …
    let body = [b"\xBF\x6Fcustom_settings\xBF\x61a\x9F".as_slice(), &ones].concat();
    let (verdict, Taken { held, .. }) = measured(|| admit(&body, Format::Cbor, api));
    assert!(matches!(verdict, Verdict::Refused(_)));
    assert!(held <= MOST + body.len(), "{held} bytes");
}
