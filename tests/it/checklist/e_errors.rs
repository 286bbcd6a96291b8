//! E. Errors: the cluster's are handed on as they are, the gateway's own have Elasticsearch's shape and status.

use serde_json::json;

use super::{JOB, JSON, before, losing_creates, put, reason, types};
use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::stand_in::{StandIn, VERSIONS, with_fields};
use crate::support::wire::Answer;
use crate::support::{job, node};

#[test]
fn line_71_the_clusters_refusals_are_handed_on_byte_for_byte() {
    for (answer, status, allow) in [
        (
            "HTTP/1.1 405 Method Not Allowed\r\nAllow: POST,GET\r\ncontent-length: 25\r\n\r\n{\"error\" :1,\n \"status\":5}",
            405,
            vec!["POST,GET"],
        ),
        (
            "HTTP/1.1 406 Not Acceptable\r\ncontent-length: 4\r\n\r\n{ }\n",
            406,
            vec![],
        ),
        (
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 9\r\n\r\nno handle",
            400,
            vec![],
        ),
    ] {
        let upstream = ScriptedUpstream::answering(answer);
        let gateway = Gateway::before(&[&upstream.url]);
        let relayed = gateway.call("PUT", "/_ml/anomaly_detectors", "{}");
        assert_eq!((relayed.status(), relayed.values("allow")), (status, allow));
        assert_eq!(relayed.text(), answer.split_once("\r\n\r\n").expect("a body").1);
    }
}

#[test]
fn line_72_an_unknown_media_type_is_406_in_the_short_form() {
    for version in VERSIONS {
        let (cluster, gateway) = before(version);
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "text/json",
        ] {
            let answer = put(&gateway, JOB, &[("content-type", content_type)], &job::smallest());
            let text = format!("Content-Type header [{content_type}] is not supported");
            assert_eq!(answer.status(), 406, "{version}");
            assert_eq!(answer.json(), json!({"error": text, "status": 406}), "{version}");
        }
        let missing = put(&gateway, JOB, &[], &job::smallest());
        assert_eq!(
            missing.json(),
            json!({"error": "Content-Type header [] is not supported", "status": 406})
        );
        assert!(cluster.creates().is_empty());
    }
}

#[test]
fn line_73_a_content_type_that_is_none_is_told_by_the_version() {
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        let outer = if version < "8" {
            "content_type_header_exception"
        } else {
            "media_type_header_exception"
        };
        // With a body and without one.
        for body in [job::smallest().as_str(), ""] {
            let answer = put(&gateway, JOB, &[("content-type", "foo")], body);
            assert_eq!(answer.status(), 400, "{version}");
            assert_eq!(types(&answer), [outer, "illegal_argument_exception"], "{version}");
        }
    }
}

#[test]
fn line_75_errors_are_never_filtered() {
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        let target = format!("{JOB}?filter_path=error.type");
        let answer = put(&gateway, &target, &[JSON], "{}").json();
        assert_eq!(answer["status"], 400, "{version}");
        assert_eq!(answer["error"]["root_cause"][0]["type"], "illegal_argument_exception");
    }
}

#[test]
fn line_76_flags_are_true_or_false() {
    for version in VERSIONS {
        let (cluster, gateway) = before(version);
        for query in ["pretty=maybe", "human=1"] {
            let answer = put(&gateway, &format!("{JOB}?{query}"), &[JSON], &job::smallest());
            assert_eq!(
                (answer.status(), types(&answer)),
                (400, vec!["illegal_argument_exception".to_owned()])
            );
        }
        assert!(cluster.creates().is_empty(), "{version}");
    }
}

/// What Elasticsearch answers somebody whom it does not know (http.md §2.8).
fn unknown_caller(uri: &str) -> String {
    let challenges = [
        "Basic realm=\"security\" charset=\"UTF-8\"",
        "Bearer realm=\"security\"",
        "ApiKey",
    ];
    let fields = challenges.map(|challenge| format!("WWW-Authenticate: {challenge}"));
    let exception = json!({
        "type": "security_exception",
        "reason": format!("missing authentication credentials for REST request [{uri}]"),
        "header": {"WWW-Authenticate": challenges}
    });
    let mut error = json!({"root_cause": [exception.clone()]});
    error
        .as_object_mut()
        .expect("an object")
        .extend(exception.as_object().expect("an object").clone());
    let body = json!({"error": error, "status": 401}).to_string();
    with_fields("401 Unauthorized", &fields.each_ref().map(String::as_str), &body)
}

fn assert_told_who_asked(answer: &Answer, target: &str) {
    assert_eq!(answer.status(), 401, "{}", answer.text());
    assert_eq!(answer.values("www-authenticate").len(), 3);
    let error = answer.json()["error"].clone();
    for exception in [&error, &error["root_cause"][0]] {
        let expected = format!("missing authentication credentials for REST request [{target}]");
        assert_eq!(exception["reason"], expected);
        assert_eq!(
            exception["header"]["WWW-Authenticate"].as_array().map(Vec::len),
            Some(3)
        );
    }
}

