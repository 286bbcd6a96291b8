//! What is not known is not permitted: before a cluster that does not say who it is, who asks, or what they may do, nothing
//! is done.

use std::fs;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{self, Answer};

const FORBIDDEN: &str = r#"{"error":{"type":"security_exception","reason":"no"},"status":403}"#;

/// A policy that concerns one user, and refuses them everything.
const OF_A_USER: &str = "\
policies:
  - name: not-ada
    match: { users: [ada] }
    enforcement: enforce
    rule: 'false'
";

fn governed(cluster: &StandIn, jobs: &str) -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("policies.yml"), OF_A_USER).expect("a file");
    let config = folder.path().join("gateway.yml");
    fs::write(
        &config,
        format!("policies: {{ files: [policies.yml] }}\njobs: {{ {jobs} }}\n"),
    )
    .expect("a file");
    let gateway = Gateway::with(&[cluster.url()], &["--config", config.to_str().expect("a path")]);
    (gateway, folder)
}

fn put(gateway: &Gateway, fields: &[(&str, &str)]) -> Answer {
    let fields = [&[("content-type", "application/json")], fields].concat();
    wire::call(
        gateway.address,
        "PUT",
        "/_ml/anomaly_detectors/j",
        &fields,
        &job::smallest(),
    )
}

/// Nothing but the gateway's own questions has reached the cluster.
fn nothing_was_done(cluster: &StandIn, what: &str) {
    let writes = cluster.received();
    let writes: Vec<_> = writes.iter().filter(|(head, _)| head.starts_with("PUT ")).collect();
    assert!(writes.is_empty(), "{what}: {writes:?}");
}

/// With a version that is fixed the cluster's page is not needed for its version, but it is for what security it has.
#[test]
fn a_cluster_that_does_not_say_which_product_it_is_is_given_nothing() {
    for jobs in [
        "api: '7.17'",
        "api: '9', commit: forward",
        "api: '8', commit: both",
        "api: auto",
    ] {
        let cluster = StandIn::answering("8.19.21", |(line, _)| {
            (line == "GET / HTTP/1.1").then(|| with_fields("403 Forbidden", &[], FORBIDDEN))
        });
        let (gateway, _folder) = governed(&cluster, jobs);
        assert_eq!(put(&gateway, &[]).status(), 403, "{jobs}");
        nothing_was_done(&cluster, jobs);
    }
}

/// What the cluster may answer to a question about the caller, short of the answer.
const NO_ANSWERS: [(&str, &str, u16); 10] = [
    ("200 OK", "{}", 502),
    ("200 OK", "<html>welcome</html>", 502),
    ("204 No Content", "", 502),
    (
        "400 Bad Request",
        r#"{"error":{"type":"too_long_http_header_exception"},"status":400}"#,
        400,
    ),
    (
        "401 Unauthorized",
        r#"{"error":{"type":"security_exception"},"status":401}"#,
        401,
    ),
    ("403 Forbidden", FORBIDDEN, 403),
    ("404 Not Found", "{}", 404),
    ("405 Method Not Allowed", "{}", 405),
    ("429 Too Many Requests", "{}", 429),
    ("503 Service Unavailable", "{}", 503),
];

#[test]
fn who_asks_is_known_or_nothing_is_done() {
    for jobs in ["commit: store", "commit: forward", "commit: both"] {
        for (status, body, expected) in NO_ANSWERS {
            let cluster = StandIn::answering("8.19.21", move |(line, _)| {
                line.contains("/_authenticate").then(|| with_fields(status, &[], body))
            });
            let (gateway, _folder) = governed(&cluster, jobs);
            assert_eq!(put(&gateway, &[]).status(), expected, "{jobs} {status} {body}");
            nothing_was_done(&cluster, status);
        }
    }
}

#[test]
fn what_a_caller_may_do_is_known_or_nothing_is_done() {
    for (status, body, expected) in NO_ANSWERS {
        let cluster = StandIn::answering("8.19.21", move |(line, _)| {
            line.contains("/_has_privileges")
                .then(|| with_fields(status, &[], body))
        });
        let gateway = Gateway::before(&[cluster.url()]);
        assert_eq!(put(&gateway, &[]).status(), expected, "{status} {body}");
        nothing_was_done(&cluster, status);
    }
}

/// A field that the forwarded request does not carry is not on the call either by which it is asked who makes it: a node
/// refuses long heads, and that is no answer to the question.
#[test]
fn own_calls_are_made_as_the_forwarded_request_is() {
    let long = "x".repeat(17 * 1024);
    for name in ["x-opaque-id", "traceparent", "x-other"] {
        for (connection, expected) in [(name, 400), ("keep-alive", 400)] {
            let cluster = StandIn::answering("8.19.21", |(line, head)| {
                let too_long = r#"{"error":{"type":"too_long_http_header_exception"},"status":400}"#;
                let ada = r#"{"username":"ada","roles":[]}"#;
                if head.len() > 16 * 1024 {
                    return Some(with_fields("400 Bad Request", &[], too_long));
                }
                line.contains("/_authenticate").then(|| with_fields("200 OK", &[], ada))
            });
            let (gateway, _folder) = governed(&cluster, "commit: forward");
            let answer = put(
                &gateway,
                &[(name, &long), ("connection", connection), ("x-proxy-user", "ada")],
            );
            assert_eq!(answer.status(), expected, "{name} {connection}: {}", answer.text());
            nothing_was_done(&cluster, name);
            for (head, _) in cluster.received() {
                assert_eq!(head.contains(&long), connection != name, "{head}");
                assert!(head.contains("x-proxy-user: ada"), "{head}");
            }
        }
    }
}

#[test]
fn a_broken_escape_is_not_told_to_nobody() {
    let cluster = StandIn::answering("7.17.28", |(line, _)| {
        let unknown = r#"{"error":{"type":"security_exception"},"status":401}"#;
        (line == "GET / HTTP/1.1").then(|| with_fields("401 Unauthorized", &[], unknown))
    });
    let gateway = Gateway::before(&[cluster.url()]);
    assert_eq!(gateway.create_job("%zz", &job::smallest()).status(), 401);
    assert_eq!(gateway.create_job("j?dry_run", &job::smallest()).status(), 401);
}

/// The cluster of another caller is known already.
#[test]
fn nobody_tries_a_job_out_where_the_cluster_itself_would_create_it() {
    let cluster = StandIn::of_opensearch(|(line, head)| {
        let is_known = head.contains("authorization: Basic YWRh");
        (line == "GET / HTTP/1.1" && !is_known).then(|| with_fields("401 Unauthorized", &[], ""))
    });
    let gateway = Gateway::with(&[cluster.url()], &["--jobs-commit", "forward"]);
    let dry = |fields: &[(&str, &str)]| {
        let fields = [&[("content-type", "application/json")], fields].concat();
        wire::call(
            gateway.address,
            "PUT",
            "/_ml/anomaly_detectors/j?dry_run",
            &fields,
            &job::smallest(),
        )
    };
    assert_eq!(dry(&[("authorization", "Basic YWRh")]).status(), 200);
    assert_eq!(dry(&[]).status(), 401);
}
