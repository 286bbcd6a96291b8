//! Credentials that an operator has put into a file: the value of `Authorization` for calls that are not a client's.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use http::HeaderValue;

use crate::es::caller::Caller;

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

/// The caller whose `Authorization` is in this file.
pub fn read_credentials(path: &Path) -> Result<Caller, CredentialsError> {
    let text = fs::read_to_string(path).map_err(|source| CredentialsError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let value = text.trim();
    // A scheme and what goes with it (RFC 9110 §11.4): a file that holds less is a mistake that every call would show.
    let value = value.split_once(' ').and_then(|_| HeaderValue::from_str(value).ok());
    let value = value.ok_or_else(|| CredentialsError::NotAValue { path: path.to_owned() })?;
    Ok(Caller::authorized_by(value))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(text: &str) -> Result<Caller, CredentialsError> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("it is written");
        read_credentials(file.path())
    }

    #[test]
    fn a_line_with_a_scheme_is_a_value() {
        let caller = read("ApiKey abc\n").expect("a value");
        assert_eq!(caller.headers()["authorization"], "ApiKey abc");
    }

    #[test]
    fn anything_else_is_refused_and_never_quoted() {
        for text in ["", "\n", "hunter2", "Basic a\nBasic b", "Basic \u{1}"] {
            let error = read(text).expect_err("no value").to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
        let missing = read_credentials(Path::new("/nowhere")).expect_err("no file");
        assert!(missing.to_string().starts_with("/nowhere cannot be read"));
    }
}
