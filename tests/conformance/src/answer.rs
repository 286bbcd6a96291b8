//! What either side answers to a case.

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// An answer, and the document that would be stored with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status; 0 where the side broke down instead of answering, and the body says how.
    pub status: u16,
    /// The answer's media type.
    pub content_type: String,
    /// The answer's body.
    pub body: String,
    /// The document to store, for a request that is done.
    pub stored: Option<String>,
}

impl Answer {
    /// A side that broke down.
    #[must_use]
    pub fn none(why: &str) -> Self {
        Self {
            status: 0,
            content_type: String::new(),
            body: why.to_owned(),
            stored: None,
        }
    }

    /// Whether the side has answered at all.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.status != 0
    }

    /// Reads a line of the oracle.
    pub(crate) fn from_line(line: &str) -> anyhow::Result<Self> {
        let mut parts = line.trim_end().split('\t');
        let (Some(status), Some(content_type), Some(body), stored) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            bail!("the oracle's answer is cut off: {line:?}");
        };
        let stored = text(stored.unwrap_or_default())?;
        Ok(Self {
            status: status.parse().context("the oracle's answer has no status")?,
            content_type: text(content_type)?,
            body: text(body)?,
            stored: Some(stored).filter(|stored| !stored.is_empty()),
        })
    }
}

/// Decodes a part. A lone half of a surrogate pair can't be written as UTF-8, and is `?` where Java writes it.
fn text(part: &str) -> anyhow::Result<String> {
    let bytes = STANDARD.decode(part).context("the oracle's answer is not base64")?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_back() {
        let answer = Answer::from_line("200\tYS9i\te30=\te30=\n").unwrap();
        assert_eq!(
            (answer.status, answer.content_type.as_str(), answer.body.as_str()),
            (200, "a/b", "{}")
        );
        assert_eq!(answer.stored.as_deref(), Some("{}"));
        assert_eq!(Answer::from_line("400\t\te30=\t\n").unwrap().stored, None);
        assert!(Answer::from_line("400").is_err());
    }
}
