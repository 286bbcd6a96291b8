//! What admission holds for bodies that are made to cost much: a few times the body, however large that is.
//!
//! The allocator that counts lets every growing buffer exist twice while it is moved, which is the worst that an
//! allocator does. So counted, a body of two-byte values takes 12 times its size for their places alone (16 bytes a
//! token), and one of the smallest detectors 6 times its size for the two documents that are written of it.

#![allow(clippy::panic, reason = "a test says what is wrong by panicking")]

use anomaly_gateway::admission::Decision;
use anomaly_gateway::es::answer;
use anomaly_gateway::es::format::Format;
use anomaly_gateway::es::version::Version;
use fuzz::hostile::SHAPES;
use fuzz::{admit, measured};

const VERSIONS: [Version; 4] = [
    Version::BASE,
    Version::new(7, 17, 28),
    Version::new(8, 19, 21),
    Version::new(9, 5, 3),
];

/// What a byte takes at most. The most that was seen is 14, of characters beyond 16 bits.
const PER_BYTE: usize = 15;
/// Shapes whose answers are several times as long as they are, and what a byte of them takes.
const GROWS: [(&str, usize); 2] = [("small detectors", 32), ("categorization filters", 32)];
/// What a byte of an answer takes when it is laid out.
const LAYOUT_PER_BYTE: usize = 8;
/// What any body takes: the words that are filled in, messages, what a thousand open objects take.
const ANY: usize = 256 * 1024;

/// One test, as what other threads allocate would be counted, too.
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
            let (decision, held) = measured(|| admit(body.as_bytes(), Format::Json, api));
            let length = body.len();
            let grows = GROWS.iter().find(|(name, _)| *name == shape.name);
            let per_byte = grows.map_or(PER_BYTE, |(_, per_byte)| *per_byte);
            assert!(
                held <= ANY + per_byte * length,
                "{api}, {}: {held} bytes for a body of {length}",
                shape.name
            );
            if let Decision::Admitted(admitted) = decision {
                let length = admitted.effective.len();
                let (layout, held) = measured(|| answer::write(admitted.effective, true));
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
