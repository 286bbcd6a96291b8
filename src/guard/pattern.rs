//! Patterns in which `*` stands for any characters, as Elasticsearch matches names against them.

/// What stands for any characters. Elasticsearch knows `*` only; a reader that took `?` for a wildcard, too, would not
/// match more than this one.
const WILDCARDS: [char; 2] = ['*', '?'];

/// Whether a text is more than a name.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(WILDCARDS)
}

/// Whether a pattern matches a name. Takes time in proportion to the pattern's length, and to the square of the name's.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let is_wildcard = |byte: u8| matches!(byte, b'*' | b'?');
    // A pattern with more characters than the name has matches no name of its length, however it is cut.
    if pattern.bytes().filter(|byte| !is_wildcard(*byte)).count() > name.len() {
        return false;
    }
    let mut pieces = pattern.split(WILDCARDS);
    let Some(mut rest) = pieces.next().and_then(|start| name.strip_prefix(start)) else {
        return false;
    };
    let Some(end) = pieces.next_back() else {
        return rest.is_empty();
    };
    let Some(before_end) = rest.strip_suffix(end) else {
        return false;
    };
    rest = before_end;
    // Each piece where it comes first leaves the most to those after it.
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        match rest.find(piece) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wildcard_stands_for_any_characters_and_for_none() {
        for pattern in [
            "jobs", "*", "j*", "*s", "j*s", "**", "*jobs*", "jo*bs", "*o*b*", "j*o*b*s", "?obs", "j??s",
        ] {
            assert!(matches(pattern, "jobs"), "{pattern}");
        }
        for pattern in ["", "job", "jobs2", "*x*", "s*j", "jobs*s", "*jobsj*", "job*bs"] {
            assert!(!matches(pattern, "jobs"), "{pattern}");
        }
    }

    /// The definition, word for word.
    fn reference(pattern: &[u8], name: &[u8]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            ([b'*', rest @ ..], _) => reference(rest, name) || (!name.is_empty() && reference(pattern, &name[1..])),
            ([first, pattern @ ..], [same, name @ ..]) if first == same => reference(pattern, name),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab*]{0,8}", name in "[ab]{0,8}") {
            prop_assert_eq!(matches(&pattern, &name), reference(pattern.as_bytes(), name.as_bytes()));
        }
    }
}
