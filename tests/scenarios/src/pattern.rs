//! The regular expressions of the tests. They are written for Java's, from which those here differ in one thing.

use anyhow::Context;
use fancy_regex::Regex;

/// Whether blanks and comments in an expression count, which they do in those of `catch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blanks {
    Count,
    Ignored,
}

/// What stands between two slashes, if anything does.
pub(crate) fn between_slashes(text: &str) -> Option<&str> {
    let text = text.trim();
    text.strip_prefix('/')?
        .strip_suffix('/')
        .filter(|pattern| !pattern.is_empty())
}

/// Whether the expression matches some part of a text.
pub(crate) fn is_found(pattern: &str, blanks: Blanks, text: &str) -> anyhow::Result<bool> {
    let flags = match blanks {
        Blanks::Count => "",
        Blanks::Ignored => "(?x)",
    };
    let pattern = with_javas_end(pattern);
    let regex = Regex::new(&format!("{flags}{pattern}")).with_context(|| format!("the pattern /{pattern}/"))?;
    Ok(regex.is_match(text)?)
}

/// In Java a `$` also matches before a line feed that ends the text.
fn with_javas_end(pattern: &str) -> String {
    match pattern.trim_end().strip_suffix('$') {
        Some(before) if !before.ends_with('\\') => format!("{before}\n(?:\\n?\\z)"),
        _ => pattern.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_of_a_test_is_read_as_java_reads_it() {
        let found = |pattern: &str, text| is_found(between_slashes(pattern).unwrap(), Blanks::Ignored, text).unwrap();
        assert!(found("/^ a \\s+ (b|c)++ # what follows is a comment\n $/", "a  bcb\n"));
        assert!(found("/^$/", ""));
        assert!(!found("/^ a $/", "ab"));
        assert!(found("/ a\\$/", "a$"));
        assert!(is_found("\\[a\\] is no b", Blanks::Count, "x [a] is no b").unwrap());
        assert!(!is_found("a  b", Blanks::Count, "ab").unwrap());
    }
}
