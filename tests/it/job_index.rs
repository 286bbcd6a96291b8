//! The job index as it is found: what would change, move or hide what is stored makes a create fail, and leaves nothing
//! behind.

use cluster::Node;
use serde_json::{Value, json};

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{self, Answer};

/// A node of the test's own, as templates and pipelines concern every index.
struct Cluster {
    node: Node,
    gateway: Gateway,
}

impl Cluster {
    fn new() -> Self {
        let kind = cluster::Kind::default_for_this_machine().expect("a node to test with");
        let node = node::start(kind);
        let gateway = Gateway::before(&[node.url()]);
        Self { node, gateway }
    }

    /// A call to the node itself.
    fn call(&self, method: &str, target: &str, body: &Value) -> Answer {
        let fields = [("content-type", "application/json")];
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        wire::call(wire::address_of(self.node.url()), method, target, &fields, &body)
    }

    fn done(&self, method: &str, target: &str, body: &Value) {
        let answer = self.call(method, target, body);
        assert!(answer.status() < 300, "{method} {target}: {}", answer.text());
    }

    fn pipeline(&self, name: &str, processors: &Value) {
        self.done(
            "PUT",
            &format!("/_ingest/pipeline/{name}"),
            &json!({ "processors": processors }),
        );
    }

    /// How many documents there are anywhere.
    fn documents(&self) -> Value {
        self.call(
            "GET",
            "/_search?ignore_unavailable=true&expand_wildcards=all",
            &Value::Null,
        )
        .json()["hits"]["total"]["value"]
            .clone()
    }
}

fn untrusted(answer: &Answer, expected: &str) {
    let body = answer.json();
    let told = (answer.status(), &body["error"]["type"]);
    assert_eq!(told, (500, &json!("untrusted_index_exception")), "{}", answer.text());
    let reason = body["error"]["reason"].as_str().expect("a reason");
    assert!(reason.contains(expected), "{reason}");
}

/// Templates that match the index do not reach it, and a pipeline that is set later is found out.
#[test]
fn no_pipeline_changes_moves_or_drops_what_is_stored() {
    let cluster = Cluster::new();
    cluster.pipeline("forge", &json!([{"set": {"field": "description", "value": "FORGED"}}]));
    cluster.pipeline("drop", &json!([{"drop": {}}]));
    cluster.pipeline("move", &json!([{"set": {"field": "_index", "value": "elsewhere"}}]));
    let settings = json!({"index.default_pipeline": "drop", "index.final_pipeline": "forge"});
    let template = json!({"index_patterns": ["*"], "template": {"settings": settings}});
    cluster.done("PUT", "/_index_template/all", &template);
    let created = cluster.gateway.create_job("a", &job::total_requests());
    assert_eq!(created.status(), 200, "{}", created.text());
    let stored = cluster
        .call("GET", "/anomaly-detectors/_doc/anomaly_detector-a", &Value::Null)
        .json();
    assert_eq!(stored["_source"]["description"], "Total sum of requests");

    for (setting, pipeline) in [
        ("final_pipeline", "forge"),
        ("final_pipeline", "drop"),
        ("final_pipeline", "move"),
        ("default_pipeline", "forge"),
        ("default_pipeline", "move"),
    ] {
        let set = |value: &str| json!({"index": {setting: value}});
        cluster.done("PUT", "/anomaly-detectors/_settings", &set(pipeline));
        let before = cluster.documents();
        let refused = cluster.gateway.create_job("b", &job::smallest());
        untrusted(&refused, &format!("[index.{setting}]: [{pipeline}]"));
        cluster.done("POST", "/_refresh", &Value::Null);
        assert_eq!(cluster.documents(), before, "{setting}: {pipeline}");
        cluster.done("PUT", "/anomaly-detectors/_settings", &set("_none"));
    }
    assert_eq!(cluster.gateway.create_job("b", &job::smallest()).status(), 200);
}

