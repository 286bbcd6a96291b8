//! What is brought back from a snapshot: the protected index must not be among it, nor anything under its name.

use crate::guard::names::Search;
use crate::guard::reason::{Reason, Unjudged};
use crate::xcontent::json::{Node, Token};

/// Judges the body of a restore.
pub(super) fn judge(root: Node<'_>, search: &mut Search<'_>) -> Result<(), Reason> {
    // Without names, or with exclusions only, everything is brought back.
    let Some(indices) = root.member("indices").filter(|indices| has_name(*indices)) else {
        return Err(Unjudged::Restore.into());
    };
    super::names_in(indices, search)?;
    if let Some(features) = root.member("feature_states") {
        super::names_in(features, search)?;
    }
    // With the state of the cluster come templates and pipelines, which nobody sees here.
    let has_state = |state: Node<'_>| super::text_of(state).is_none_or(|text| text != "false");
    if root.member("include_global_state").is_some_and(has_state) {
        return Err(Unjudged::Restore.into());
    }
    for (pattern, replacement) in [
        ("rename_pattern", "rename_replacement"),
        ("rename_alias_pattern", "rename_alias_replacement"),
    ] {
        if root.member(pattern).is_some() {
            let replacement = root
                .member(replacement)
                .and_then(super::text_of)
                .ok_or(Unjudged::Restore)?;
            search.pattern(&renamed(&replacement))?;
        }
    }
    Ok(())
}

fn has_name(indices: Node<'_>) -> bool {
    if indices.token() == Token::Array {
        return indices.elements().next().is_some();
    }
    indices.as_text().is_some()
}

/// What a name may become of which a part is replaced: anything with the replacement in it, where `$1` and `${name}` stand
/// for parts of the name, and a backslash makes what follows it a character.
fn renamed(replacement: &str) -> String {
    let mut pattern = String::from("*");
    let mut characters = replacement.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => pattern.extend(characters.next()),
            '$' => {
                pattern.push('*');
                if characters.next_if_eq(&'{').is_some() {
                    characters.by_ref().find(|end| *end == '}');
                }
                // How many digits are the number of a group depends on how many groups there are.
                if characters.next_if(char::is_ascii_digit).is_some()
                    && characters.peek().is_some_and(char::is_ascii_digit)
                {
                    while characters.next_if(char::is_ascii_digit).is_some() {}
                }
            }
            other => pattern.push(other),
        }
    }
    pattern + "*"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_becomes_a_pattern() {
        for (replacement, pattern) in [
            ("restored-$1", "*restored-**"),
            ("$1-x", "**-x*"),
            ("${name}x", "**x*"),
            ("a\\$1", "*a$1*"),
            ("$12a", "**a*"),
            ("", "**"),
        ] {
            assert_eq!(renamed(replacement), pattern);
        }
    }
}
