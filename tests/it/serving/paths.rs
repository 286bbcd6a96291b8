//! Which calls are answered here, and which are the cluster's as ever.

use std::sync::Arc;

use anomaly_gateway::http::target::Target;
use anomaly_gateway::plugin::Plugin;
use anomaly_gateway::plugin::anomaly_job::update::UpdateJobPlugin;
use anomaly_gateway::plugin::anomaly_job::{AnomalyJobPlugin, serve};
use anomaly_gateway::route::Table;
use anomaly_gateway::store::IndexName;
use http::Method;

use super::{is, reason};
use crate::support::gateway::Gateway;
use crate::support::stand_in::StandIn;
use crate::support::wire;

/// Calls of running jobs: the method and what follows `_ml/`.
const OF_RUNNING_JOBS: &[(&str, &str)] = &[
    ("POST", "anomaly_detectors/j/_open"),
    ("POST", "anomaly_detectors/j/_close"),
    ("POST", "anomaly_detectors//_close"),
    ("POST", "anomaly_detectors/a,b*/_close/?force=true"),
    ("POST", "anomaly_detectors/_all/_flush//"),
    ("POST", "anomaly_detectors/j/_data"),
    ("POST", "anomaly_detectors/j/_reset"),
    ("POST", "anomaly_detectors/j/_forecast"),
    ("DELETE", "anomaly_detectors/j/_forecast"),
    ("DELETE", "anomaly_detectors/j/_forecast/f"),
    ("GET", "anomaly_detectors/_stats"),
    ("GET", "anomaly_detectors/_stats/"),
    ("GET", "anomaly_detectors/j/_stats"),
    ("GET", "anomaly_detectors/j/results/buckets"),
    ("POST", "anomaly_detectors/j/results/records/"),
    ("GET", "anomaly_detectors/j/model_snapshots"),
    ("POST", "anomaly_detectors/j/model_snapshots/s/_revert"),
    ("DELETE", "anomaly_detectors/j/model_snapshots/s"),
    ("GET", "datafeeds"),
    ("GET", "datafeeds/_all/_stats"),
    ("PUT", "datafeeds/d"),
    ("POST", "datafeeds/d/_start"),
    ("DELETE", "datafeeds/d//"),
];

/// Calls that are the cluster's, and paths that Elasticsearch knows as little.
const OF_THE_CLUSTER: &[(&str, &str)] = &[
    ("GET", "/_ml/anomaly_detectorss"),
    ("GET", "/_ml/anomaly_detectors//j"),
    ("GET", "//_ml/anomaly_detectors"),
    ("GET", "/_ml//anomaly_detectors"),
    ("GET", "/_ML/anomaly_detectors"),
    ("GET", "/%5fml/anomaly_detectors/j"),
    ("GET", "/_ml/./anomaly_detectors"),
    ("GET", "/_ml/anomaly_detectors;x"),
    ("GET", "/_ml/anomaly_detectors/_validate"),
    ("GET", "/_ml/anomaly_detectors/_estimate_model_memory"),
    ("GET", "/_ml/anomaly_detectors/j/_update"),
    ("GET", "/_ml/anomaly_detectors/j/x"),
    ("DELETE", "/_ml/anomaly_detectors"),
    ("DELETE", "/_ml/anomaly_detectors/_validate"),
    ("POST", "/_ml/anomaly_detectors"),
    ("POST", "/_ml/anomaly_detectors/j"),
    ("POST", "/_ml/anomaly_detectors/_validate/other"),
    ("POST", "/_ml/anomaly_detectors/_validate/detector/x"),
    ("POST", "/_ml/anomaly_detectors/%5fvalidate"),
    ("POST", "/_ml/anomaly_detectors/_estimate_model_memory"),
    ("POST", "/_ml/anomaly_detectors/j/_opens"),
    ("POST", "/_ml/anomaly_detectors/j/k/_open"),
    ("POST", "/_ml/anomaly_detectors/j/%5fopen"),
    ("GET", "/_ml/anomaly_detectors/j/_open"),
    ("GET", "/_ml/anomaly_detectors/j/resultss"),
    ("GET", "/_ml/datafeedss"),
    ("HEAD", "/_ml/datafeeds"),
    ("GET", "/_ml/calendars"),
    ("GET", "/_ml/filters/f"),
    ("GET", "/_ml/info"),
    ("GET", "/_plugins/_anomaly_detection/detectors/j"),
    ("OPTIONS", "/_ml/anomaly_detectors"),
];

