//! What is for a real node to say.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::{chain, job_of};
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;
use crate::support::wire::Answer;

/// A job whose rule has a condition with this value.
fn job_of_rule(value: &Value) -> Value {
    let condition = json!({"applies_to": "actual", "operator": "gt", "value": value});
    let rules = json!([{"conditions": [condition]}]);
    job_of(&json!({"function": "mean", "field_name": "m", "custom_rules": rules}))
}

/// The node finds a deleted job until its index is refreshed, and knows at once that it is not there
/// (elastic/kibana#44652).
#[test]
fn a_job_that_was_just_deleted_is_in_nobodys_way() {
    let index = node::fresh_id("deleted");
    let gateway = Gateway::with(&[node::shared_url()], &["--jobs-index", &index]);
    let done = |method: &str, target: &str, body: &str| {
        let answer = gateway.call(method, target, body);
        assert_eq!(answer.status(), 200, "{method} {target}: {}", answer.text());
        answer.json()
    };
    let create = |id: &str, groups: &[&str]| {
        let mut body: Value = serde_json::from_str(&job::smallest()).expect("JSON");
        body["groups"] = json!(groups);
        gateway.create_job(id, &body.to_string())
    };
    assert_eq!(create("first", &["team"]).status(), 200);
    let settings = json!({"index": {"refresh_interval": "30s"}}).to_string();
    done("PUT", &format!("/{index}/_settings"), &settings);
    let delete = |id: &str| {
        done("DELETE", &format!("/{index}/_doc/anomaly_detector-{id}"), "");
        let found = done("GET", &format!("/{index}/_search?q=job_id:{id}"), "");
        assert_eq!(
            found["hits"]["total"]["value"], 1,
            "the search has not seen it: {found}"
        );
    };

    delete("first");
    let again = create("first", &["team"]);
    assert_eq!(again.status(), 200, "the id is free: {}", again.text());
    assert_eq!(create("first", &[]).status(), 400, "and taken again");
    assert_eq!(create("team", &[]).status(), 400, "as is the group");
    delete("first");
    let named_as_group = create("team", &[]);
    assert_eq!(
        named_as_group.status(),
        200,
        "the group is free: {}",
        named_as_group.text()
    );
    delete("team");
    let in_group = create("second", &["team"]);
    assert_eq!(in_group.status(), 200, "the name is free: {}", in_group.text());
}

