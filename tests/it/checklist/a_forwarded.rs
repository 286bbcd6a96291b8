//! A. Path spellings, continued: what is not create-job reaches the cluster as it was sent.

use super::{JOB, before};
use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::stand_in::StandIn;
use crate::support::wire::{Connection, request};

/// Sends targets to a gateway by a method and says whether each reached the upstream as it was sent.
fn assert_forwarded(method: &str, targets: &[&str]) {
    let (cluster, gateway) = before("8.19.21");
    for target in targets {
        assert_eq!(
            gateway.call(method, target, "{}").status(),
            400,
            "the stand-in's: {target}"
        );
    }
    let sent: Vec<_> = targets
        .iter()
        .map(|target| format!("{method} {target} HTTP/1.1"))
        .collect();
    assert_eq!(cluster.forwarded(), sent);
    assert!(cluster.creates().is_empty());
}

#[test]
fn line_10_other_calls_in_the_ids_place_are_forwarded() {
    assert_forwarded(
        "PUT",
        &[
            "/_ml/anomaly_detectors/_stats",
            "/_ml/anomaly_detectors/_validate",
            "/_ml/anomaly_detectors/_estimate_model_memory",
        ],
    );
}

#[test]
fn line_11_the_collection_is_forwarded() {
    assert_forwarded("PUT", &["/_ml/anomaly_detectors", "/_ml/anomaly_detectors/"]);
}

#[test]
fn line_12_what_is_below_a_job_is_forwarded() {
    assert_forwarded(
        "PUT",
        &["/_ml/anomaly_detectors/j/_update", "/_ml/anomaly_detectors/j/x"],
    );
}

#[test]
fn line_13_doubled_slashes_are_forwarded() {
    let doubled = [
        "//_ml/anomaly_detectors/j",
        "/_ml//anomaly_detectors/j",
        "/_ml/anomaly_detectors//j",
    ];
    assert_forwarded("PUT", &doubled);
}

#[test]
fn line_14_dot_segments_are_forwarded_as_they_are() {
    assert_forwarded(
        "PUT",
        &[
            "/x/../_ml/anomaly_detectors/j",
            "/./_ml/anomaly_detectors/j",
            "/%2e%2e/_ml/anomaly_detectors/j",
            "/_ml/./anomaly_detectors/j",
        ],
    );
}

#[test]
fn line_15_backslashes_are_forwarded_as_they_are() {
    assert_forwarded("PUT", &["/_ml\\anomaly_detectors\\j"]);
}

#[test]
fn line_16_encoded_and_capital_letters_are_forwarded() {
    assert_forwarded("PUT", &["/%5Fml/anomaly_detectors/j", "/_ML/anomaly_detectors/j"]);
}

#[test]
fn line_19_a_method_in_lower_case_is_the_clusters_to_refuse() {
    assert_forwarded("put", &[JOB]);
}

#[test]
fn line_20_other_methods_are_forwarded() {
    for method in ["GET", "DELETE", "POST", "OPTIONS", "PATCH"] {
        assert_forwarded(method, &[JOB]);
    }
    let (cluster, gateway) = before("8.19.21");
    let mut connection = Connection::to(gateway.address);
    connection.send(&request("HEAD", JOB, &[], ""));
    assert_eq!(connection.read_head().status(), 400);
    assert_eq!(cluster.forwarded(), [format!("HEAD {JOB} HTTP/1.1")]);
}

#[test]
fn line_22_odd_characters_elsewhere_are_forwarded_as_they_are() {
    let (cluster, gateway) = before("8.19.21");
    let target = "/\u{e4}/{a}|[b]^;c?q={a}|[b]^;\u{e4}";
    assert_eq!(gateway.call("POST", target, "{}").status(), 400);
    // The stand-in shows each byte as a character.
    let bytes: String = target.bytes().map(char::from).collect();
    assert_eq!(cluster.forwarded(), [format!("POST {bytes} HTTP/1.1")]);
}

/// Contract http.md §6.1: what hyper cannot read is percent-encoded, which means the same to Elasticsearch, and the claim
/// is decided on what is sent.
#[test]
fn line_23_targets_that_hyper_cannot_read_are_spelled_for_it() {
    let upstream = ScriptedUpstream::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    let spellings = [
        ("/<logs-{now/d}>/_search", "/%3Clogs-{now/d}%3E/_search"),
        ("/_search?q=\"a+b`\"", "/_search?q=%22a+b%60%22"),
        ("_cat/indices?v", "/_cat/indices?v"),
        ("/_ml/anomaly_detectors/j/x#y", "/_ml/anomaly_detectors/j/x%23y"),
        ("/a?b#c", "/a?b"),
    ];
    for (target, _) in spellings {
        // All on one connection, some with a body that looks like a request line.
        connection.send(&request("POST", target, &[], "GET /<body> HTTP/1.1"));
        assert_eq!(connection.read().status(), 200, "{target}");
    }
    let heads = upstream.heads();
    let sent: Vec<_> = heads
        .iter()
        .map(|head| head.lines().next().expect("a line").to_owned())
        .collect();
    let expected: Vec<_> = spellings
        .iter()
        .map(|(_, sent)| format!("POST {sent} HTTP/1.1"))
        .collect();
    assert_eq!(sent, expected);
}

#[test]
fn line_24_queries_are_forwarded_as_they_are() {
    assert_forwarded("GET", &["/x?a=%zz", "/x?a=b;c=d", "/x?x&y=", "/x??", "/?a=%zz"]);
}

#[test]
fn line_26_long_targets_are_the_clusters_to_refuse_and_endless_ones_refused_here() {
    let long = format!("/{}", "a".repeat(5_000));
    assert_forwarded("GET", &[&long]);

    let cluster = StandIn::elasticsearch("8.19.21");
    for (yaml, status) in [("", 431), ("limits: {head: 80kb}", 414)] {
        let gateway = Gateway::configured(&[cluster.url()], yaml);
        let mut connection = Connection::to(gateway.address);
        connection.send(&request("GET", &format!("/{}", "a".repeat(70_000)), &[], ""));
        assert_eq!(connection.read_head().status(), status, "{yaml}");
        let mut rest = [0; 16];
        while connection.read_some(&mut rest) > 0 {}
    }
    assert_eq!(cluster.forwarded(), [""; 0]);
}
