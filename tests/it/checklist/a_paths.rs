//! A. Path spellings: what is create-job is answered here, everything else reaches the cluster as it was sent.

use super::{JOB, JSON, before, put, reason, types};
use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::stand_in::{StandIn, VERSIONS};
use crate::support::wire::{Connection, request};
use crate::support::{job, node};

const OLD_JOB: &str = "/_xpack/ml/anomaly_detectors/j";

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
fn line_01_put_job_is_answered_here() {
    let clusters = VERSIONS.map(StandIn::elasticsearch);
    for cluster in clusters.into_iter().chain([StandIn::opensearch()]) {
        let gateway = Gateway::before(&[cluster.url()]);
        let answer = gateway.create_job("j", &job::smallest());
        assert_eq!(answer.status(), 200, "{}", answer.text());
        assert_eq!(cluster.forwarded(), [""; 0]);
        assert_eq!(cluster.creates().len(), 1);
    }
}

#[test]
fn line_02_slashes_at_the_end_make_no_difference() {
    let (cluster, gateway) = before("7.17.28");
    for end in ["/", "//", "///?pretty"] {
        let answer = put(&gateway, &format!("{JOB}{end}"), &[JSON], &job::smallest());
        assert_eq!((answer.status(), &answer.json()["job_id"]), (200, &"j".into()), "{end}");
    }
    assert_eq!(cluster.forwarded(), [""; 0]);
    let creates = cluster.creates();
    assert!(
        creates.iter().all(|create| create.contains("/anomaly_detector-j?")),
        "{creates:?}"
    );
}

fn assert_warns_of_the_old_path(warnings: &[&str]) {
    let [warning] = warnings else {
        panic!("one warning, not {warnings:?}")
    };
    assert!(warning.starts_with("299 Elasticsearch-"), "{warning}");
    for template in [
        "[PUT /_xpack/ml/anomaly_detectors/{job_id}]",
        "[PUT /_ml/anomaly_detectors/{job_id}]",
    ] {
        assert!(warning.contains(template), "{warning}");
    }
}

#[test]
fn line_03_the_old_path_is_answered_before_7_and_warns() {
    for version in ["7.0.0", "7.17.28"] {
        let (cluster, gateway) = before(version);
        let answer = put(&gateway, OLD_JOB, &[JSON], &job::smallest());
        assert_eq!(answer.status(), 200, "{version}");
        assert_warns_of_the_old_path(&answer.values("warning"));
        assert_eq!(cluster.forwarded(), [""; 0]);
    }
}

#[test]
fn line_04_before_8_the_old_path_is_for_compatibility_only() {
    let (cluster, gateway) = before("8.19.21");
    let seven = "application/vnd.elasticsearch+json;compatible-with=7";
    let answer = put(
        &gateway,
        OLD_JOB,
        &[("content-type", seven), ("accept", seven)],
        &job::smallest(),
    );
    assert_eq!(answer.status(), 200, "{}", answer.text());
    assert_warns_of_the_old_path(&answer.values("warning"));
    assert_eq!(cluster.forwarded(), [""; 0]);

    let answer = put(&gateway, OLD_JOB, &[JSON], &job::smallest());
    assert_eq!(answer.status(), 400);
    assert!(reason(&answer).starts_with("no handler found for uri [/_xpack/ml/anomaly_detectors/j]"));
    assert_eq!(cluster.forwarded().len(), 1);
}

#[test]
fn line_05_before_9_the_old_path_is_nobodys() {
    let (cluster, gateway) = before("9.5.3");
    let answer = put(&gateway, OLD_JOB, &[JSON], &job::smallest());
    assert_eq!(answer.status(), 400);
    assert!(reason(&answer).starts_with("no handler found"));
    assert_eq!(cluster.forwarded(), [format!("PUT {OLD_JOB} HTTP/1.1")]);
    assert!(cluster.creates().is_empty());
}