/// Before the gateway knows the cluster, and when it asks for the caller's privileges.
#[test]
fn line_77_a_401_names_what_the_client_asked_for() {
    for (call, uri) in [("GET / ", "/"), ("_has_privileges", "/_security/user/_has_privileges")] {
        let cluster = StandIn::answering("8.19.21", move |(line, _)| {
            line.contains(call).then(|| unknown_caller(uri))
        });
        let gateway = Gateway::before(&[cluster.url()]);
        for target in [JOB, "/_ml/anomaly_detectors/%6A?filter_path=x"] {
            let answer = put(&gateway, target, &[JSON], &job::smallest());
            assert_told_who_asked(&answer, target);
            assert_eq!(answer.values("content-type"), ["application/json"], "{call}");
        }
        let pretty = put(&gateway, &format!("{JOB}?pretty"), &[JSON], &job::smallest());
        assert_eq!(pretty.text().lines().count() > 1, call != "GET / ", "{}", pretty.text());
    }
}

/// A stand-in whose security says this of every caller's privileges.
fn with_privileges(answer: String) -> StandIn {
    StandIn::answering("8.19.21", move |(line, head)| {
        let asks = line == "POST /_security/user/_has_privileges HTTP/1.1";
        asks.then(|| {
            assert!(head.contains("Basic dTpw"), "in the caller's name: {head}");
            answer.clone()
        })
    })
}

#[test]
fn line_78_who_may_not_create_jobs_is_told_so_after_the_body() {
    let caller = [JSON, ("Authorization", "Basic dTpw")];
    let lacking = r#"{"username":"u","has_all_requested":false,"cluster":{"manage_ml":false}}"#;
    let cluster = with_privileges(with_fields("200 OK", &[], lacking));
    let gateway = Gateway::before(&[cluster.url()]);

    assert_eq!(put(&gateway, JOB, &caller, "{").status(), 400);
    assert_eq!(
        put(&gateway, &format!("{JOB}?foo"), &caller, &job::smallest()).status(),
        400
    );
    let answer = put(&gateway, JOB, &caller, &job::smallest());
    assert_eq!(
        (answer.status(), types(&answer)),
        (403, vec!["security_exception".to_owned()])
    );
    let reason = reason(&answer);
    assert!(
        reason.contains("[cluster:admin/xpack/ml/job/put]") && reason.contains("[u]"),
        "{reason}"
    );
    assert!(reason.contains("[manage_ml,manage,all]"), "{reason}");
    assert_eq!(answer.json()["error"]["root_cause"][0]["reason"], reason.as_str());
    assert!(cluster.creates().is_empty());

    let having = r#"{"username":"u","has_all_requested":true}"#;
    let cluster = with_privileges(with_fields("200 OK", &[], having));
    let gateway = Gateway::before(&[cluster.url()]);
    assert_eq!(put(&gateway, JOB, &caller, &job::smallest()).status(), 200);

    // A cluster that does not say lets nobody through.
    let cluster = with_privileges(with_fields(
        "503 Service Unavailable",
        &[],
        r#"{"error":"x","status":503}"#,
    ));
    let gateway = Gateway::before(&[cluster.url()]);
    assert_eq!(put(&gateway, JOB, &caller, &job::smallest()).status(), 503);
    assert!(cluster.creates().is_empty());
}

/// 400, not 409 (create-job.md §4.5).
#[test]
fn line_79_an_id_in_use_is_refused() {
    let gateway = Gateway::before(&[node::shared_url()]);
    let id = node::fresh_id("twice");
    assert_eq!(gateway.create_job(&id, &job::total_requests()).status(), 200);
    let stored = || {
        gateway
            .call("GET", &format!("/anomaly-detectors/_doc/anomaly_detector-{id}"), "")
            .json()
    };
    let first = stored();
    let refused = gateway.create_job(&id, &job::smallest());
    assert_eq!(
        (refused.status(), types(&refused)),
        (400, vec!["resource_already_exists_exception".to_owned()])
    );
    assert_eq!(
        refused.json()["error"]["root_cause"][0]["type"],
        "resource_already_exists_exception"
    );
    assert!(reason(&refused).contains(&id));
    assert_eq!(stored(), first, "the first job stays as it was");
}

#[test]
fn line_81_an_unknown_outcome_is_500_which_no_client_repeats() {
    let behind = |status: &'static str| {
        StandIn::answering("9.5.3", move |(line, _)| {
            line.contains("/_create/").then(|| with_fields(status, &[], ""))
        })
    };
    for cluster in [
        losing_creates("9.5.3"),
        behind("502 Bad Gateway"),
        behind("504 Gateway Timeout"),
    ] {
        let gateway = Gateway::before(&[cluster.url()]);
        let answer = gateway.create_job("j", &job::smallest());
        assert_eq!(
            (answer.status(), types(&answer)),
            (500, vec!["outcome_unknown_exception".to_owned()])
        );
        assert_eq!(cluster.creates().len(), 1, "sent once");
    }
}
