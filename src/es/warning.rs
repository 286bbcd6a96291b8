//! Texts of `Warning` fields, written as Elasticsearch writes them (contract http.md §2.6), and how long they become.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What Elasticsearch encodes in a warning, besides all that is not ASCII.
const UNSAFE: &AsciiSet = &CONTROLS.remove(b'\t').add(b'%');

/// What is put after a text that was cut.
const CUT: &str = "...";

/// The text as it goes between the quotation marks of a field.
#[must_use]
pub fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    utf8_percent_encode(&escaped, UNSAFE).to_string()
}

/// The text, cut so that it takes no more than about `limit` bytes of a field: one character may take twelve.
#[must_use]
pub fn within(text: &str, limit: usize) -> String {
    let mut length = 0;
    for (at, character) in text.char_indices() {
        let mut buffer = [0; 4];
        length += quoted(character.encode_utf8(&mut buffer)).len();
        if length > limit {
            return format!("{}{CUT}", text.get(..at).unwrap_or_default());
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_quoted_and_what_is_unsafe_encoded() {
        assert_eq!(quoted(r#"a "b" \ 100 %"#), r#"a \"b\" \\ 100 %25"#);
        assert_eq!(quoted("é\r\n\u{1b}"), "%C3%A9%0D%0A%1B");
    }

    #[test]
    fn a_text_is_cut_by_what_it_takes_of_the_field() {
        assert_eq!(within("abc", 3), "abc");
        assert_eq!(within("abcd", 3), "abc...");
        let emoji = "\u{1f600}".repeat(400);
        let cut = within(&emoji, 400);
        assert_eq!(cut.chars().filter(|character| *character == '\u{1f600}').count(), 33);
        assert!(quoted(&cut).len() <= 403);
    }
}