#[test]
fn line_06_every_spelling_of_the_target_is_the_same_job() {
    let gateway = Gateway::before(&[node::shared_url()]);
    let id = node::fresh_id("x");
    let old = format!("/_xpack/ml/anomaly_detectors/{id}");
    assert_eq!(gateway.call("PUT", &old, &job::smallest()).status(), 200);
    let spelled = format!("/_ml/anomaly_detectors/%78{}//?pretty", &id[1..]);
    for target in [spelled, format!("/_ml/anomaly_detectors/{id}/")] {
        let answer = gateway.call("PUT", &target, &job::smallest());
        assert_eq!(answer.status(), 400, "{target}");
        assert_eq!(types(&answer), ["resource_already_exists_exception"], "{target}");
    }
}

fn assert_bad_ids(ids: &[(&str, &str)]) {
    for version in VERSIONS {
        let (cluster, gateway) = before(version);
        for (sent, decoded) in ids {
            let answer = gateway.create_job(sent, &job::smallest());
            assert_eq!(answer.status(), 400, "{version} {sent}");
            assert_eq!(types(&answer), ["illegal_argument_exception"], "{version} {sent}");
            assert!(reason(&answer).contains(&format!("[{decoded}]")), "{}", answer.text());
        }
        assert_eq!(cluster.forwarded(), [""; 0]);
        assert!(cluster.creates().is_empty());
    }
}

#[test]
fn line_07_an_id_is_decoded_and_then_refused() {
    assert_bad_ids(&[("a%2Fb", "a/b"), ("a+b", "a+b"), ("A", "A")]);
}

#[test]
fn line_08_a_blank_and_a_plus_are_different_ids() {
    assert_bad_ids(&[("a%20b", "a b"), ("a+b", "a+b")]);
}

/// And of versions in between (contract job.md §1, path spelling).
#[test]
fn line_09_a_broken_escape_is_405_and_later_400() {
    for (version, status) in [("7.0.0", 405), ("7.17.28", 405), ("8.10.0", 400), ("9.5.3", 400)] {
        let (cluster, gateway) = before(version);
        for id in ["%zz", "%", "j%2"] {
            let answer = gateway.create_job(id, &job::smallest());
            assert_eq!(answer.status(), status, "{version} {id}");
            assert_eq!(answer.values("allow").len(), usize::from(status == 405));
        }
        assert_eq!(cluster.forwarded(), [""; 0]);
        assert!(cluster.creates().is_empty());
    }
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
fn line_17_the_absolute_form_is_answered_here() {
    let (cluster, gateway) = before("9.5.3");
    let answer = put(&gateway, "http://x/_ml/anomaly_detectors/j", &[JSON], &job::smallest());
    assert_eq!(answer.status(), 200, "{}", answer.text());
    assert_eq!(cluster.forwarded(), [""; 0]);
}

#[test]
fn line_18_targets_without_a_path_go_to_the_upstream_or_nowhere() {
    let (cluster, gateway) = before("8.19.21");
    for (method, target) in [
        ("OPTIONS", "*"),
        ("PUT", "*"),
        ("PUT", "host:80"),
        ("CONNECT", "host:80"),
    ] {
        let answer = gateway.call(method, target, "");
        assert_eq!(answer.status(), 400, "{method} {target}");
    }
    let forwarded = ["OPTIONS * HTTP/1.1", "PUT * HTTP/1.1", "PUT /host:80 HTTP/1.1"];
    assert_eq!(cluster.forwarded(), forwarded);
    assert_eq!(gateway.create_job("j", &job::smallest()).status(), 200, "still at work");
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
fn line_21_a_number_sign_belongs_to_the_id() {
    assert_bad_ids(&[("j#x", "j#x")]);
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

    let (cluster, gateway) = before("8.19.21");
    let mut connection = Connection::to(gateway.address);
    connection.send(&request("GET", &format!("/{}", "a".repeat(70_000)), &[], ""));
    assert_eq!(connection.read_head().status(), 414);
    let mut rest = [0; 16];
    while connection.read_some(&mut rest) > 0 {}
    assert_eq!(cluster.forwarded(), [""; 0]);
}
