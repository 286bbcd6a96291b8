//! The encodings of a body: every arrangement of the first bytes, from which its encoding is guessed, and a job in each
//! encoding cut at every byte.

use conformance::{Case, Judge, Release};

/// What each of the first four bytes can be: nothing, parts of byte order marks, the beginning of a job, a character.
const BYTES: [u8; 8] = [0, 0xFE, 0xFF, 0xEF, 0xBB, b'{', b'1', b' '];

/// What follows them.
const RESTS: [&[u8]; 3] = [b"", b"\0\0{\0", b"}"];

/// A job with characters of one, two and four bytes of UTF-8, at whose ends each sort of token stands.
const JOB: &str = r#"{"description":"é𝒳","groups":["g"],"model_snapshot_retention_days":12,"allow_lazy_open":true,
"analysis_config":{"bucket_span":"1h","detectors":[{"function":"count"}]},"data_description":{}}"#;

/// The beginnings of bodies.
fn beginnings() -> Vec<Case> {
    let mut starts: Vec<Vec<u8>> = vec![Vec::new()];
    let mut bodies = Vec::new();
    for _ in 0..4 {
        let longer = |start: &Vec<u8>| BYTES.map(|byte| [start.as_slice(), &[byte]].concat());
        starts = starts.iter().flat_map(longer).collect();
        for start in &starts {
            bodies.extend(RESTS.map(|rest| Case::new("j", [start, rest].concat())));
        }
    }
    bodies
}

/// The job in each encoding, with its byte order mark and without, cut at every byte.
fn cut_bodies() -> Vec<Case> {
    let utf16 = |to_bytes: fn(u16) -> [u8; 2]| JOB.encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>();
    let utf32 = |to_bytes: fn(u32) -> [u8; 4]| JOB.chars().map(u32::from).flat_map(to_bytes).collect::<Vec<u8>>();
    let encodings: [(&[u8], Vec<u8>); 5] = [
        (b"\xEF\xBB\xBF", JOB.as_bytes().to_vec()),
        (b"\xFE\xFF", utf16(u16::to_be_bytes)),
        (b"\xFF\xFE", utf16(u16::to_le_bytes)),
        (b"\0\0\xFE\xFF", utf32(u32::to_be_bytes)),
        (b"\xFF\xFE\0\0", utf32(u32::to_le_bytes)),
    ];
    let mut bodies = Vec::new();
    for (mark, job) in encodings {
        for body in [[mark, &job].concat(), job] {
            bodies.extend((1..=body.len()).map(|end| Case::new("j", body.get(..end).unwrap_or_default())));
        }
    }
    bodies
}

#[test]
fn are_taken_for_the_encoding_that_elasticsearch_takes_them_for() {
    agree(&beginnings());
}

#[test]
fn are_cut_where_elasticsearch_finds_them_cut() {
    agree(&cut_bodies());
}

/// Puts bodies to the product and to every pinned version of Elasticsearch.
pub(crate) fn agree(bodies: &[Case]) {
    let complaints: Vec<String> = Release::pinned()
        .into_iter()
        .filter_map(|release| disagreement(release, bodies))
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Where the product differs from this version of Elasticsearch, if it does.
fn disagreement(release: Release, bodies: &[Case]) -> Option<String> {
    let mut judge = Judge::start(release).expect("an oracle");
    let judged = judge.judge(bodies).expect("answers");
    let differing: Vec<String> = judged
        .iter()
        .filter(|judged| !judged.differences.is_empty())
        .map(ToString::to_string)
        .collect();
    let shown = differing.iter().take(5).cloned().collect::<Vec<_>>().join("\n");
    let (count, all) = (differing.len(), judged.len());
    (count > 0).then(|| format!("{release}: {count} of {all} differ\n{shown}"))
}
