//! Names of fields (create-job.md §4.4).

use super::super::rulebook::{Rule, Rulebook};
use crate::es::error::Exception;

/// Refuses what no analysed field may be called.
pub(in super::super) fn check_field_name(name: Option<&str>, rules: &Rulebook) -> Result<(), Exception> {
    let Some(name) = name else {
        return Ok(());
    };
    if rules.row(Rule::FieldNameWord).is_some_and(|row| row.has_word(name)) {
        rules.refuse(Rule::FieldNameWord, &[("name", &name)])?;
    }
    let characters = rules.row(Rule::FieldNameCharacters).map(|row| &row.characters);
    if characters.is_some_and(|characters| characters.are_in(name)) {
        rules.refuse(Rule::FieldNameCharacters, &[("name", &name)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::rulebook::tests::rulebook;
    use super::*;
    use crate::es::version::Version;

    /// create-job.md §4.5.
    #[test]
    fn knows_the_form_of_ids() {
        let rules = rulebook(Version::BASE);
        let ids = [Rule::JobId, Rule::JobGroup, Rule::JobResultsIndexName].map(|rule| rules.row(rule).expect("a row"));
        for row in ids {
            for id in ["a", "0", "a-b_c.d", "total-requests", "ab"] {
                assert!(row.has_form(id), "{id}");
            }
            for id in [
                "", "_all", "-a", "a-", "A", "é", "a b", ".", "a/b", "custom-", "*", "a\n",
            ] {
                assert!(!row.has_form(id), "{id}");
            }
        }
    }

    /// create-job.md §4.4.
    #[test]
    fn refuses_some_field_names() {
        let rules = rulebook(Version::BASE);
        for name in ["a\"b", "a\\", "a\u{1}", "\u{7f}", "\u{9f}", "."] {
            assert!(check_field_name(Some(name), rules).is_err(), "{name:?}");
        }
        for name in ["", "a b", "..", "é", "a.b"] {
            assert!(check_field_name(Some(name), rules).is_ok(), "{name:?}");
        }
    }
}