/// The settings were right when they were looked at, and others when the job was written.
#[test]
fn an_answer_that_says_something_else_is_an_error_and_what_came_of_it_is_removed() {
    for (status, said, removed) in [
        (
            "200 OK",
            json!({"_index": "anomaly-detectors", "_id": "anomaly_detector-j", "result": "noop"}),
            false,
        ),
        (
            "201 Created",
            json!({"_index": "elsewhere", "_id": "x", "result": "created", "_seq_no": 5, "_primary_term": 2}),
            true,
        ),
        (
            "201 Created",
            json!({"_index": "anomaly-detectors", "_id": "other", "result": "created"}),
            false,
        ),
        ("200 OK", json!({"acknowledged": true}), false),
        ("204 No Content", Value::Null, false),
    ] {
        let cluster = StandIn::answering("9.5.3", move |(line, _)| {
            let body = if said.is_null() {
                String::new()
            } else {
                said.to_string()
            };
            line.contains("/_create/").then(|| with_fields(status, &[], &body))
        });
        let gateway = Gateway::before(&[cluster.url()]);
        let answer = gateway.create_job("j", &job::smallest());
        untrusted(&answer, "the document was not stored");
        let deletes = cluster.requests("DELETE ");
        assert_eq!(deletes.len(), usize::from(removed), "{status}");
        if removed {
            let (head, _) = &deletes[0];
            assert!(
                head.starts_with("DELETE /elsewhere/_doc/x?if_seq_no=5&if_primary_term=2&refresh=true "),
                "{head}"
            );
        }
    }
}

#[test]
fn an_alias_is_used_only_if_it_leads_to_all_of_one_index_of_the_gateways() {
    let cluster = Cluster::new();
    let alias = |alias: &Value| json!({"aliases": {"anomaly-detectors": alias}});
    cluster.done("PUT", "/somebodys", &alias(&json!({})));
    let refused = cluster.gateway.create_job("a", &job::smallest());
    untrusted(&refused, "[anomaly-detectors] is an alias of [somebodys]");
    cluster.done("POST", "/_refresh", &Value::Null);
    assert_eq!(cluster.documents(), 0);
    let mapping = cluster.call("GET", "/somebodys/_mapping", &Value::Null).json();
    assert_eq!(mapping["somebodys"]["mappings"], json!({}), "nothing was put on it");
    cluster.done("DELETE", "/somebodys", &Value::Null);

    // One that the gateway has made, moved as operators move indices, may be.
    let made = Gateway::with(&[cluster.node.url()], &["--jobs-index", "made"]);
    assert_eq!(made.create_job("a", &job::smallest()).status(), 200);
    let add = |alias: &Value| {
        let mut add = json!({"index": "made", "alias": "anomaly-detectors"});
        add.as_object_mut()
            .expect("an object")
            .extend(alias.as_object().expect("an object").clone());
        json!({"actions": [{ "add": add }]})
    };
    for limit in [json!({"filter": {"term": {"job_id": "x"}}}), json!({"routing": "1"})] {
        cluster.done("POST", "/_aliases", &add(&limit));
        untrusted(
            &cluster.gateway.create_job("b", &job::smallest()),
            "is an alias of [made]",
        );
        cluster.done("DELETE", "/made/_alias/anomaly-detectors", &Value::Null);
    }
    cluster.done("POST", "/_aliases", &add(&json!({})));
    let again = cluster.gateway.create_job("a", &job::smallest()).json();
    assert_eq!(again["error"]["type"], "resource_already_exists_exception");
    assert_eq!(cluster.gateway.create_job("b", &job::smallest()).status(), 200);
}

/// Elasticsearch before 7.5 does not know the setting.
#[test]
fn an_old_cluster_gets_an_index_without_the_setting_that_it_does_not_know() {
    let cluster = StandIn::answering("7.0.0", |_| None);
    let page = r#"{"error":{"type":"illegal_argument_exception","reason":"unknown setting [index.final_pipeline] please check that any required plugins are installed, or check the breaking changes documentation for removed settings"},"status":400}"#;
    let old = StandIn::reading("7.0.0", move |(line, _), body| {
        let asks = line.starts_with("PUT /anomaly%2Ddetectors ") && body.contains("final_pipeline");
        asks.then(|| with_fields("400 Bad Request", &[], page))
    });
    for (cluster, puts) in [(cluster, 1), (old, 2)] {
        let gateway = Gateway::before(&[cluster.url()]);
        assert_eq!(gateway.create_job("j", &job::smallest()).status(), 200);
        let made = cluster.requests("PUT /anomaly%2Ddetectors ");
        assert_eq!(made.len(), puts);
        let body: Value = serde_json::from_str(&made[puts - 1].1).expect("JSON");
        assert_eq!(body["settings"]["index"]["default_pipeline"], "_none");
        assert_eq!(body["settings"]["index"].get("final_pipeline").is_some(), puts == 1);
    }
}
