//! Divides answers into words, so that of two answers that differ one can say which words do.

/// The words of a text: runs of letters, digits and `._-+/=` (identifiers, numbers, times, sizes and Base64 are one
/// each), runs of blanks, and every other byte by itself. Put together they are the text.
pub(crate) fn words(text: &[u8]) -> Vec<&[u8]> {
    text.chunk_by(|first, second| kind(*first) != Kind::Single && kind(*first) == kind(*second))
        .collect()
}

#[derive(PartialEq, Eq)]
enum Kind {
    Word,
    Blank,
    Single,
}

fn kind(byte: u8) -> Kind {
    match byte {
        b' ' => Kind::Blank,
        b'.' | b'_' | b'-' | b'+' | b'/' | b'=' => Kind::Word,
        byte if byte.is_ascii_alphanumeric() => Kind::Word,
        _ => Kind::Single,
    }
}

/// What the word at a place is about: in JSON and YAML the name before it, in a table its place in the line.
pub(crate) fn name(words: &[&[u8]], at: usize) -> String {
    let before = words.get(..at).unwrap_or_default();
    let line = before.rsplit(|word| *word == b"\n").next().unwrap_or_default();
    let is_object = words
        .iter()
        .find(|word| kind_of(word) != Kind::Blank)
        .is_some_and(|first| *first == b"{");
    if !is_object {
        let place = line.iter().filter(|word| kind_of(word) != Kind::Blank).count();
        return format!("word {place} of a line");
    }
    let named = (0..before.len()).rev().find_map(|end| json_name(before.get(..=end)?));
    named
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .unwrap_or_default()
}

fn kind_of(word: &[u8]) -> Kind {
    word.first().map_or(Kind::Single, |first| kind(*first))
}

/// The name that ends here: `"name":`, with a blank before the colon in a pretty answer.
fn json_name<'w>(words: &[&'w [u8]]) -> Option<&'w [u8]> {
    let (colon, before) = words.split_last()?;
    let mut before = before.iter().rev().filter(|word| kind_of(word) != Kind::Blank);
    let is_name = *colon == b":" && before.next().is_some_and(|quote| *quote == b"\"");
    is_name.then(|| before.next().copied()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_put_together_are_the_text() {
        let text = br#"{"took":1.5e-3,"id":"a_B-c==","t":"12:30 x"}"#;
        let words = words(text);
        assert_eq!(words.concat(), text);
        assert!(words.contains(&b"1.5e-3".as_slice()) && words.contains(&b"a_B-c==".as_slice()));
    }

    #[test]
    fn a_word_is_about_the_name_before_it() {
        let named = |text: &'static str, word: &str| {
            let words = words(text.as_bytes());
            name(
                &words,
                words.iter().position(|found| *found == word.as_bytes()).unwrap(),
            )
        };
        assert_eq!(named(r#"{"took":1,"x":[2,3]}"#, "1"), "took");
        assert_eq!(named(r#"{"took":1,"x":[2,3]}"#, "3"), "x");
        assert_eq!(named("{\n  \"took\" : 1\n}", "1"), "took");
        assert_eq!(named("a  b\nc  d\n", "d"), "word 1 of a line");
    }
}
