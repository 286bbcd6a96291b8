//! Before Elasticsearch the gateway answers as that Elasticsearch: its version's defaults, its header, its media type.

use cluster::Kind;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;

#[test]
fn before_elasticsearch_8_the_gateway_answers_as_8() {
    let node = node::start(Kind::Elasticsearch8);
    let gateway = Gateway::before(&[node.url()]);
    let created = gateway.create_job("a", &job::smallest());
    assert_eq!(created.status(), 200, "{}", created.text());
    // http.md §2.4, §2.6.
    assert_eq!(created.values("content-type"), ["application/json"]);
    assert_eq!(created.values("x-elastic-product"), ["Elasticsearch"]);
    // create-job.md §7.2, the column of 8.19.21.
    let document = created.json();
    assert_eq!(document["job_version"], "12.0.0");
    assert_eq!(document["model_snapshot_retention_days"], 10);
    assert_eq!(document["daily_model_snapshot_retention_after_days"], 1);
    assert_eq!(document["allow_lazy_open"], false);
    assert_eq!(document["analysis_config"]["model_prune_window"], "30d");

    let again = gateway.create_job("a", &job::smallest());
    assert_eq!(again.json()["error"]["type"], "resource_already_exists_exception");
    assert_eq!(
        again.values("x-elastic-product"),
        ["Elasticsearch"],
        "clients insist on it"
    );

    let forwarded = gateway.call("GET", "/anomaly-detectors/_doc/anomaly_detector-a", "");
    assert_eq!(forwarded.values("x-elastic-product"), ["Elasticsearch"]);
    assert_eq!(forwarded.json()["_source"]["job_id"], "a");
}

#[test]
fn the_operator_may_fix_the_version() {
    let gateway = Gateway::with(&[node::shared_url()], &["--jobs-api", "7.17"]);
    let created = gateway.create_job(&node::fresh_id("fixed"), &job::smallest()).json();
    assert_eq!(created["job_version"], "7.17.0");
    assert_eq!(created["model_snapshot_retention_days"], 10);
}

/// http.md §4.1: adding the header before OpenSearch would be a decision, not transparency.
#[test]
fn before_opensearch_no_answer_claims_to_be_elasticsearch() {
    let gateway = Gateway::before(&[node::shared_url()]);
    let created = gateway.create_job(&node::fresh_id("product"), &job::smallest());
    assert_eq!(created.status(), 200);
    assert!(created.values("x-elastic-product").is_empty());
    let forwarded = gateway.call("GET", "/", "");
    assert_eq!(
        created.values("x-opensearch-version"),
        forwarded.values("x-opensearch-version")
    );
}
