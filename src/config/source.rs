//! Where a value was written: the configuration file, an environment variable or the command line, and which bytes.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::redaction::{Redacted, redact};

/// What kind of text a [`Source`] is. The order is the order in which problems are told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// The configuration file at this path, as it was given.
    File(String),
    /// One environment variable, as `NAME=value`.
    Environment,
    /// One flag, as `--flag value`.
    CommandLine,
}

/// A text that values were read from.
pub(super) struct Source {
    /// What kind of text it is.
    pub(super) origin: Origin,
    text: String,
}

impl Source {
    /// A text of that origin.
    pub(super) fn new(origin: Origin, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            origin,
            text: text.into(),
        })
    }

    /// The text as it was written. It may hold a password: only [`Source::shown`] is for people.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The file's path, where it is a file.
    pub(super) fn name(&self) -> &str {
        match &self.origin {
            Origin::File(path) => path,
            Origin::Environment => "the environment",
            Origin::CommandLine => "the command line",
        }
    }

    /// The text as people may see it.
    pub(super) fn shown(&self) -> Redacted {
        Redacted::of(&self.text)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("origin", &self.origin)
            .field("text", &redact(&self.text))
            .finish()
    }
}

/// Some bytes of a source.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The text.
    pub(super) source: Arc<Source>,
    /// Which of its bytes.
    pub(super) span: Range<usize>,
}

impl Place {
    /// These bytes of the source.
    pub(super) fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        Self {
            source: Arc::clone(source),
            span,
        }
    }

    /// The value in `NAME=value` or `--flag value`: what comes after the prefix.
    pub(super) fn after(origin: Origin, prefix: &str, value: &str) -> Self {
        let text = format!("{prefix}{value}");
        let span = prefix.len()..text.len();
        Self {
            source: Source::new(origin, text),
            span,
        }
    }

    /// The text that was written there.
    pub(super) fn text(&self) -> &str {
        self.source.text().get(self.span.clone()).unwrap_or_default()
    }
}
