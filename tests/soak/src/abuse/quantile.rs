//! Reads a time off a sample, which is how all of these measurements are summed up.

use std::time::Duration;

/// The time that this part of them took at most, 0 to 1; none at all if there are none.
#[must_use]
pub(super) fn quantile(times: impl IntoIterator<Item = Duration>, part: f64) -> Duration {
    let mut times: Vec<Duration> = times.into_iter().collect();
    times.sort_unstable();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a place in a list of a few thousand"
    )]
    let place = (times.len() as f64 * part) as usize;
    let last = times.len().saturating_sub(1);
    times.get(place.min(last)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_times_is_no_longer_than_its_quantile() {
        let times = || (1..=100).rev().map(Duration::from_millis);
        assert_eq!(quantile(times(), 0.5), Duration::from_millis(51));
        assert_eq!(quantile(times(), 0.99), Duration::from_millis(100));
        assert_eq!(quantile(times(), 1.0), Duration::from_millis(100));
        assert_eq!(quantile([], 0.5), Duration::ZERO);
    }
}
