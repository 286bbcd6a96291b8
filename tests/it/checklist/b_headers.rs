//! B. Header fields of create-job's answers, as far as they are not those of everything forwarded.

use super::{JOB, JSON, before, losing_creates, put, reason, types};
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::stand_in::{StandIn, VERSIONS, with_fields};
use crate::support::wire::{self, Answer};

fn assert_echoed_once(answer: &Answer) {
    assert_eq!(
        answer.values("x-opaque-id"),
        ["abc"],
        "{}: {}",
        answer.status_line,
        answer.text()
    );
}

#[test]
fn line_27_the_opaque_id_is_echoed_once_on_every_answer() {
    let opaque = ("x-opaque-id", "abc");
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        for (target, content_type, body, status) in [
            (JOB, "application/json", job::smallest().as_str(), 200),
            (JOB, "application/json", "{", 400),
            (JOB, "application/json", "", 400),
            (JOB, "text/plain", "{}", 406),
            (&format!("{JOB}?foo"), "application/json", job::smallest().as_str(), 400),
        ] {
            let answer = put(&gateway, target, &[("content-type", content_type), opaque], body);
            assert_eq!(answer.status(), status, "{version} {target} {body}");
            assert_echoed_once(&answer);
        }
        let escape = put(&gateway, "/_ml/anomaly_detectors/%zz", &[JSON, opaque], "{}");
        assert!(matches!(escape.status(), 400 | 405));
        assert_echoed_once(&escape);
    }
    let lost = losing_creates("8.19.21");
    let gateway = Gateway::before(&[lost.url()]);
    let answer = put(&gateway, JOB, &[JSON, opaque], &job::smallest());
    assert_eq!(answer.status(), 500);
    assert_echoed_once(&answer);
    assert_eq!(answer.values("x-elastic-product"), ["Elasticsearch"], "line 29, too");
}

/// The check is absent from the oldest version, as 6.8.23 shows.
#[test]
fn line_28_two_opaque_ids_are_refused() {
    let two = [JSON, ("X-Opaque-Id", "a"), ("X-Opaque-Id", "b")];
    for version in &VERSIONS[1..] {
        let (cluster, gateway) = before(version);
        let answer = put(&gateway, JOB, &two, &job::smallest());
        assert_eq!(answer.status(), 400, "{version}");
        assert!(answer.json()["error"].is_string(), "{}", answer.text());
        assert_eq!(answer.json()["status"], 400);
        assert!(reason(&answer).contains("[X-Opaque-Id]"));
        assert_eq!(answer.values("x-opaque-id"), ["a"], "the first one is echoed");
        assert!(cluster.creates().is_empty());

        let twice = [JSON, ("X-Opaque-Id", "a"), ("X-Opaque-Id", "a")];
        assert_eq!(put(&gateway, JOB, &twice, &job::smallest()).status(), 200);
    }
    let (_cluster, gateway) = before("7.0.0");
    assert_eq!(put(&gateway, JOB, &two, &job::smallest()).status(), 200);
}

fn every_kind_of_answer(gateway: &Gateway) -> Vec<Answer> {
    vec![
        put(gateway, JOB, &[JSON], &job::smallest()),
        put(gateway, JOB, &[JSON], "{"),
        put(gateway, JOB, &[("content-type", "text/plain")], "{}"),
        put(gateway, "/_ml/anomaly_detectors/%zz", &[JSON], "{}"),
    ]
}

#[test]
fn line_29_from_7_14_on_every_answer_names_the_product() {
    for (version, statuses) in [("7.17.28", [200, 400, 406, 405]), ("9.5.3", [200, 400, 406, 400])] {
        let (_cluster, gateway) = before(version);
        for (answer, status) in every_kind_of_answer(&gateway).into_iter().zip(statuses) {
            assert_eq!(answer.status(), status, "{version}: {}", answer.text());
            assert_eq!(
                answer.values("x-elastic-product"),
                ["Elasticsearch"],
                "{version} {status}"
            );
        }
    }
}

/// A stand-in with security, which answers one call in its way.
fn refusing(call: &'static str, answer: String) -> StandIn {
    StandIn::answering("8.19.21", move |(line, _)| line.contains(call).then(|| answer.clone()))
}

