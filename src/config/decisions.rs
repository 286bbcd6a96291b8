//! How many of the last decisions are kept for those who run the gateway.

use std::fmt;

use serde_json::{Value, json};

use super::key::Key;
use super::reader::Reader;
use super::scalar::ScalarKind;
use super::setting::{Fault, Setting};

/// How many decisions are kept at most: one takes a few kilobytes, and some two hundred at worst.
const MAX_KEPT: usize = 1000;

/// How many of the last decisions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptDecisions(pub usize);

const DECISIONS: Key = Key::new(
    "admin.decisions",
    "How many of the last decisions on claimed requests are kept in memory for `GET /decisions` of `admin.listen`.",
)
.detail("0 keeps none.");

/// Reads it.
pub(super) fn kept(keys: &mut Reader<'_>) -> KeptDecisions {
    keys.one(DECISIONS, KeptDecisions(100))
}

impl fmt::Display for KeptDecisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Setting for KeptDecisions {
    const EXPECTED: &'static str = "a number from 0 to 1000";
    const PLACEHOLDER: &'static str = "NUMBER";

    fn parse(text: &str) -> Result<Self, Fault> {
        let count = text.parse().ok().filter(|count| *count <= MAX_KEPT);
        let fault = || Fault::new(format!("expected {}", Self::EXPECTED));
        count.map(Self).ok_or_else(fault)
    }

    fn accepts(kind: ScalarKind) -> bool {
        matches!(kind, ScalarKind::Text | ScalarKind::Number)
    }

    fn form() -> Value {
        json!({"type": ["integer", "string"], "minimum": 0, "maximum": MAX_KEPT, "pattern": r"^\+?0*(?:[0-9]{1,3}|1000)$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_kept_as_there_is_room_for() {
        for (text, kept) in [
            ("0", Some(0)),
            ("100", Some(100)),
            ("1000", Some(1000)),
            ("1001", None),
            ("-1", None),
            ("none", None),
        ] {
            assert_eq!(KeptDecisions::parse(text).ok().map(|kept| kept.0), kept, "{text}");
        }
    }
}
