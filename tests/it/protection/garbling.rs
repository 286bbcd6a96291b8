//! Bodies put together at random, of pieces that a node may take for more than one thing: what passes must not be what
//! writes.

use super::spelling::{Spelled, Turns};

/// Lines of a bulk request, and what may stand in their place.
const LINES: [&str; 24] = [
    r#"{"index":{"_index":"anomaly-detectors","_id":"forbidden"}}"#,
    r#"{"create":{"_index":"watched","_id":"forbidden"}}"#,
    r#"{"delete":{"_index":"anomaly-detectors","_id":"anomaly_detector-stored"}}"#,
    r#"{"update":{"_index":"jobs-of-all","_id":"anomaly_detector-stored"}}"#,
    r#"{"delete":{"_index":"anomaly-detectors","_id":"anomaly_detector-stored"}"#,
    r#"{"index":{"_index":"another-index"}} {"delete":{"_index":"anomaly-detectors","_id":"anomaly_detector-stored"}}"#,
    r#"{"index":{"_index":"another-index"},"delete":{"_index":"anomaly-detectors"}}"#,
    r#"{"index":{"_index":"another-index","_index":"anomaly-detectors"}}"#,
    r#"{"unknown":{"_index":"anomaly-detectors"}}"#,
    r#"{"index":{"_index":"another-index"}}"#,
    r#"{"create":{"_index":"another-index"}}"#,
    r#"{"update":{"_index":"another-index","_id":"1"}}"#,
    r#"{"delete":{"_index":"another-index","_id":"1"}}"#,
    r#"{"index":{}}"#,
    r#"{"doc":{"job_id":"forbidden"},"doc_as_upsert":true}"#,
    r#"{"job_id":"forbidden"}"#,
    "{}",
    "",
    " \t",
    "// nothing",
    "/* nothing */",
    "/* begun",
    "nothing",
    "\u{FEFF}",
];

/// How many of them say something of the protected index.
const SAYING: usize = 9;

/// What stands between lines.
const BREAKS: [&str; 8] = ["\n", "\n", "\n", "\n", "\r\n", "\n\n", "\r", " "];

/// Pieces of the body of a call for one alias.
const PIECES: [&str; 14] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    " ",
    r#""index":"another-index""#,
    r#""alias":"made""#,
    r#""index":"anomaly-detectors""#,
    r#""x":{"index":"anomaly-detectors"}"#,
    r#""filter":{"term":{"index":"anomaly-detectors"}}"#,
    r#"{"index":"anomaly-detectors"}"#,
    r#"{"alias":"made","index":"another-index"}"#,
    "/* */",
];

/// A request with such a body: a bulk, or one for an alias.
pub fn garbled(turns: &mut Turns) -> Spelled {
    let is_bulk = turns.next(3) > 0;
    let mut body = String::new();
    for _ in 0..=turns.next(6) {
        if is_bulk {
            // Most say nothing of the index.
            let from = if turns.next(4) > 0 { SAYING } else { 0 };
            body += LINES[from + turns.next(LINES.len() - from)];
            body += BREAKS[turns.next(BREAKS.len())];
        } else {
            body += PIECES[turns.next(PIECES.len())];
        }
    }
    let targets = [
        "/_bulk",
        "/another-index/_bulk",
        "/another-index/_alias/made",
        "/_alias/made",
    ];
    let target = targets[if is_bulk { turns.next(2) } else { 2 + turns.next(2) }];
    Spelled {
        how: "garbled".to_owned(),
        method: if is_bulk { "POST" } else { "PUT" }.to_owned(),
        target: target.to_owned(),
        content_type: Some("application/json"),
        coding: None,
        is_chunked: turns.next(2) == 0,
        body: body.into_bytes(),
    }
}
