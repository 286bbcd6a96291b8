//! Answers on their way down.

use std::io::Write;

use super::OK;
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::stand_in::StandIn;
use crate::support::wire::{Connection, address_of, request};
use crate::support::{node, wire};

/// elasticsearch#92032, #21075, #21125: an answer to HEAD has no body, and what follows one that has is nobody's answer.
#[test]
fn what_follows_an_answer_to_head_is_nobodys_answer() {
    for (framing, body) in [
        ("Transfer-Encoding: chunked", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked", "2\r\nno\r\n0\r\n\r\n"),
        ("Content-Length: 2", "no"),
        ("X: y", "no"),
    ] {
        let upstream = ScriptedUpstream::new(move |head, stream| {
            let answer = if head.starts_with("HEAD /a ") {
                format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n{body}")
            } else {
                OK.to_owned()
            };
            let _ = stream.write_all(answer.as_bytes());
        });
        let gateway = Gateway::before(&[&upstream.url]);
        let mut connection = Connection::to(gateway.address);
        for number in 0..10 {
            connection.send(&request("HEAD", "/a", &[], ""));
            assert_eq!(
                connection.answer(true).expect("an answer").status(),
                200,
                "{framing} {number}"
            );
            connection.send(&request("GET", "/b", &[], ""));
            assert_eq!(connection.read().text(), "ok", "{framing} {number}");
        }
    }
}

/// A head of an answer, and how it comes to the client: as it is, unless something else is said.
type Shape = (&'static [u8], Option<&'static [u8]>);

/// Shapes that some server has.
#[test]
fn odd_answers_pass() {
    let shapes: [Shape; 9] = [
        (b"HTTP/1.1 200 OK\r\nX: caf\xe9\r\ncontent-length: 0\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nX: caf\xc3\xa9\r\ncontent-length: 0\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\nX: a\tb\r\ncontent-length: 0\r\n\r\n", None),
        (
            b"HTTP/1.1 200 OK\r\nX:\r\ncontent-length: 0\r\n\r\n",
            Some(b"HTTP/1.1 200 OK\r\nX: \r\ncontent-length: 0\r\n\r\n"),
        ),
        (
            b"HTTP/1.1 200\r\nX: y\r\ncontent-length: 0\r\n\r\n",
            Some(b"HTTP/1.1 200 \r\nX: y\r\ncontent-length: 0\r\n\r\n"),
        ),
        // A line may end without a carriage return (RFC 9112 §2.2).
        (
            b"HTTP/1.1 200 OK\nX: y\ncontent-length: 0\n\n",
            Some(b"HTTP/1.1 200 OK\r\nX: y\r\ncontent-length: 0\r\n\r\n"),
        ),
        (b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", None),
        (b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n", None),
        (
            b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\ncontent-length: 0\r\n\r\n",
            None,
        ),
    ];
    for (sent, expected) in shapes {
        let upstream = ScriptedUpstream::new(move |_, stream| {
            let _ = stream.write_all(sent);
        });
        let gateway = Gateway::before(&[&upstream.url]);
        let mut connection = Connection::to(gateway.address);
        for _ in 0..2 {
            connection.send(&request("GET", "/a", &[], ""));
            let head = connection.read_head();
            let mut seen = format!("{}\r\n", head.status_line);
            for (name, value) in &head.fields {
                seen.push_str(&format!("{name}: {value}\r\n"));
            }
            let expected: String = expected.unwrap_or(sent).iter().copied().map(char::from).collect();
            let is_there = !seen.contains("transfer-encoding");
            assert!(is_there, "{seen:?}");
            assert_eq!(
                format!("{seen}\r\n").replace(": \r\n", ":\r\n"),
                expected.replace(": \r\n", ":\r\n")
            );
        }
    }
}

/// What is before the cluster, or a node that starts, answers in its place: that is the client's answer to a claimed call.
#[test]
fn what_stands_in_for_the_cluster_is_heard_before_a_claimed_call() {
    for (status, fields) in [
        (
            "503 Service Unavailable",
            &["Retry-After: 7", "Content-Type: text/plain"][..],
        ),
        ("502 Bad Gateway", &["Content-Type: text/html"]),
        ("429 Too Many Requests", &["Retry-After: 3"]),
        ("301 Moved Permanently", &["Location: https://es.example.org/"]),
        ("401 Unauthorized", &["WWW-Authenticate: Basic realm=\"lb\""]),
    ] {
        let lines: String = fields.concat();
        let answer = crate::support::stand_in::with_fields(status, fields, "not now");
        let cluster = StandIn::answering("8.19.21", move |_| Some(answer.clone()));
        let gateway = Gateway::before(&[cluster.url()]);
        let created = gateway.create_job("a", &job::smallest());
        assert_eq!(created.status_line, format!("HTTP/1.1 {status}"));
        assert_eq!(created.text(), "not now");
        for field in fields {
            let (name, value) = field.split_once(": ").expect("a field");
            if name != "Content-Type" {
                assert_eq!(created.values(name), [value], "{lines}");
            }
        }
        assert!(cluster.creates().is_empty());
    }
}

/// aws-es-kibana#25: the limit of a real node is the node's to tell, however the body comes.
#[test]
fn a_body_over_the_nodes_limit_gets_the_nodes_413() {
    let kind = cluster::Kind::default_for_this_machine().expect("a node to test with");
    let node = cluster::Node::builder(kind)
        .setting("http.max_content_length", "1mb")
        .start()
        .expect("it starts");
    let gateway = Gateway::before(&[node.url()]);
    let body = vec![b'\n'; 2 * 1024 * 1024];
    let chunked = [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
    let sized = format!("Content-Length: {}\r\n", body.len());
    for (framing, sent) in [(sized.as_str(), &body), ("Transfer-Encoding: chunked\r\n", &chunked)] {
        let ask = |address| {
            let mut connection = Connection::to(address);
            let head =
                format!("POST /_bulk HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n{framing}\r\n");
            connection.send(head.as_bytes());
            let _ = connection.write_all(sent); // Whoever has seen enough reads no more.
            connection.answer(false).map(|answer| answer.status())
        };
        assert_eq!(ask(address_of(node.url())), Some(413), "{framing}: directly");
        assert_eq!(ask(gateway.address), Some(413), "{framing}: through the gateway");
    }
}

/// What a Kibana does in its first moments, a hundred requests on a connection that is kept.
#[test]
fn a_hundred_requests_on_one_connection_are_answered_as_by_the_node() {
    let node = node::shared_url();
    let gateway = Gateway::before(&[node]);
    let index = node::fresh_id("kibana");
    let json = ("Content-Type", "application/json");
    let script: Vec<(&str, String, &str)> = vec![
        ("HEAD", "/".to_owned(), ""),
        ("GET", "/_nodes?filter_path=nodes.*.version".to_owned(), ""),
        (
            "PUT",
            format!("/{index}"),
            r#"{"settings":{"number_of_shards":1,"number_of_replicas":0}}"#,
        ),
        ("HEAD", format!("/{index}"), ""),
        ("POST", format!("/{index}/_doc/1?refresh=true"), r#"{"a":1}"#),
        ("GET", format!("/{index}/_doc/1"), ""),
        (
            "GET",
            format!("/{index}/_search?filter_path=hits.hits._source"),
            r#"{"query":{"match_all":{}}}"#,
        ),
        ("GET", format!("/{index}/_doc/none"), ""),
        ("DELETE", format!("/{index}"), ""),
        ("HEAD", format!("/{index}"), ""),
    ];
    let run = |address| {
        let mut connection = Connection::to(address);
        let mut answers = Vec::new();
        for round in 0..10 {
            for (number, (method, target, body)) in script.iter().enumerate() {
                let id = format!("kbn-{round}-{number}");
                let fields = [json, ("X-Opaque-Id", id.as_str())];
                connection.send(&request(method, target, &fields, body));
                let answer = connection.answer(*method == "HEAD").expect("an answer");
                // What no two runs have alike.
                let body = if matches!(number, 4 | 5) {
                    String::new()
                } else {
                    answer.text()
                };
                let fields: Vec<_> = answer
                    .fields
                    .into_iter()
                    .filter(|(name, _)| name != "content-length")
                    .collect();
                answers.push((answer.status_line, fields, body));
            }
        }
        answers
    };
    let (direct, through) = (run(address_of(node)), run(gateway.address));
    assert_eq!(direct.len(), 100);
    assert_eq!(direct, through);
}

/// rsyslog#1546: HEAD of calls that know none, on connections that are to end.
#[test]
fn head_of_calls_that_know_none_is_answered_as_by_the_node() {
    let node = node::shared_url();
    let gateway = Gateway::before(&[node]);
    for target in [
        "/_bulk",
        "/_cluster/health",
        "/_cat/health",
        "/_no_such_call",
        "/no-such-index/_doc/1",
    ] {
        let ask = |address| {
            let mut connection = Connection::to(address);
            connection.send(&wire::request("HEAD", target, &[("Connection", "close")], ""));
            let answer = connection.answer(true).expect("an answer");
            let fields: Vec<_> = answer
                .fields
                .into_iter()
                .filter(|(name, _)| !name.eq_ignore_ascii_case("connection"))
                .collect();
            let ended = connection.read_some(&mut [0]) == 0;
            (answer.status_line, fields, ended)
        };
        assert_eq!(ask(gateway.address), ask(address_of(node)), "{target}");
    }
}
