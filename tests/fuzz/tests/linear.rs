//! What admission allocates for bodies that are made to cost much: of four times the body about four times as much.
//!
//! It is counted and not timed, so that it is the same on every machine. Four times is twice the double, and so what
//! buffers that double have grown through is four times as much, too.

#![allow(clippy::panic, reason = "a test says what is wrong by panicking")]

use anomaly_gateway::es::version::Version;
use anomaly_gateway::xcontent::format::Format;
use fuzz::{Taken, admit, measured};
use soak::abuse::shapes::SHAPES;

/// Makes a body of about so many bytes.
type Body = fn(usize) -> String;

/// Bodies of YAML by name: each asks the reader to keep or to look at as much as it can.
const YAML: [(&str, Body); 18] = [
    ("brackets", |size| "[".repeat(size)),
    ("dashes", |size| "- ".repeat(size / 2)),
    ("question marks", |size| "? ".repeat(size / 2)),
    ("question marks on lines", |size| "?\n".repeat(size / 2)),
    ("brackets 200 deep", |size| {
        let deep = format!("{}{},", "[".repeat(200), "]".repeat(200));
        format!("a: [{}]", deep.repeat(size / deep.len()))
    }),
    ("a list in brackets", |size| format!("a: [{}1]", "1,".repeat(size / 2))),
    ("pairs in brackets", |size| {
        format!("a: [{}]", "\"a\":1,".repeat(size / 6))
    }),
    ("anchors", |size| format!("a:\n{}", "- &a x\n".repeat(size / 7))),
    ("anchors in a row", |size| format!("a: {}", "&a ".repeat(size / 3))),
    ("aliases", |size| format!("a:\n- &a [x]\n{}", "- *a\n".repeat(size / 5))),
    ("tags", |size| format!("a:\n{}", "- !!str x\n".repeat(size / 10))),
    ("a long tag", |size| format!("a: !{} x", "a".repeat(size))),
    ("marks of tags", |size| format!("a: {}", "!a".repeat(size / 2))),
    ("a long name", |size| format!("{}: 1", "a".repeat(size))),
    ("a long word", |size| format!("a: {}", "a ".repeat(size / 2))),
    ("lines in quotes", |size| format!("a: \"{}\"", "b\n".repeat(size / 2))),
    ("lines of a block", |size| {
        format!("a: >\n{}", "  b\n\n".repeat(size / 5))
    }),
    ("comments", |size| "# a\n".repeat(size / 4)),
];

const VERSIONS: [Version; 3] = [Version::BASE, Version::new(7, 17, 28), Version::new(9, 5, 3)];
/// The size of the smaller body. Every shape then costs much more than what any body does.
const SIZE: usize = 64 * 1024;
/// What the larger one may cost, of what the smaller one does. Quadratic is 16.
const MOST: u64 = 5;
/// What does not grow with a body, and may be there for the larger one only: a message, a text that is not short.
const ANY_BYTES: u64 = 64 * 1024;
const ANY_TIMES: u64 = 64;

#[test]
fn four_times_the_body_allocates_four_times_as_much() {
    for shape in SHAPES {
        assert_linear(shape.name, shape.body, Format::Json);
    }
}

#[test]
fn four_times_a_body_of_yaml_allocates_four_times_as_much() {
    for (name, body) in YAML {
        assert_linear(name, body, Format::Yaml);
    }
}

fn assert_linear(name: &str, body: Body, format: Format) {
    for api in VERSIONS {
        // The schema is made when it is first asked for.
        admit(b"{}", Format::Json, api);
        let taken = |size| {
            let body = body(size);
            let (_, taken) = measured(|| admit(body.as_bytes(), format, api));
            taken
        };
        let (small, large): (Taken, Taken) = (taken(SIZE), taken(4 * SIZE));
        assert!(
            large.bytes <= MOST * small.bytes + ANY_BYTES,
            "{api}, {name}: {} bytes, and {} for four times the body",
            small.bytes,
            large.bytes
        );
        assert!(
            large.times <= MOST * small.times + ANY_TIMES,
            "{api}, {name}: {} allocations, and {} for four times the body",
            small.times,
            large.times
        );
    }
}