/// The real node says which tokenizers it has, in a create and in a dry run; nothing is stored of what it refuses.
#[test]
fn an_analyzer_is_what_the_cluster_can_make() {
    let index = node::fresh_id("analyzers");
    let gateway = Gateway::with(&[node::shared_url()], &["--jobs-index", &index]);
    let body = |analyzer: &Value| {
        json!({
            "analysis_config": {
                "detectors": [{"function": "count", "by_field_name": "mlcategory"}],
                "categorization_field_name": "m",
                "categorization_analyzer": analyzer
            },
            "data_description": {}
        })
        .to_string()
    };
    for (number, (analyzer, status)) in [
        (json!("english"), 200),
        (
            json!({"tokenizer": "whitespace", "filter": [{"type": "stop", "stopwords": ["a"]}]}),
            200,
        ),
        (
            json!({"tokenizer": "ml_standard", "char_filter": ["first_line_with_letters"]}),
            200,
        ),
        (json!("no_such_analyzer"), 400),
        (json!({"tokenizer": "no_such_tokenizer"}), 400),
        (json!({"tokenizer": "standard", "filter": ["no_such_filter"]}), 400),
        (
            json!({"tokenizer": "standard", "char_filter": [{"type": "pattern_replace"}]}),
            400,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        for target in [format!("j{number}?dry_run"), format!("j{number}")] {
            let answer = gateway.create_job(&target, &body(&analyzer));
            assert_eq!(answer.status(), status, "{analyzer}: {}", answer.text());
            if status == 400 {
                assert_eq!(chain(&answer), ["illegal_argument_exception"]);
                assert!(answer.text().contains("[categorization_analyzer]"), "{}", answer.text());
            }
        }
        let document = gateway.call("GET", &format!("/{index}/_doc/anomaly_detector-j{number}"), "");
        assert_eq!(document.status() == 200, status == 200, "{analyzer}");
    }
}

/// Official clients of 7.14 and later take no answer without the product's name, and would raise after the job is stored.
#[test]
fn whoever_answers_as_a_later_elasticsearch_names_the_product_before_opensearch() {
    let product = |answer: &Answer| answer.values("x-elastic-product").concat();
    for (api, expected) in [
        ("7.13", ""),
        ("7.14", "Elasticsearch"),
        ("8", "Elasticsearch"),
        ("9", "Elasticsearch"),
    ] {
        let gateway = Gateway::with(&[node::shared_url()], &["--jobs-api", api]);
        let id = node::fresh_id("named");
        for (target, body, status) in [
            (format!("{id}?dry_run"), job::smallest(), 200),
            (id.clone(), job::smallest(), 200),
            (id.clone(), job::smallest(), 400),
            (node::fresh_id("refused"), "{}".to_owned(), 400),
        ] {
            let answer = gateway.create_job(&target, &body);
            assert_eq!(answer.status(), status, "{api}: {}", answer.text());
            assert_eq!(product(&answer), expected, "{api} {target}");
        }
        assert_eq!(
            product(&gateway.call("GET", "/", "")),
            "",
            "what the cluster answers stays as it is"
        );
    }
}

/// What `validate` says of a job: its exit code, and its first finding.
fn validated(body: &Value, api: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("j.json"), body.to_string()).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_anomaly-gateway"))
        .args(["validate", "j.json", "--format", "json", "--api", api])
        .current_dir(folder.path())
        .output()
        .expect("the gateway's binary runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let text = report.pointer("/jobs/0/findings/0/text").and_then(Value::as_str);
    (output.status.code(), text.unwrap_or_default().to_owned())
}

/// An error without the ids of rules, which only whoever tries a job out is told.
fn without_rules(mut error: Value) -> Value {
    for place in ["/error", "/error/root_cause/0"] {
        let exception = error.pointer_mut(place).and_then(Value::as_object_mut);
        exception.expect("an exception").remove("rule");
    }
    error
}

/// No index takes such a number, as the real node says of the document; so the job is refused wherever it is judged.
#[test]
fn a_rules_value_that_is_no_finite_number_is_refused_alike_by_all() {
    let index = node::fresh_id("numbers");
    let gateway = Gateway::with(&[node::shared_url()], &["--jobs-index", &index]);
    assert_eq!(
        gateway.create_job("fine", &job_of_rule(&json!(1)).to_string()).status(),
        200
    );
    for value in ["NaN", "Infinity", "-Infinity"] {
        let body = job_of_rule(&value.into());
        let by_node = gateway.call("PUT", &format!("/{index}/_doc/other"), &body.to_string());
        assert_eq!(by_node.status(), 400, "{}", by_node.text());
        assert_eq!(
            chain(&by_node),
            ["mapper_parsing_exception", "illegal_argument_exception"]
        );

        let created = gateway.create_job("j", &body.to_string());
        let tried = gateway.create_job("j?dry_run", &body.to_string());
        for answer in [&created, &tried] {
            assert_eq!(answer.status(), 400, "{}", answer.text());
            assert_eq!(chain(answer), chain(&by_node));
        }
        assert_eq!(without_rules(created.json()), without_rules(tried.json()));
        let (code, text) = validated(&body, "7.10.2");
        assert_eq!(code, Some(1));
        let reason = created.json()["error"]["reason"].as_str().expect("a reason").to_owned();
        assert!(text.starts_with(&reason), "{text} is not {reason}");
    }
}
