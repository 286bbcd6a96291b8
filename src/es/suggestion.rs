//! "Did you mean": known names that are close to an unknown one, as Elasticsearch measures it.

use std::cmp::Ordering;

use crate::xcontent::utf16;

/// The names that are like `unknown`, most alike first.
#[must_use]
pub fn close<'n>(unknown: &str, known: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut close: Vec<(f32, &str)> = known
        .map(|name| (similarity(unknown, name), name))
        .filter(|(similarity, _)| *similarity > 0.5)
        .collect();
    close.sort_by(|(left, left_name), (right, right_name)| {
        right
            .partial_cmp(left)
            .unwrap_or(Ordering::Equal)
            .then_with(|| left_name.cmp(right_name))
    });
    close.into_iter().map(|(_, name)| name).collect()
}

/// 1 for equal names, 0 for names without a letter in common.
fn similarity(left: &str, right: &str) -> f32 {
    // A name far longer than a known one is not like it; comparing the two would cost their product.
    if left.len() > 8 * right.len() {
        return 0.0;
    }
    // What Java counts as characters.
    let (left, right): (Vec<u16>, Vec<u16>) = (utf16::units(left).collect(), utf16::units(right).collect());
    let longest = left.len().max(right.len());
    if longest == 0 {
        return 1.0;
    }
    let distance = strsim::generic_levenshtein(&left, &right);
    #[allow(clippy::cast_precision_loss, reason = "names are short")]
    let share = distance as f32 / longest as f32;
    1.0 - share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_that_are_close() {
        let known = ["analysis_config", "analysis_limits", "groups"];
        assert_eq!(
            close("analysis_config2", known.into_iter()),
            ["analysis_config", "analysis_limits"]
        );
        // As Elasticsearch 7.17.28 and 9.5.3 have it, with a character of two units.
        let known_of_analysis = ["categorization_field_name", "categorization_filters"];
        assert_eq!(
            close("ca\u{259EF}rization_fild_nameg", known_of_analysis.into_iter()),
            known_of_analysis
        );
        assert_eq!(close("group", known.into_iter()), ["groups"]);
        assert!(close("foo", known.into_iter()).is_empty());
        assert!(close(&"x".repeat(1_000_000), known.into_iter()).is_empty());
    }
}
