//! The failures that a test expects, by the vendors' names.

use anyhow::{bail, ensure};

use crate::pattern::{self, Blanks};

/// What is expected instead of success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Catch {
    /// The client itself refuses the call.
    Parameter,
    /// This status.
    Status(u16),
    /// Any failure whose status has no name of its own.
    Other,
    /// A failure with this in its text.
    Pattern(String),
}

/// The statuses that have a name.
const NAMED: [(&str, u16); 7] = [
    ("bad_request", 400),
    ("unauthorized", 401),
    ("forbidden", 403),
    ("missing", 404),
    ("request_timeout", 408),
    ("conflict", 409),
    ("unavailable", 503),
];

impl Catch {
    pub(crate) fn read(text: &str) -> anyhow::Result<Self> {
        if let Some(pattern) = pattern::between_slashes(text) {
            return Ok(Self::Pattern(pattern.to_owned()));
        }
        Ok(match text {
            "param" => Self::Parameter,
            "request" => Self::Other,
            name => match NAMED.iter().find(|(named, _)| *named == name) {
                Some((_, status)) => Self::Status(*status),
                None => bail!("no failure is called {name}"),
            },
        })
    }

    /// Fails if another answer came.
    pub(crate) fn check(&self, status: u16, text: &str) -> anyhow::Result<()> {
        let holds = match self {
            Self::Parameter => false,
            Self::Status(expected) => status == *expected,
            Self::Other => status >= 400 && !NAMED.iter().any(|(_, named)| *named == status),
            Self::Pattern(pattern) => status >= 400 && pattern::is_found(pattern, Blanks::Count, text)?,
        };
        ensure!(holds, "expected {self:?}, found status {status}: {text}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_known_by_its_status_or_its_text() {
        let holds = |catch: &str, status, text| Catch::read(catch).unwrap().check(status, text).is_ok();
        assert!(holds("missing", 404, ""));
        assert!(!holds("missing", 400, ""));
        assert!(holds("request", 500, ""));
        assert!(!holds("request", 409, ""));
        assert!(holds("/no such index/", 404, "there is no such index"));
        assert!(!holds("/no such index/", 200, "there is no such index"));
        assert!(Catch::read("odd").is_err());
    }
}
