//! Requests that a plugin claims: admitted, refused, tried out, and ended before anything was decided.

use super::logged::{Logged, assert_ended};
use crate::support::job;
use crate::support::scripted_upstream::field;
use crate::support::stand_in::{StandIn, with_fields};

const TARGET: &str = "/_ml/anomaly_detectors/web-checkout";

/// Asserts what one claimed request was counted and logged as.
fn assert_claimed(logged: &Logged, verdict: &str, dry_run: bool, outcome: &str, status: u64) -> serde_json::Value {
    let line = logged.only();
    assert_ended(&line, outcome, Some(status));
    let own = &line["anomaly_gateway"];
    assert_eq!(own["plugin"], "anomaly_job", "{line:#}");
    assert_eq!(own["verdict"], verdict, "{line:#}");
    assert_eq!(own["dry_run"], dry_run, "{line:#}");
    let claimed = logged.metrics("anomaly_gateway_claimed_requests_total{");
    let claimed: Vec<_> = claimed.iter().filter(|(_, count)| **count != 0).collect();
    let labels = format!("anomaly_gateway_claimed_requests_total{{verdict=\"{verdict}\",dry_run=\"{dry_run}\"}}");
    assert_eq!(claimed, [(&labels, &1)]);
    line
}

#[test]
fn a_job_that_is_created_is_admitted_and_its_calls_are_the_nodes_time() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let logged = Logged::before(&[cluster.url()]);
    let answer = logged.call("PUT", TARGET, &job::smallest());
    assert_eq!(answer.status(), 200);
    let line = assert_claimed(&logged, "admitted", false, "complete", 200);
    assert_eq!(line["url"]["path"], TARGET);
    assert_eq!(line["http"]["request"]["body"]["bytes"], job::smallest().len());
    assert_eq!(line["http"]["response"]["body"]["bytes"], answer.body.len());
    let [own, node] = ["own_duration", "node_duration"].map(|part| line["anomaly_gateway"][part].as_u64());
    assert!(own > Some(0) && node > Some(0), "{line:#}");
    assert_eq!(
        logged.metric("anomaly_gateway_body_budget_used_bytes{budget=\"claimed\"}"),
        0
    );
    assert_eq!(
        logged.metric("anomaly_gateway_body_budget_limit_bytes{budget=\"claimed\"}"),
        128 << 20
    );
    assert!(
        !std::fs::read_to_string(logged.file())
            .expect("the log")
            .contains("planted")
    );
}

#[test]
fn a_job_that_elasticsearch_would_refuse_is_refused() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let logged = Logged::before(&[cluster.url()]);
    assert_eq!(logged.call("PUT", TARGET, "{}").status(), 400);
    assert_claimed(&logged, "refused", false, "refused", 400);
}

#[test]
fn a_job_that_a_policy_refuses_is_refused() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let policies = "policies: [{ name: none, enforcement: enforce, rule: \"job.job_id == 'other'\" }]";
    let logged = Logged::with_files(
        &[cluster.url()],
        "policies: {files: [policies.yml]}",
        &[("policies.yml", policies)],
    );
    assert_eq!(logged.call("PUT", TARGET, &job::smallest()).status(), 400);
    assert_claimed(&logged, "refused", false, "refused", 400);
    assert!(cluster.creates().is_empty());
}

#[test]
fn a_dry_run_is_told_from_what_is_done() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let logged = Logged::before(&[cluster.url()]);
    let target = format!("{TARGET}?dry_run=true");
    assert_eq!(logged.call("PUT", &target, &job::smallest()).status(), 200);
    assert_claimed(&logged, "admitted", true, "complete", 200);
    assert!(cluster.creates().is_empty());
}

#[test]
fn a_caller_whom_the_cluster_does_not_know_is_refused_and_nothing_is_decided() {
    let cluster = StandIn::answering("8.19.21", |(_, head)| {
        let refused = with_fields("401 Unauthorized", &["WWW-Authenticate: Basic"], r#"{"error":"who"}"#);
        field(head, "authorization").is_some().then_some(refused)
    });
    let logged = Logged::before(&[cluster.url()]);
    assert_eq!(logged.call("PUT", TARGET, &job::smallest()).status(), 401);
    assert_claimed(&logged, "undecided", false, "refused", 401);
}

#[test]
fn a_cluster_that_is_not_there_leaves_a_claimed_request_undecided() {
    let logged = Logged::before(&["http://127.0.0.1:1"]);
    assert_eq!(logged.call("PUT", TARGET, &job::smallest()).status(), 503);
    assert_claimed(&logged, "undecided", false, "unavailable", 503);
}

#[test]
fn a_request_that_could_write_to_the_protected_index_is_refused_and_claimed_by_nobody() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let logged = Logged::configured(&[cluster.url()], "jobs: {protect: true}");
    assert_eq!(logged.call("PUT", "/anomaly-detectors/_doc/1", "{}").status(), 403);
    let line = logged.only();
    assert_ended(&line, "refused", Some(403));
    assert!(line["anomaly_gateway"].get("plugin").is_none(), "{line:#}");
}

#[test]
fn a_job_that_the_cluster_itself_creates_is_admitted_and_has_a_node() {
    let cluster = StandIn::answering("8.19.21", |(line, head)| {
        let is_create = line.starts_with("PUT /_ml/anomaly_detectors/") && field(head, "user-agent").is_none();
        is_create.then(|| with_fields("200 OK", &[], "{}"))
    });
    let logged = Logged::configured(&[cluster.url()], "jobs: {commit: forward}");
    assert_eq!(logged.call("PUT", TARGET, &job::smallest()).status(), 200);
    let line = assert_claimed(&logged, "admitted", false, "complete", 200);
    assert_eq!(line["anomaly_gateway"]["node"], cluster.url());
}
