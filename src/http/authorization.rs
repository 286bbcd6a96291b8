//! Credentials that an operator has put into a file: the value of an `Authorization` field.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;

/// The longest file that is read, in bytes. Tokens of a few thousand bytes are usual.
const MAX_BYTES: u64 = 64 * 1024;

/// Why a file gives no credentials. What is in it is never part of the message.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// Usual cause: a path with a slip of the pen, or a file that the gateway's user may not read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Usual cause: a file with several lines, or one that holds a password alone.
    #[error(
        "{} does not hold a value of `Authorization`: one line such as `ApiKey …`, or `Basic …` with user and password in \
         Base64",
        path.display()
    )]
    NotAValue {
        /// The file.
        path: PathBuf,
    },
}

/// Reads the value, such as `ApiKey bm90OnRydWU=`. Blanks around it count for nothing. No log shows it.
pub fn read(path: &Path) -> Result<HeaderValue, CredentialsError> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text));
    read.map_err(|source| CredentialsError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let is_whole = u64::try_from(text.len()).is_ok_and(|length| length <= MAX_BYTES);
    let value = text.trim();
    // A scheme and what goes with it (RFC 9110 §11.4): a file that holds less is a mistake that every call would show.
    let value = value.split_once(' ').filter(|_| is_whole);
    let value = value.and_then(|_| HeaderValue::from_str(text.trim()).ok());
    let mut value = value.ok_or_else(|| CredentialsError::NotAValue { path: path.to_owned() })?;
    value.set_sensitive(true);
    Ok(value)
}

/// How many bytes of a name are taken.
const MAX_NAME: usize = 256;

/// The name of the user in a value of `Authorization`, if it has one in the open: `Basic`, with user and password in Base64
/// (RFC 7617 §2). Nobody has checked it.
#[must_use]
pub fn user_name(value: &HeaderValue) -> Option<String> {
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let name = decoded.get(..decoded.iter().position(|byte| *byte == b':')?)?;
    let name = name.get(..name.len().min(MAX_NAME))?;
    Some(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read_text(text: &str) -> Result<HeaderValue, CredentialsError> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("it is written");
        read(file.path())
    }

    #[test]
    fn a_line_with_a_scheme_is_a_value_that_is_not_shown() {
        let value = read_text("  ApiKey bm90OnRydWU=\n").expect("a value");
        assert_eq!(value, "ApiKey bm90OnRydWU=");
        assert_eq!(format!("{value:?}"), "Sensitive");
    }

    #[test]
    fn anything_else_is_refused_and_never_quoted() {
        let long = format!("ApiKey {}", "hunter2".repeat(10_000));
        for text in [
            "",
            "\n",
            "hunter2",
            "Basic hunter2\nBasic b",
            "Basic hunter2\u{1}",
            &long,
        ] {
            let error = read_text(text).expect_err("no value").to_string();
            assert!(
                error.contains("does not hold a value") && !error.contains("hunter2"),
                "{error}"
            );
        }
        let missing = read(Path::new("/nowhere")).expect_err("no file");
        assert!(missing.to_string().starts_with("/nowhere cannot be read"));
    }

    #[test]
    fn a_name_is_what_comes_before_the_password() {
        let name = |text: &str| user_name(&HeaderValue::from_str(text).expect("a value"));
        assert_eq!(name("Basic YWRhOnNlY3JldA==").as_deref(), Some("ada"));
        assert_eq!(name("basic YWRhOg==").as_deref(), Some("ada"));
        for text in [
            "Basic YWRh",
            "Basic !",
            "Basic",
            "ApiKey YWRhOnNlY3JldA==",
            "Bearer a.b:c",
        ] {
            assert_eq!(name(text), None, "{text}");
        }
    }
}
