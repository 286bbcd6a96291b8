//! Patterns with stars: what the data files tell texts apart by.

/// Whether a text is what a pattern says, in which a star stands for any text, also none.
#[must_use]
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(end) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("[*] b", "[a] b", true),
            ("[*:*] [*] c", "[1:2] [x] c", true),
            ("[*:*] [*] c", "[1:2] [x] d", false),
            ("a*a", "a", false),
            ("a*b*", "acbd", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
