//! YAML, CBOR and SMILE: bodies in them are judged as those in JSON are, whatever they are, and answers can be written in
//! them. The first byte says in which.

use anomaly_gateway::admission::Verdict;
use anomaly_gateway::es::error::Traces;
use anomaly_gateway::es::version::Version;
use anomaly_gateway::xcontent::format::Format;

use super::admission::{admit, check_documents, warm_up};
use crate::{Taken, measured};

/// Before and after the libraries that read these formats changed.
const VERSIONS: [Version; 2] = [Version::new(7, 8, 1), Version::new(9, 5, 3)];

/// What a body costs however small it is.
const HELD_FOR_ANY: usize = 512 * 1024;
/// What a byte of the body costs at most: a value of one byte is a token with its place, and some text.
const HELD_PER_BYTE: usize = 160;

pub(super) fn check(bytes: &[u8]) {
    let Some((first, body)) = bytes.split_first() else {
        return;
    };
    let format = match first % 3 {
        0 => Format::Yaml,
        1 => Format::Cbor,
        _ => Format::Smile,
    };
    warm_up();
    for api in VERSIONS {
        let (verdict, Taken { held, .. }) = measured(|| admit(body, format, api));
        let bound = HELD_FOR_ANY + HELD_PER_BYTE * body.len();
        assert!(
            held <= bound,
            "{api}, {format:?}: {held} bytes held for a body of {}",
            body.len()
        );
        let answer = match verdict {
            Verdict::Admitted(admitted) => {
                check_documents(&admitted);
                admitted.documents.into_whole()
            }
            Verdict::Refused(refusal) => {
                let status = refusal.status().as_u16();
                let text = refusal.to_body(Traces::Shown).to_string();
                assert!(status == 400 || status == 500, "{api}: {text}");
                text
            }
        };
        assert!(!format.write(answer, false, api).is_empty());
    }
}
