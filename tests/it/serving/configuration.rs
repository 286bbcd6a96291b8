//! With what `jobs.serve: all` goes together, and before what.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{is, reason};
use crate::support::gateway::{ANY_PORT, BINARY, Gateway};
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire;

fn says(command: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(BINARY)
        .args(command)
        .env("NO_COLOR", "1")
        .output()
        .expect("the command runs");
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn jobs_that_are_the_clusters_are_served_by_the_cluster() {
    for commit in ["forward", "both"] {
        let flags = [
            "--upstream",
            "http://127.0.0.1:1",
            "--jobs-commit",
            commit,
            "--jobs-serve",
            "all",
        ];
        let (code, said) = says(&[&["serve"], &flags[..]].concat());
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains("set `jobs.commit` to `store`, or `jobs.serve` to `create`"),
            "{said}"
        );
    }
}

#[test]
fn before_a_cluster_with_machine_learning_the_gateway_does_not_start() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let (code, said) = says(&[
        "serve",
        "--listen",
        ANY_PORT,
        "--upstream",
        cluster.url(),
        "--jobs-serve",
        "all",
    ]);
    assert_ne!(code, Some(0), "{said}");
    assert!(
        said.contains("`jobs.serve` is `all`") && said.contains("`create`"),
        "{said}"
    );
}

/// What the cluster is may be known only later; then nothing is answered in its place.
#[test]
fn a_cluster_that_turns_out_to_have_machine_learning_is_not_served_for() {
    let is_up = std::sync::Arc::new(AtomicBool::new(false));
    let seen = std::sync::Arc::clone(&is_up);
    let cluster = StandIn::answering("8.19.21", move |(line, _)| {
        let is_starting = line == "GET / HTTP/1.1" && !seen.load(Ordering::Relaxed);
        is_starting.then(|| with_fields("503 Service Unavailable", &[], "{}"))
    });
    let gateway = Gateway::with(&[cluster.url()], &["--jobs-serve", "all"]);
    gateway.logged(&["it is not known yet whether jobs can be served before this cluster"]);
    let get = |target: &str| wire::call(gateway.address, "GET", target, &[], "");
    assert_eq!(get("/_ml/anomaly_detectors").status(), 503);
    is_up.store(true, Ordering::Relaxed);
    for (method, target) in [
        ("GET", "/_ml/anomaly_detectors"),
        ("GET", "/_ml/anomaly_detectors/a"),
        ("DELETE", "/_ml/anomaly_detectors/a"),
        ("POST", "/_ml/anomaly_detectors/_validate"),
        ("POST", "/_ml/anomaly_detectors/a/_open"),
        ("GET", "/_ml/datafeeds"),
    ] {
        let answer = wire::call(gateway.address, method, target, &[], "");
        is(&answer, 500, "status_exception");
        assert!(reason(&answer).contains("[jobs.serve]"), "{}", reason(&answer));
    }
    let asked = cluster.received();
    let own = |line: &str| line.starts_with("GET / ") || line.starts_with("HEAD / ");
    let others: Vec<_> = asked
        .iter()
        .filter(|(head, _)| !own(head))
        .map(|(head, _)| head)
        .collect();
    assert!(others.is_empty(), "{others:?}");
}
