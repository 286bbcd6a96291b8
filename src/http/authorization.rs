//! Credentials of the operator's, kept in a file: the value of an `Authorization` field.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use http::HeaderValue;

/// The longest value, in bytes. Tokens of a few thousand bytes are usual.
const MAX_BYTES: u64 = 64 * 1024;

/// Reads the value, such as `ApiKey bm90OnRydWU=`. Blanks around it count for nothing. It is never shown.
pub fn read(file: &Path) -> io::Result<HeaderValue> {
    let mut text = String::new();
    File::open(file)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    let unusable = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason);
    if u64::try_from(text.len()).is_ok_and(|length| length > MAX_BYTES) {
        return Err(unusable("it is longer than 64 KiB"));
    }
    let value = text.trim();
    if value.is_empty() {
        return Err(unusable("there is nothing in it"));
    }
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| unusable("it is not one line such as `ApiKey bm90OnRydWU=` or `Basic bm90OnRydWU=`"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_value_is_read_and_anything_else_is_told_without_being_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("authorization");
        fs::write(&file, "  ApiKey bm90OnRydWU=\n").expect("a file");
        let value = read(&file).expect("a value");
        assert_eq!(value, "ApiKey bm90OnRydWU=");
        assert_eq!(format!("{value:?}"), "Sensitive");
        let long = "a".repeat(70_000);
        for (text, told) in [
            ("\n", "nothing in it"),
            ("a\nb", "not one line"),
            (long.as_str(), "64 KiB"),
        ] {
            fs::write(&file, text).expect("a file");
            let error = read(&file).expect_err(told).to_string();
            assert!(error.contains(told), "{error}");
        }
        assert!(read(&folder.path().join("nothing")).is_err());
    }
}
