//! A. Path spellings: what is create-job is answered here, everything else reaches the cluster as it was sent.

use super::{JOB, JSON, before, put, reason, types};
use crate::support::gateway::Gateway;
use crate::support::stand_in::{StandIn, VERSIONS};

use crate::support::{job, node};

const OLD_JOB: &str = "/_xpack/ml/anomaly_detectors/j";

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
    assert_eq!(
        cluster.forwarded(),
        [""; 0],
        "whether it is judged is not the client's choice"
    );
}

#[test]
fn line_05_before_9_the_old_path_is_nobodys() {
    let (cluster, gateway) = before("9.5.3");
    let answer = put(&gateway, OLD_JOB, &[JSON], &job::smallest());
    assert_eq!(answer.status(), 400);
    assert!(reason(&answer).starts_with("no handler found"));
    assert_eq!(
        cluster.forwarded(),
        [""; 0],
        "it is answered as the cluster would, and never sent"
    );
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
fn line_21_a_number_sign_belongs_to_the_id() {
    assert_bad_ids(&[("j#x", "j#x")]);
}
