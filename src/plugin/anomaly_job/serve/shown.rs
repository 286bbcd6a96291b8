//! A job as a client wants to see it: with its datafeed, or without what a server has made of it (jobs-api.md §1.3, §1.4).

use super::super::datafeed::companion;
use crate::xcontent::json::{Document, Node, Token};

/// What `exclude_generated` leaves out.
const GENERATED: [&str; 10] = [
    "job_type",
    "job_version",
    "create_time",
    "create_time_string",
    "finished_time",
    "finished_time_string",
    "model_snapshot_id",
    "model_snapshot_min_version",
    "deleting",
    companion::MEMBER,
];

/// Which of the members of `custom_settings` it leaves out.
const CREATED_BY: &str = "created_by";

/// What comes after the datafeed in a job: the first of these that it has, and it has the last one.
const AFTER_DATAFEED: [&str; 3] = ["groups", "description", "analysis_config"];

/// What a datafeed has only where it is stored.
const ONLY_STORED: [&str; 2] = ["config_type", "create_time"];

/// A job, JSON on one line, without what is generated.
pub(super) fn without_generated(job: &str) -> String {
    let mut kept = Members::default();
    let document = Document::read(job.as_bytes());
    for member in document.root().into_iter().flat_map(Node::members) {
        if GENERATED.contains(&&*member.name) {
            continue;
        }
        if member.name == "custom_settings" && member.value.token() == Token::Object {
            let settings = without(member.value, &[CREATED_BY]);
            kept.add(&member.name, &settings);
        } else {
            kept.add(&member.name, member.value.raw());
        }
    }
    kept.finish()
}

/// A job, JSON on one line, with its datafeed as it is stored.
pub(super) fn with_datafeed(job: &str, datafeed: Node<'_>) -> String {
    let datafeed = without(datafeed, &ONLY_STORED);
    let mut datafeed = Some(datafeed);
    let mut members = Members::default();
    let document = Document::read(job.as_bytes());
    for member in document.root().into_iter().flat_map(Node::members) {
        if AFTER_DATAFEED.contains(&&*member.name)
            && let Some(datafeed) = datafeed.take()
        {
            members.add(companion::MEMBER, &datafeed);
        }
        members.add(&member.name, member.value.raw());
    }
    members.finish()
}

/// An object without some of its members.
fn without(object: Node<'_>, names: &[&str]) -> String {
    let mut kept = Members::default();
    for member in object.members().filter(|member| !names.contains(&&*member.name)) {
        kept.add(&member.name, member.value.raw());
    }
    kept.finish()
}

/// An object that is written member by member.
#[derive(Debug, Default)]
struct Members(String);

impl Members {
    fn add(&mut self, name: &str, value: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push_str(&serde_json::Value::from(name).to_string());
        self.0.push(':');
        self.0.push_str(value);
    }

    fn finish(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = concat!(
        r#"{"job_id":"j","job_type":"anomaly_detector","create_time_string":"x","create_time":1,"deleting":true,"#,
        r#""custom_settings":{"a\n":1.00,"created_by":"x"},"description":"d","analysis_config":{"deleting":1},"blocked":{}}"#
    );

    #[test]
    fn what_is_generated_is_left_out_and_nothing_else() {
        let expected = r#"{"job_id":"j","custom_settings":{"a\n":1.00},"description":"d","analysis_config":{"deleting":1},"blocked":{}}"#;
        assert_eq!(without_generated(JOB), expected);
        let empty = r#"{"custom_settings":{"created_by":1}}"#;
        assert_eq!(without_generated(empty), r#"{"custom_settings":{}}"#);
        assert_eq!(
            without_generated(r#"{"custom_settings":{}}"#),
            r#"{"custom_settings":{}}"#
        );
    }

    #[test]
    fn a_datafeed_stands_where_elasticsearch_has_it() {
        let stored = r#"{"datafeed_id":"d","config_type":"datafeed","create_time":7,"query":{"create_time":1.0}}"#;
        let stored = Document::read(stored.as_bytes());
        let shown = with_datafeed(JOB, stored.root().expect("an object"));
        let expected = JOB.replace(
            r#""description""#,
            r#""datafeed_config":{"datafeed_id":"d","query":{"create_time":1.0}},"description""#,
        );
        assert_eq!(shown, expected);
    }
}