/// Calls that are answered.
const ANSWERED: &[(&str, &str)] = &[
    ("GET", "anomaly_detectors"),
    ("GET", "anomaly_detectors//"),
    ("GET", "anomaly_detectors/j"),
    ("GET", "anomaly_detectors/%6A,b*//"),
    ("HEAD", "anomaly_detectors"),
    ("HEAD", "anomaly_detectors/j"),
    ("DELETE", "anomaly_detectors/j/"),
    ("PUT", "anomaly_detectors/j"),
    ("POST", "anomaly_detectors/j/_update"),
    ("POST", "anomaly_detectors/_validate/_update"),
    ("POST", "anomaly_detectors/_validate"),
    ("POST", "anomaly_detectors/_validate///"),
    ("POST", "anomaly_detectors/_validate/detector"),
    ("POST", "anomaly_detectors/_validate/detector/?x"),
];

fn table() -> Table {
    let index = IndexName::default();
    let plugins: Vec<Arc<dyn Plugin>> = vec![
        Arc::new(AnomalyJobPlugin::new(index.clone()).expect("built-in documents are sound")),
        Arc::new(UpdateJobPlugin::new(index.clone()).expect("built-in documents are sound")),
    ];
    let services = serve::services(&index).expect("built-in documents are sound");
    Table::with_services(plugins, services).expect("one plugin a route")
}

/// Who claims a request.
fn claimant(table: &Table, method: &str, target: &str) -> Option<&'static str> {
    let target = Target::of(&target.parse().ok()?)?;
    let method = Method::from_bytes(method.as_bytes()).expect("a token");
    table.claim(&method, &target).map(|claim| claim.claimant.name())
}

#[test]
fn both_spellings_are_claimed_and_nothing_else() {
    let table = table();
    for prefix in ["/_ml/", "/_xpack/ml/"] {
        for (method, rest) in OF_RUNNING_JOBS {
            let claimant = claimant(&table, method, &format!("{prefix}{rest}"));
            assert_eq!(claimant, Some("anomaly_job_not_run"), "{method} {prefix}{rest}");
        }
        for (method, rest) in ANSWERED {
            let claimant = claimant(&table, method, &format!("{prefix}{rest}"));
            let is_answered = claimant.is_some_and(|claimant| claimant != "anomaly_job_not_run");
            assert!(is_answered, "{method} {prefix}{rest}: {claimant:?}");
        }
    }
    for (method, target) in OF_THE_CLUSTER {
        assert_eq!(claimant(&table, method, target), None, "{method} {target}");
    }
}

#[test]
fn no_jobs_run_here_and_that_is_said_once_and_clearly() {
    let cluster = StandIn::opensearch();
    let gateway = Gateway::with(&[cluster.url()], &["--jobs-serve", "all", "--jobs-api", "8"]);
    for (method, rest) in OF_RUNNING_JOBS {
        let answer = wire::call(gateway.address, method, &format!("/_ml/{rest}"), &[], "");
        is(&answer, 501, "status_exception");
        assert!(reason(&answer).contains("no jobs run here"), "{}", reason(&answer));
    }
    // A body is refused unread.
    let long = "x".repeat(200_000);
    let answer = gateway.call("POST", "/_ml/anomaly_detectors/j/_data", &long);
    is(&answer, 501, "status_exception");
    assert!(cluster.forwarded().is_empty(), "{:?}", cluster.forwarded());
    // The stand-in sends a body after a HEAD, too.
    let others = OF_THE_CLUSTER.iter().filter(|(method, _)| *method != "HEAD");
    for (method, target) in others.clone() {
        let answer = wire::call(gateway.address, method, target, &[], "");
        assert_eq!(answer.status(), 400, "{method} {target}");
    }
    assert_eq!(cluster.forwarded().len(), others.count());
}

#[test]
fn without_it_every_such_call_is_the_clusters() {
    let cluster = StandIn::opensearch();
    let gateway = Gateway::before(&[cluster.url()]);
    let answered = ANSWERED.iter().filter(|(method, _)| !["PUT", "HEAD"].contains(method));
    let mut expected = Vec::new();
    for prefix in ["/_ml/", "/_xpack/ml/"] {
        for (method, rest) in OF_RUNNING_JOBS.iter().chain(answered.clone()) {
            let target = format!("{prefix}{rest}");
            let answer = wire::call(gateway.address, method, &target, &[], "");
            assert_eq!(answer.status(), 400, "{method} {target}");
            expected.push(format!("{method} {target} HTTP/1.1"));
        }
    }
    assert_eq!(cluster.forwarded(), expected);
}
