//! How two reasons are compared: word for word where Elasticsearch's is one of its parsers' fixed formats, by the place
//! they name where it is a library's, and else by there being one, as the prose of rules is the product's own.

use crate::pattern;

const FORMATS: &str = include_str!("../data/formats.txt");

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Verbatim,
    Position,
    Prose,
}

/// Whether the product's reason does for Elasticsearch's.
pub(crate) fn agree(theirs: &str, ours: &str) -> bool {
    match form(theirs) {
        Form::Verbatim => theirs == ours,
        Form::Position => position(theirs) == position(ours) && has_words_after_position(ours),
        Form::Prose => !ours.trim().is_empty(),
    }
}

/// Whether a reason is the prose of a rule, which is the product's own.
#[must_use]
pub fn is_prose(reason: &str) -> bool {
    form(reason) == Form::Prose
}

fn form(reason: &str) -> Form {
    let formats = FORMATS.lines().filter_map(|line| line.split_once('\t'));
    for (form, format) in formats {
        if pattern::fits(format, reason) {
            return if form == "verbatim" {
                Form::Verbatim
            } else {
                Form::Position
            };
        }
    }
    Form::Prose
}

/// The `[line:column]` that a reason begins with.
fn position(reason: &str) -> Option<(u32, u32)> {
    let (line, column) = reason.strip_prefix('[')?.split_once(']')?.0.split_once(':')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

fn has_words_after_position(reason: &str) -> bool {
    reason
        .split_once(']')
        .is_some_and(|(_, words)| !words.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parsers_format_has_to_be_the_same() {
        for theirs in [
            "[1:5] [detector] unknown field [x], parser not found",
            "[1:5] [detector] unknown field [functions] did you mean [function]?",
            "[2:5] [job_details] groups doesn't support values of type: VALUE_NUMBER",
            "[1:5] [job_details] failed to parse field [analysis_config]",
            "Failed to build [analysis_config] after last required field arrived",
            "Required [detectors]",
        ] {
            assert_eq!(form(theirs), Form::Verbatim, "{theirs}");
            assert!(!agree(theirs, &theirs.replace('5', "6").to_uppercase()));
        }
    }

    #[test]
    fn a_librarys_words_are_free_at_the_same_place() {
        let theirs = "[1:20] Unexpected character ('x' (code 120))";
        assert!(agree(theirs, "[1:20] a value was expected"));
        assert!(!agree(theirs, "[1:21] a value was expected"));
        assert!(!agree(theirs, "[1:20] "));
    }

    #[test]
    fn the_prose_of_a_rule_is_free() {
        assert!(agree("Unknown function 'x'", "there is no function x"));
        assert!(!agree("Unknown function 'x'", ""));
    }
}
