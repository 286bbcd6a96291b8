//! When a test is run: on which versions, by a runner that knows what, on a server that can what.

use serde_json::Value;

use crate::{stash::plain, step::list};

/// What this runner knows of what the vendors' runners have learnt after their first version. Not among them:
/// `spi_on_classpath_jdk9`, which is about a test's own Java classes.
const KNOWN: [&str; 14] = [
    "allowed_warnings",
    "arbitrary_key",
    "catch_unauthorized",
    "contains",
    "default_shards",
    "embedded_stash_key",
    "headers",
    "node_selector",
    "regex",
    "stash_in_key",
    "stash_in_path",
    "transform_and_set",
    "warnings",
    "yaml",
];

/// The condition of a section; without one it is always run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Condition {
    skipped_versions: Option<String>,
    runner_features: Vec<String>,
    server_features: Vec<String>,
    reason: String,
}

impl Condition {
    /// Takes a step that is a condition: `skip`, or `requires` with what the server has to have.
    pub(crate) fn read(&mut self, step: &str, value: &Value) -> bool {
        let at = |name: &str| value.get(name);
        match step {
            "skip" => {
                self.skipped_versions = at("version").map(plain);
                self.runner_features = at("features").map(list).unwrap_or_default();
            }
            "requires" => self.server_features = at("cluster_features").map(list).unwrap_or_default(),
            _ => return false,
        }
        self.reason = at("reason").map(plain).unwrap_or_default();
        true
    }

    /// Why a section is not run on a server of this version with these features, if it is not.
    pub(crate) fn reason_to_skip(&self, version: &str, features: &[String]) -> Option<String> {
        let unknown = self
            .runner_features
            .iter()
            .find(|feature| !KNOWN.contains(&feature.as_str()));
        if let Some(feature) = unknown {
            return Some(format!("the runner does not know {feature}"));
        }
        if let Some(feature) = self.server_features.iter().find(|feature| !features.contains(feature)) {
            return Some(format!("the server has no {feature}: {}", self.reason));
        }
        let is_skipped = self
            .skipped_versions
            .as_ref()
            .is_some_and(|ranges| is_in(version, ranges));
        is_skipped.then(|| format!("not on {version}: {}", self.reason))
    }
}

/// Whether a version is in one of some ranges: `1.0.0 - 2.3.99, 3.0.0 - ` or `all`.
pub(crate) fn is_in(version: &str, ranges: &str) -> bool {
    ranges.split(',').map(str::trim).any(|range| {
        if range == "all" {
            return true;
        }
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (first.trim(), last.trim());
        let version = numbers(version);
        (first.is_empty() || numbers(first) <= version) && (last.is_empty() || version <= numbers(last))
    })
}

/// The first three numbers; a qualifier such as `beta1` does not count. Majors from 5 on are those of Elasticsearch,
/// which come before OpenSearch's own.
fn numbers(version: &str) -> (bool, Vec<u32>) {
    let numbers = version.split('.').take(3).map_while(|number| number.parse().ok());
    let numbers: Vec<u32> = numbers.collect();
    let is_opensearch = numbers.first().is_some_and(|major| *major < 5);
    (is_opensearch, numbers)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_range_may_be_open_at_either_end() {
        for (ranges, holds) in [
            (" - 2.7.99", false),
            ("3.0.0 -", true),
            (" - 2.3.99 , 3.8.0 - ", true),
            ("3.8.1 - 3.9.0", false),
            ("7.4.0 - ", true),
            (" - 7.99.99", false),
            ("all", true),
        ] {
            assert_eq!(is_in("3.8.0", ranges), holds, "{ranges}");
        }
    }

    #[test]
    fn a_section_is_skipped_where_something_is_missing() {
        let mut condition = Condition::default();
        assert!(condition.read("skip", &json!({"features": ["headers", "regex"]})));
        assert!(condition.read("requires", &json!({"cluster_features": "anomaly_jobs", "reason": "r"})));
        assert!(!condition.read("do", &json!({})));
        assert!(
            condition
                .reason_to_skip("3.8.0", &["anomaly_jobs".to_owned()])
                .is_none()
        );
        assert!(condition.reason_to_skip("3.8.0", &[]).is_some());
    }
}
