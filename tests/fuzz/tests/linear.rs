//! What admission allocates for bodies that are made to cost much: of four times the body about four times as much.
//!
//! It is counted and not timed, so that it is the same on every machine. Four times is twice the double, and so what
//! buffers that double have grown through is four times as much, too.

#![allow(clippy::panic, reason = "a test says what is wrong by panicking")]

use anomaly_gateway::es::format::Format;
use anomaly_gateway::es::version::Version;
use fuzz::{Taken, admit, measured};
use soak::abuse::shapes::SHAPES;

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
    for api in VERSIONS {
        // The schema is made when it is first asked for.
        admit(b"{}", Format::Json, api);
        for shape in SHAPES {
            let taken = |size| {
                let body = (shape.body)(size);
                let (_, taken) = measured(|| admit(body.as_bytes(), Format::Json, api));
                taken
            };
            let (small, large): (Taken, Taken) = (taken(SIZE), taken(4 * SIZE));
            assert!(
                large.bytes <= MOST * small.bytes + ANY_BYTES,
                "{api}, {}: {} bytes, and {} for four times the body",
                shape.name,
                small.bytes,
                large.bytes
            );
            assert!(
                large.times <= MOST * small.times + ANY_TIMES,
                "{api}, {}: {} allocations, and {} for four times the body",
                shape.name,
                small.times,
                large.times
            );
        }
    }
}
