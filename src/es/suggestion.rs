//! "Did you mean": known names that are close to an unknown one, as Elasticsearch measures it.

use std::cmp::Ordering;

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
    let longest = left.chars().count().max(right.chars().count());
    if longest == 0 {
        return 1.0;
    }
    #[allow(clippy::cast_precision_loss, reason = "names are short")]
    let share = strsim::levenshtein(left, right) as f32 / longest as f32;
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
        assert_eq!(close("group", known.into_iter()), ["groups"]);
        assert!(close("foo", known.into_iter()).is_empty());
        assert!(close(&"x".repeat(1_000_000), known.into_iter()).is_empty());
    }
}
