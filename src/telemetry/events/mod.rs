//! What happens while the gateway runs, as far as those who run it should know. Each happening has one type: it writes the
//! line of the log, and it is what counts in the metrics. No line of `INFO` or above is written elsewhere.

pub(crate) mod audit;
pub(crate) mod cluster;
pub(crate) mod files;
pub(crate) mod life;
pub(crate) mod limits;
pub(crate) mod nodes;
pub(crate) mod policies;
pub(crate) mod requests;

use super::event::Declared;

/// All of them, by subject.
pub fn all() -> impl Iterator<Item = &'static Declared> {
    let subjects = [
        requests::EVENTS,
        policies::EVENTS,
        nodes::EVENTS,
        limits::EVENTS,
        files::EVENTS,
        cluster::EVENTS,
        audit::EVENTS,
        life::EVENTS,
    ];
    subjects.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::telemetry::{families, log_filter};

    #[test]
    fn events_are_distinct_and_of_known_parts_of_the_program() {
        let metrics: Vec<_> = families::all().map(|family| family.name).collect();
        let mut lines = BTreeSet::new();
        for event in all() {
            assert!(lines.insert((event.level, event.message)), "{} twice", event.message);
            let filter = format!("{}=debug", event.target);
            assert!(log_filter::parse(&filter).is_ok(), "{filter}");
            assert!(event.meaning.ends_with('.'), "{}", event.message);
            for metric in event.counted_by {
                assert!(metrics.contains(metric), "{metric}");
            }
        }
    }
}
