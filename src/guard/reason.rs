//! Why a request does not pass.

use std::fmt;

/// How much of what a client wrote is quoted, in characters.
const MAX_QUOTED: usize = 120;

/// Why a request does not pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Something in it could name the index. Usual cause: a wildcard, or a caller who does not know of the protection.
    #[error("[{text}] in its {place} could name it")]
    Named {
        /// Where it stands.
        place: Place,
        /// What could name the index, cut where it is long.
        text: String,
    },
    /// It may write to the index, and what it does cannot be judged.
    #[error("{0}")]
    Unjudged(#[from] Unjudged),
    /// The names that lead to the index are not known at the moment. Usual cause: the cluster does not tell its aliases.
    #[error("its aliases are not known at the moment")]
    NamesUnknown,
}

/// A part of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The path.
    Path,
    /// The query.
    Query,
    /// The body.
    Body,
}

/// Why a request cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unjudged {
    /// An escape in the target is none, so that what it names is not known.
    #[error("its target has a malformed percent-encoded value")]
    Escape,
    /// A body in the query.
    #[error("a body in the parameter [source] cannot be judged; send it as the body")]
    SourceParameter,
    /// A body in another format than JSON.
    #[error("only bodies whose Content-Type is JSON or newline-delimited JSON can be judged")]
    Format,
    /// A body in a content coding that is not known, or that is not what its bytes are in.
    #[error("only bodies that are not encoded, or are whole gzip or deflate, can be judged")]
    Coding,
    /// A body that is not JSON as every version reads it.
    #[error("its body, or a line of it, is not JSON that can be judged")]
    Syntax,
    /// A body with something after its JSON, or members that readers do not agree on.
    #[error("its body can be read in more than one way")]
    Ambiguous,
    /// A body, or a line of one, that is longer than this many bytes.
    #[error("its body, or the line of an operation in it, is longer than {0} bytes and cannot be judged")]
    TooLong(usize),
    /// More names and patterns than can be compared in a reasonable time.
    #[error("its body has more names and patterns than can be judged")]
    TooManyNames,
    /// A script that may choose the index, or that is stored elsewhere.
    #[error("its script may choose the index that is written to")]
    Script,
    /// An ingest pipeline that may choose the index.
    #[error("the pipeline may choose the index that documents go to")]
    Pipeline,
    /// A body whose meaning depends on how it is cut into chunks.
    #[error("what it writes to depends on how it is cut into chunks; use [_bulk]")]
    Chunks,
    /// A restore that does not say what it restores.
    #[error("it does not name the indices that it restores, or restores the cluster state, too")]
    Restore,
    /// An index that is named by its UUID.
    #[error("the name of the index that it imports is not known")]
    Import,
    /// A statement of SQL that deletes.
    #[error("its statement may delete documents")]
    Statement,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Place {
    const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Body => "body",
        }
    }
}

impl Reason {
    /// Something that could name the index.
    pub(super) fn named(place: Place, text: &str) -> Self {
        let mut quoted = String::new();
        for character in text.chars().take(MAX_QUOTED) {
            // It goes to the log, too.
            if character.is_control() {
                quoted.extend(character.escape_unicode());
            } else {
                quoted.push(character);
            }
        }
        if text.chars().nth(MAX_QUOTED).is_some() {
            quoted.push_str("...");
        }
        Self::Named { place, text: quoted }
    }

    pub(super) fn in_body(text: &str) -> Self {
        Self::named(Place::Body, text)
    }

    /// Its name in metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Named { place, .. } => place.name(),
            Self::Unjudged(_) => "unjudged",
            Self::NamesUnknown => "names_unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_wrote_is_quoted_without_control_characters_and_not_at_length() {
        let reason = Reason::named(Place::Path, "a\n\u{1b}[31m\u{9b}ä");
        assert_eq!(
            reason.to_string(),
            "[a\\u{a}\\u{1b}[31m\\u{9b}ä] in its path could name it"
        );
        let Reason::Named { text, .. } = Reason::in_body(&"x".repeat(1000)) else {
            panic!("it names something");
        };
        assert_eq!(text.len(), MAX_QUOTED + 3);
    }
}
