//! The keys of the audit trail: the index that decisions are written to.

use std::fmt;
use std::num::NonZero;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::key::Key;
use super::reader::Reader;
use super::scalar::ScalarKind;
use super::setting::{Fault, Setting};
use super::tls::value::OptionalFile;
use crate::cluster::account::read_credentials;
use crate::store::index_name::IndexName;

/// How many events wait unless the configuration says otherwise: some eight megabytes, and minutes of a busy gateway.
const DEFAULT_QUEUE: NonZero<usize> = NonZero::new(4096).expect("more than nothing");

/// How many may wait at most.
const MAX_QUEUE: usize = 100_000;

/// What switches it off.
const NONE: &str = "none";

/// Where decisions are written to, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// The index; nothing is written without one.
    pub index: Option<IndexName>,
    /// The file with the value of `Authorization` with which it is written.
    pub authorization: Option<PathBuf>,
    /// How many events wait for it at most.
    pub queue: AuditQueue,
}

/// How many events wait at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditQueue(pub NonZero<usize>);

/// An index, if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OptionalIndex(Option<IndexName>);

pub(super) const INDEX: Key = Key::new(
    "audit.index",
    "The index of the cluster to which every decision on a claimed request is written, with who asked and what became of it.",
)
.detail("It is another one than `jobs.index`, and is made by the gateway. No request waits for it. See [Audit trail](../operate/audit.md).");
const AUTHORIZATION: Key = Key::new(
    "audit.authorization",
    "The file with the value of `Authorization` with which that index is made and written; it is read again when it changes.",
);
const QUEUE: Key = Key::new(
    "audit.queue",
    "How many decisions wait for the cluster at most, and 32 MB of them; more are left out and counted.",
);

/// Reads them.
pub(super) fn audit(keys: &mut Reader<'_>) -> Audit {
    let audit = Audit {
        index: keys.one(INDEX, OptionalIndex(None)).0,
        authorization: keys.one(AUTHORIZATION, OptionalFile(None)).0,
        queue: keys.one(QUEUE, AuditQueue(DEFAULT_QUEUE)),
    };
    if audit.index.is_none() {
        let mut unused = Vec::new();
        unused.extend(audit.authorization.is_some().then_some(AUTHORIZATION));
        unused.extend((audit.queue.0 != DEFAULT_QUEUE).then_some(QUEUE));
        let help = "set `audit.index`, or leave the key out";
        keys.refuse_set(&unused, "decisions are not written to an index", Some(help));
    }
    if let Some(file) = &audit.authorization
        && let Err(error) = read_credentials(file)
    {
        keys.refuse_set(&[AUTHORIZATION], &error.to_string(), None);
    }
    audit
}

impl fmt::Display for OptionalIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(index) => index.fmt(f),
            None => f.write_str(NONE),
        }
    }
}

impl Setting for OptionalIndex {
    const EXPECTED: &'static str = "the name of an index, or `none`";
    const PLACEHOLDER: &'static str = IndexName::PLACEHOLDER;

    fn parse(text: &str) -> Result<Self, Fault> {
        if text == NONE {
            return Ok(Self(None));
        }
        <IndexName as Setting>::parse(text).map(|index| Self(Some(index)))
    }

    fn form() -> Value {
        IndexName::form()
    }
}

impl fmt::Display for AuditQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Setting for AuditQueue {
    const EXPECTED: &'static str = "a number from 1 to 100000";
    const PLACEHOLDER: &'static str = "NUMBER";

    fn parse(text: &str) -> Result<Self, Fault> {
        let count = text
            .parse()
            .ok()
            .filter(|count: &NonZero<usize>| count.get() <= MAX_QUEUE);
        let fault = || Fault::new(format!("expected {}", Self::EXPECTED));
        count.map(Self).ok_or_else(fault)
    }

    fn accepts(kind: ScalarKind) -> bool {
        matches!(kind, ScalarKind::Text | ScalarKind::Number)
    }

    fn form() -> Value {
        json!({"type": ["integer", "string"], "minimum": 1, "maximum": MAX_QUEUE, "pattern": r"^\+?0*(?:[1-9][0-9]{0,4}|100000)$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_has_room_for_one_event_at_least() {
        for (text, most) in [
            ("1", Some(1)),
            ("4096", Some(4096)),
            ("100000", Some(100_000)),
            ("0", None),
            ("100001", None),
            ("-1", None),
            ("none", None),
        ] {
            assert_eq!(AuditQueue::parse(text).ok().map(|queue| queue.0.get()), most, "{text}");
        }
    }

    #[test]
    fn an_index_reads_as_it_is_shown() {
        for text in ["none", "decisions"] {
            assert_eq!(
                OptionalIndex::parse(text)
                    .ok()
                    .map(|index| index.to_string())
                    .as_deref(),
                Some(text)
            );
        }
        assert!(OptionalIndex::parse("Decisions").is_err());
    }
}
