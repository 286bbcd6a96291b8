//! Jobs beside those of a cluster: a real one, and ones of a version.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{good, plan, validate};
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;
use crate::support::stand_in::{StandIn, with_fields};

fn categorizing(id: &str, tokenizer: &str) -> String {
    let detector = r#"{"function":"count","by_field_name":"mlcategory"}"#;
    let analyzer =
        format!(r#""categorization_field_name":"m","categorization_analyzer":{{"tokenizer":"{tokenizer}"}}"#);
    good(id)
        .replace(r#"{"function":"count"}"#, detector)
        .replace("\"detectors\"", &format!("{analyzer},\"detectors\""))
}

/// On the real node the job that was stored is in the way, and only the tokenizers that it has can be used.
#[test]
fn jobs_are_compared_with_those_of_a_cluster() {
    let index = node::fresh_id("against");
    let url = node::shared_url();
    let gateway = Gateway::with(&[url], &["--jobs-index", &index]);
    let mut stored: Value = serde_json::from_str(&job::smallest()).expect("JSON");
    stored["groups"] = json!(["stored-group"]);
    assert_eq!(gateway.create_job("stored", &stored.to_string()).status(), 200);
    let refreshed = gateway.call("POST", &format!("/{index}/_refresh"), "");
    assert_eq!(refreshed.status(), 200);

    let jobs = [
        good("stored"),
        good("stored-group"),
        good("fine"),
        categorizing("known", "whitespace"),
        categorizing("unknown", "no_such_tokenizer"),
    ];
    let file = jobs.join("\n");
    let (code, stdout, stderr) = validate(
        &[("jobs.ndjson", &file)],
        &["jobs.ndjson", "--against", url, "--jobs-index", &index],
    );
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
    assert_snapshot!(stdout, @r"
    jobs.ndjson:1:1: job [stored] is refused
      error: the id [stored] is in use: there is a job of that id in the cluster; choose another id
    jobs.ndjson:2:1: job [stored-group] is refused
      error: the id [stored-group] is in use: the job [stored] in the cluster is in a group of that name; choose another id
    jobs.ndjson:5:1: job [unknown] is refused
      error: the cluster cannot make [categorization_analyzer]: failed to find global tokenizer under [no_such_tokenizer]; use one that its `POST _analyze` accepts
    2 admitted, 3 refused
    ");
    // Alone, they are compared with each other, and analyzers are not looked up.
    let (code, stdout, _) = validate(&[("jobs.ndjson", &file)], &["jobs.ndjson"]);
    assert_eq!(code, Some(0));
    assert_snapshot!(stdout, @r"
    5 admitted, 0 refused
    note: of 2 jobs, the analyzer, tokenizers and filters that [categorization_analyzer] names were not looked up: a gateway asks its cluster for them, and so does `validate --against`
    ");
}

/// Where the configuration says that the cluster creates jobs itself, its own are compared with; the version that is
/// judged as is the cluster's, too.
#[test]
fn where_the_cluster_creates_jobs_its_own_are_compared_with() {
    let shown = r#"{"jobs":[{"job_id":"native","job_type":"anomaly_detector","groups":["ours"]}]}"#;
    let cluster = StandIn::answering("7.0.0", move |(line, _)| {
        line.starts_with("GET /_ml/anomaly_detectors?")
            .then(|| with_fields("200 OK", &[], shown))
    });
    let newer = good("newer").replace(
        "{\"job_id\"",
        "{\"daily_model_snapshot_retention_after_days\":1,\"job_id\"",
    );
    let file = format!("{}\n{}\n{newer}\n", good("native"), good("ours"));
    let files = [
        ("jobs.ndjson", file.as_str()),
        ("gateway.yml", "jobs: { commit: forward }\n"),
    ];
    let (code, stdout, stderr) = validate(
        &files,
        &["jobs.ndjson", "--config", "gateway.yml", "--against", cluster.url()],
    );
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
    assert_snapshot!(stdout, @r"
    jobs.ndjson:1:1: job [native] is refused
      error: the id [native] is in use: there is a job of that id in the cluster; choose another id
    jobs.ndjson:2:1: job [ours] is refused
      error: the id [ours] is in use: the job [native] in the cluster is in a group of that name; choose another id
    jobs.ndjson:3:1: job [newer] is refused
      error: [3:2] [job_details] unknown field [daily_model_snapshot_retention_after_days], parser not found
    0 admitted, 3 refused
    ");
}

/// Without an answer nothing is said of any job.
#[test]
fn a_cluster_that_does_not_answer_leaves_jobs_unjudged() {
    let file = good("a");
    for (script, expected) in [
        ("GET / ", "the cluster's version is not known"),
        ("GET /anomaly%2Ddetectors ", "the stored jobs cannot be read"),
        (
            "POST /_analyze ",
            "the cluster did not say whether it can build an analyzer",
        ),
    ] {
        let cluster = StandIn::answering("8.17.0", move |(line, _)| {
            line.starts_with(script)
                .then(|| with_fields("500 Internal Server Error", &[], "{}"))
        });
        let file = format!("{file}\n{}\n", categorizing("b", "odd"));
        let (code, stdout, stderr) = validate(&[("jobs.ndjson", &file)], &["jobs.ndjson", "--against", cluster.url()]);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{script}");
        assert!(stderr.contains(expected), "{stderr}");
    }
}

/// A job that Terraform only changes is there already, under its own id.
#[test]
fn a_job_that_is_changed_is_not_in_its_own_way() {
    let shown = r#"{"jobs":[{"job_id":"native","job_type":"anomaly_detector"}]}"#;
    let cluster = StandIn::answering("8.17.0", move |(line, _)| {
        line.starts_with("GET /_ml/anomaly_detectors?")
            .then(|| with_fields("200 OK", &[], shown))
    });
    for (action, expected) in [("update", 0), ("no-op", 0), ("create", 1)] {
        let plan = plan(&[(action, &good("native"))]);
        let files = [
            ("plan.json", plan.as_str()),
            ("gateway.yml", "jobs: { commit: both }\n"),
        ];
        let arguments = ["plan.json", "--config", "gateway.yml", "--against", cluster.url()];
        let (code, stdout, _) = validate(&files, &arguments);
        assert_eq!(code, Some(expected), "{action}: {stdout}");
    }
}