#[test]
fn line_30_an_answer_to_nobody_names_nothing() {
    let fields = [
        "X-elastic-product: Elasticsearch",
        "Warning: 299 Elasticsearch-8.19.21-x \"internal\"",
        "WWW-Authenticate: Basic realm=\"security\"",
    ];
    let unknown = r#"{"error":{"root_cause":[],"type":"security_exception","reason":"x"},"status":401}"#;
    let lacking = r#"{"username":"u","has_all_requested":false}"#;
    for (call, answer, status) in [
        ("GET / ", with_fields("401 Unauthorized", &fields, unknown), 401),
        (
            "_has_privileges",
            with_fields("401 Unauthorized", &fields, unknown),
            401,
        ),
        ("_has_privileges", with_fields("200 OK", &fields, lacking), 403),
        (
            "GET /anomaly%2Ddetectors",
            with_fields("403 Forbidden", &fields, "{}"),
            403,
        ),
    ] {
        let cluster = refusing(call, answer);
        let gateway = Gateway::before(&[cluster.url()]);
        let answer = put(&gateway, "/_xpack/ml/anomaly_detectors/j", &seven(), &job::smallest());
        assert_eq!(answer.status(), status, "{call}: {}", answer.text());
        assert_eq!(answer.values("x-elastic-product"), [""; 0], "{call}");
        assert_eq!(answer.values("warning"), [""; 0], "{call}");
    }
}

/// What makes the old path one that is served before 8, where it earns a warning.
fn seven() -> [(&'static str, &'static str); 2] {
    let seven = "application/vnd.elasticsearch+json;compatible-with=7";
    [("content-type", seven), ("accept", seven)]
}

#[test]
fn line_31_before_7_14_and_opensearch_no_product_is_named() {
    for cluster in [StandIn::elasticsearch("7.0.0"), StandIn::opensearch()] {
        let gateway = Gateway::before(&[cluster.url()]);
        let forwarded = wire::call(gateway.address, "GET", "/_search", &[], "");
        for answer in every_kind_of_answer(&gateway).into_iter().chain([forwarded]) {
            assert_eq!(answer.values("x-elastic-product"), [""; 0], "{}", answer.text());
        }
    }
}

#[test]
fn line_32_no_answer_has_fields_that_the_cluster_did_not_send() {
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        let forwarded = wire::call(gateway.address, "GET", "/_search", &[], "");
        for answer in every_kind_of_answer(&gateway).into_iter().chain([forwarded]) {
            for field in ["date", "server", "via", "connection"] {
                assert_eq!(answer.values(field), [""; 0], "{version}: {answer:?}");
            }
        }
    }
}

/// And a refusal's too. The two lines stay two.
#[test]
fn line_43_warnings_of_every_answer_of_the_cluster_are_on_the_gateways_own() {
    const ONE: &str = "299 Elasticsearch-7.17.28-0123 \"security is off\"";
    const TWO: &str = "299 Elasticsearch-7.17.28-0123 \"and more\"";
    let page = r#"{"version":{"number":"7.17.28","build_hash":"0123"}}"#;
    let fields = [format!("Warning: {ONE}"), format!("Warning: {TWO}")];
    let cluster = StandIn::answering("7.17.28", move |(line, _)| {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        (line == "GET / HTTP/1.1").then(|| with_fields("200 OK", &fields, page))
    });
    let gateway = Gateway::before(&[cluster.url()]);
    for answer in every_kind_of_answer(&gateway) {
        assert_eq!(answer.values("warning"), [ONE, TWO], "{}", answer.text());
    }
    let old = put(&gateway, "/_xpack/ml/anomaly_detectors/j", &[JSON], &job::smallest());
    assert_eq!(old.values("warning").len(), 3, "and its own");
}

#[test]
fn line_44_warnings_of_internal_calls_stay_inside() {
    /// Without the gateway's mapping, so that every kind of call is made.
    const INDEX: &str = r#"{"anomaly-detectors":{"aliases":{},"mappings":{},"settings":{"index":{}}}}"#;
    let internal = ["Warning: 299 Elasticsearch-8.19.21-x \"this index name begins with a dot\""];
    let cluster = StandIn::answering("8.19.21", move |(line, _)| {
        let (status, body) = match line {
            _ if line.starts_with("GET /anomaly%2Ddetectors ") => ("200 OK", INDEX),
            _ if line.starts_with("PUT /anomaly%2Ddetectors/_mapping ") => ("200 OK", r#"{"acknowledged":true}"#),
            _ if line.contains("_search") => ("200 OK", r#"{"_shards":{"failed":0},"hits":{"hits":[]}}"#),
            _ if line.contains("/_create/anomaly_detector-fails") => {
                ("429 Too Many Requests", r#"{"error":{"type":"x"}}"#)
            }
            _ if line.contains("/_create/") => (
                "201 Created",
                r#"{"_index":"anomaly-detectors","_id":"anomaly_detector-j","result":"created"}"#,
            ),
            _ => return None,
        };
        Some(with_fields(status, &internal, body))
    });
    let gateway = Gateway::before(&[cluster.url()]);
    for (id, status) in [("j", 200), ("fails", 429)] {
        let answer = gateway.create_job(id, &job::smallest());
        assert_eq!(
            (answer.status(), answer.values("warning").len()),
            (status, 0),
            "{}",
            answer.text()
        );
    }
    assert_eq!(
        types(&gateway.create_job("fails", &job::smallest())),
        ["x"],
        "the cluster's own answer"
    );
}
