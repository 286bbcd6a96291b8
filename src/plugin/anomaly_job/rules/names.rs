//! Names: of fields (contract job.md §4.4), and the ids of jobs, groups and results indices (§4.5).

use crate::es::error::Exception;

use super::status;

/// Refuses what no analysed field may be called.
pub(in super::super) fn check_field_name(name: Option<&str>) -> Result<(), Exception> {
    let Some(name) = name else {
        return Ok(());
    };
    if name == "." {
        return Err(status(
            "the field name [.] is none that can be analysed; use that of a field with a value",
        ));
    }
    // Most names are of ASCII, of which nothing has to be decoded.
    let is_allowed = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if name.bytes().all(is_allowed) {
        return Ok(());
    }
    let is_forbidden = |character: char| matches!(character, '"' | '\\') || character.is_control();
    if name.contains(is_forbidden) {
        let reason = format!(
            "the field name [{name}] has a quotation mark, a backslash or a control \
                              character; use an alias of the field"
        );
        return Err(status(reason));
    }
    Ok(())
}

/// The most characters that a job's id may have.
pub(in super::super) const MAX_JOB_ID: usize = 64;

/// Whether a text has the form of an id: `[a-z0-9](?:[a-z0-9_\-\.]*[a-z0-9])?`.
pub(in super::super) fn is_id(text: &str) -> bool {
    let is_end = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_middle = |byte: &u8| is_end(*byte) || matches!(byte, b'_' | b'-' | b'.');
    match text.as_bytes() {
        [only] => is_end(*only),
        [first, middle @ .., last] => is_end(*first) && is_end(*last) && middle.iter().all(is_middle),
        [] => false,
    }
}

/// What an id may look like, for messages.
pub(in super::super) const ID_FORM: &str =
    "is made of a to z, 0 to 9 and, not at its ends, of dots, hyphens and underscores";

#[cfg(test)]
mod tests {
    use super::*;

    /// Contract job.md §4.5.
    #[test]
    fn knows_the_form_of_ids() {
        for id in ["a", "0", "a-b_c.d", "total-requests", "ab"] {
            assert!(is_id(id), "{id}");
        }
        for id in ["", "_all", "-a", "a-", "A", "é", "a b", ".", "a/b", "custom-", "*"] {
            assert!(!is_id(id), "{id}");
        }
    }

    /// Contract job.md §4.4.
    #[test]
    fn refuses_some_field_names() {
        for name in ["a\"b", "a\\", "a\u{1}", "\u{7f}", "\u{9f}", "."] {
            assert!(check_field_name(Some(name)).is_err(), "{name:?}");
        }
        for name in ["", "a b", "..", "é", "a.b"] {
            assert!(check_field_name(Some(name)).is_ok(), "{name:?}");
        }
    }
}
