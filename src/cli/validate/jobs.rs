//! Finds the jobs in a value: it is one, or what people keep jobs in.
//!
//! | what | where its jobs are |
//! |---|---|
//! | a job, or a list of them | there |
//! | Kibana's export | `job` of each element |
//! | the answer of `GET _ml/anomaly_detectors` | `jobs` |
//! | a module of Kibana or an integration | `config` of each of `jobs`, perhaps in `attributes` |
//! | a dump of an index, or the answer to a search | `_source` |
//! | a plan or a state of Terraform, as JSON | [`super::terraform`] |

use super::found::{Body, Found};
use super::terraform;
use crate::admission::policy::defaults::below;
use crate::xcontent::json::{Node, Token};

/// How deep what is kept in something may be.
const MAX_DEPTH: usize = 16;

/// What was found in a value.
#[derive(Debug, Default)]
pub(super) struct Finds<'a> {
    pub(super) jobs: Vec<Found<'a>>,
    /// It is something that jobs are kept in, or beside.
    pub(super) is_known: bool,
    /// Values that are nothing known, and where they are: perhaps jobs with a mistake.
    pub(super) unknown: Vec<(String, Node<'a>)>,
}

/// What is found in a value.
pub(super) fn find(root: Node<'_>) -> Finds<'_> {
    let mut finds = Finds::default();
    finds.look_into(root, String::new(), 0);
    finds
}

/// Whether a value is something that jobs are kept in, as far as its first names say it.
pub(super) fn is_container(root: Node<'_>) -> bool {
    let names = [
        "jobs",
        "hits",
        "responses",
        "_source",
        "attributes",
        "job",
        "resource_changes",
        "planned_values",
    ];
    root.token() == Token::Array || names.iter().any(|name| root.member(name).is_some())
}

/// The texts by which dumps, exports and lists of data speak of what is no job.
const NO_JOBS: [&str; 6] = [
    "datafeed_id",
    "exportedCount",
    "exported_count",
    "filter_id",
    "calendar_id",
    "errors",
];

impl<'a> Finds<'a> {
    fn look_into(&mut self, node: Node<'a>, pointer: String, depth: usize) {
        if depth > MAX_DEPTH {
            self.unknown.push((pointer, node));
            return;
        }
        let inside = |name: &str| node.member(name);
        let object = |name: &str| inside(name).filter(|node| node.token() == Token::Object);
        let list = |name: &str| inside(name).filter(|node| node.token() == Token::Array);
        let at = |name: &str| below(&pointer, name);
        if node.token() == Token::Array {
            self.is_known = true;
            for (place, element) in node.elements().enumerate() {
                self.look_into(element, format!("{pointer}/{place}"), depth + 1);
            }
        } else if is_job(node) {
            self.add(node, pointer, None, is_as_stored(node));
        } else if let Some(job) = object("job").filter(|job| is_job(*job)) {
            self.is_known = true;
            self.add(job, at("job"), None, is_as_stored(job));
        } else if let Some(jobs) = list("jobs") {
            self.is_known = true;
            self.add_list(jobs, &at("jobs"), depth);
        } else if let Some(attributes) = object("attributes").filter(|attributes| attributes.member("jobs").is_some()) {
            self.look_into(attributes, at("attributes"), depth + 1);
        } else if let Some(hits) = object("hits").and_then(|hits| hits.member("hits")) {
            self.look_into(hits, at("hits/hits").replace("~1", "/"), depth + 1);
        } else if let Some(responses) = list("responses") {
            self.look_into(responses, at("responses"), depth + 1);
        } else if let Some(source) = object("_source") {
            self.is_known = true;
            if is_job(source) {
                self.add(source, at("_source"), None, true);
            }
        } else if terraform::is_plan_or_state(node) {
            self.is_known = true;
            self.jobs.extend(terraform::jobs(node));
        } else if is_action(node) || NO_JOBS.iter().any(|name| inside(name).is_some()) {
            self.is_known = true;
        } else {
            self.unknown.push((pointer, node));
        }
    }

    /// The list of a module, or of an answer.
    fn add_list(&mut self, jobs: Node<'a>, pointer: &str, depth: usize) {
        for (place, element) in jobs.elements().enumerate() {
            let pointer = format!("{pointer}/{place}");
            let id = element
                .member("id")
                .and_then(Node::as_text)
                .map(std::borrow::Cow::into_owned);
            if let Some(config) = element
                .member("config")
                .filter(|config| config.token() == Token::Object)
            {
                self.add(config, below(&pointer, "config"), id, is_as_stored(config));
            } else if is_job(element) {
                self.add(element, pointer, id, is_as_answered(element));
            } else if element.member("file").is_none() {
                // A module's manifest only names files.
                self.look_into(element, pointer, depth + 1);
            }
        }
    }

    fn add(&mut self, node: Node<'a>, pointer: String, id: Option<String>, is_stored: bool) {
        self.jobs.push(Found {
            pointer,
            body: Body::Part(node),
            id,
            is_stored,
            exists: false,
        });
    }
}

/// Whether an object has what every job has to have, or one half of it.
pub(super) fn is_job(node: Node<'_>) -> bool {
    node.member("analysis_config").is_some() || node.member("data_description").is_some()
}

/// Whether a job has both of the fields that every server sets on every job, which a body to send has not.
fn is_as_stored(node: Node<'_>) -> bool {
    node.member("create_time").is_some() && node.member("job_version").is_some()
}

/// Whether a job of a list has any of the fields that a server adds.
fn is_as_answered(node: Node<'_>) -> bool {
    ["create_time", "job_version", "job_type"]
        .iter()
        .any(|name| node.member(name).is_some())
}

/// Whether it is a line of a bulk request that says what the next one is for.
fn is_action(node: Node<'_>) -> bool {
    let mut members = node.members();
    let (Some(only), None) = (members.next(), members.next()) else {
        return false;
    };
    let names_document = ["_id", "_index"].iter().any(|name| only.value.member(name).is_some());
    matches!(only.name.as_ref(), "index" | "create" | "delete" | "update") && names_document
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xcontent::json::Document;

    const JOB: &str = r#"{"analysis_config":{"detectors":[{"function":"count"}]},"data_description":{}}"#;

    /// A job that was found: its pointer, the id that is around it, and whether a server keeps it.
    type Seen = (String, Option<String>, bool);

    /// The jobs in a text, and the pointers of what is nothing known.
    fn found(text: &str) -> (Vec<Seen>, Vec<String>) {
        let text = text.replace("JOB", JOB);
        let document = Document::read(text.as_bytes());
        let finds = find(document.root().expect("a value"));
        let jobs = finds
            .jobs
            .into_iter()
            .map(|found| (found.pointer, found.id, found.is_stored));
        (
            jobs.collect(),
            finds.unknown.into_iter().map(|(pointer, _)| pointer).collect(),
        )
    }

    fn pointers(text: &str) -> Vec<String> {
        let (jobs, unknown) = found(text);
        assert!(unknown.is_empty(), "{text}: {unknown:?}");
        jobs.into_iter().map(|(pointer, ..)| pointer).collect()
    }

    #[test]
    fn jobs_are_found_where_people_keep_them() {
        for (text, expected) in [
            ("JOB", &[""][..]),
            ("[JOB, JOB]", &["/0", "/1"]),
            (r#"[{"job": JOB, "datafeed": {"datafeed_id": "d"}}]"#, &["/0/job"]),
            (r#"{"count": 1, "jobs": [JOB]}"#, &["/jobs/0"]),
            (
                r#"{"id": "m", "jobs": [{"id": "a", "config": JOB}]}"#,
                &["/jobs/0/config"],
            ),
            (
                r#"{"attributes": {"title": "t", "jobs": [{"id": "a", "config": JOB}]}, "type": "ml-module"}"#,
                &["/attributes/jobs/0/config"],
            ),
            (
                r#"{"_index": ".ml-config", "_id": "anomaly_detector-a", "_source": JOB}"#,
                &["/_source"],
            ),
            (
                r#"{"hits": {"hits": [{"_source": JOB}, {"_source": {"datafeed_id": "x"}}]}}"#,
                &["/hits/hits/0/_source"],
            ),
            (
                r#"{"responses": [{"hits": {"hits": [{"_source": JOB}]}}]}"#,
                &["/responses/0/hits/hits/0/_source"],
            ),
            (r#"{"index": {"_id": "anomaly_detector-a"}}"#, &[]),
            (r#"{"id": "m", "jobs": [{"id": "a", "file": "a.json"}]}"#, &[]),
        ] {
            assert_eq!(pointers(text), expected, "{text}");
        }
    }

    #[test]
    fn the_id_may_be_around_a_job() {
        let (jobs, _) = found(r#"{"jobs": [{"id": "a", "config": JOB}]}"#);
        assert_eq!(jobs[0].1.as_deref(), Some("a"));
    }

    #[test]
    fn a_job_as_a_server_shows_it_is_told_from_one_to_send() {
        let stored = JOB.replace("{\"analysis", r#"{"create_time":1,"job_version":"9.0.0","analysis"#);
        assert!(found(&stored).0[0].2);
        assert!(!found("JOB").0[0].2);
        let alone = JOB.replace("{\"analysis", r#"{"create_time":1,"analysis"#);
        assert!(!found(&alone).0[0].2, "one field alone is a mistake in a body");
        assert!(found(r#"{"_source": JOB}"#).0[0].2);
    }

    #[test]
    fn what_is_nothing_known_is_not_passed_over() {
        assert_eq!(found(r#"[{"a": 1}, 5]"#).1, ["/0", "/1"]);
        assert_eq!(found(r#"{"analysis_cofig": {}}"#).1, [""]);
    }
}
