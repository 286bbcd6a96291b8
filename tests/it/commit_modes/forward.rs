//! `forward`: the cluster is asked in the client's place, once, and its answer is the client's.

use std::io::Write;
use std::net::Shutdown;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{creates_a_job, gateway, total_requests};
use crate::support::job;
use crate::support::node;
use crate::support::scripted_upstream::{ScriptedUpstream, read_body};
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{self, Connection, address_of};

const PUT: &str = "PUT /_ml/anomaly_detectors/";

/// A cluster with machine learning that says this to each job.
fn cluster(version: &str, answer: &'static str) -> StandIn {
    StandIn::answering(version, move |(line, _)| creates_a_job(line).then(|| answer.to_owned()))
}

#[test]
fn the_cluster_is_asked_once_in_the_clients_name_and_its_answer_comes_back_as_it_is() {
    let cluster = cluster(
        "7.0.0",
        "HTTP/1.1 200 Made It\r\nX-Opaque-Id: me\r\nX-Odd-Case: 1\r\nWarning: 299 a \"1\"\r\nWarning: 299 b \"2\"\r\n\
         content-type: application/json; charset=UTF-8\r\ncontent-length: 18\r\nSet-Cookie: a\r\n\r\n{ \"whatever\" : 1 }",
    );
    let gateway = gateway(cluster.url(), "forward");
    let body = job::total_requests();
    let mut connection = Connection::to(gateway.address);
    let head = format!(
        "PUT /_ml/anomaly_detectors/total%2Drequests/?timeout=5s&pretty HTTP/1.1\r\nHost: orig:9200\r\n\
         aUTHORIZATION: ApiKey abc\r\nContent-Length: {}\r\nX-Opaque-Id: me\r\nes-secondary-authorization: Basic eA==\r\n\
         X-Hop: 1\r\nConnection: keep-alive, X-Hop\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n\
         User-Agent: test\r\n\r\n",
        body.len()
    );
    connection.send(head.as_bytes());
    connection.send(body.as_bytes());
    let answer = connection.read();

    let requests = cluster.requests("PUT ");
    let [(head, body)] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    let expected = format!(
        "PUT /_ml/anomaly_detectors/total%2Drequests/?timeout=5s&pretty HTTP/1.1\r\nHost: orig:9200\r\n\
         aUTHORIZATION: ApiKey abc\r\nContent-Length: {}\r\nX-Opaque-Id: me\r\nes-secondary-authorization: Basic eA==\r\n\
         Content-Type: application/json\r\nAccept-Encoding: gzip\r\nUser-Agent: test\r\n\r\n",
        body.len()
    );
    assert_eq!(*head, expected);
    let sent: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(sent, total_requests("total-requests"));

    assert_eq!(answer.status_line, "HTTP/1.1 200 Made It");
    let fields: Vec<_> = answer
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let expected = [
        ("X-Opaque-Id", "me"),
        ("X-Odd-Case", "1"),
        ("Warning", "299 a \"1\""),
        ("Warning", "299 b \"2\""),
        ("content-type", "application/json; charset=UTF-8"),
        ("content-length", "18"),
        ("Set-Cookie", "a"),
    ];
    assert_eq!(fields, expected);
    assert_eq!(answer.text(), "{ \"whatever\" : 1 }");

    // The only call of the gateway's own asks who the cluster is: no index, no job in it, nothing about privileges.
    let heads = cluster.upstream.heads();
    let lines: Vec<_> = heads.iter().filter_map(|head| head.lines().next()).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0], "GET / HTTP/1.1");
}

#[test]
fn what_is_refused_never_reaches_the_cluster() {
    let cluster = cluster("9.5.3", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let gateway = gateway(cluster.url(), "forward");
    for body in [
        "{",
        "{}",
        r#"{"analysis_config":{"detectors":[]}}"#,
        r#"{"create_time":1}"#,
    ] {
        assert_eq!(gateway.create_job("a", body).status(), 400, "{body}");
    }
    assert_eq!(gateway.create_job("_not_an_id", &job::smallest()).status(), 400);
    assert_eq!(cluster.requests("PUT ").len(), 0);
    assert_eq!(gateway.create_job("a", &job::smallest()).status(), 200);
    assert_eq!(cluster.requests(PUT).len(), 1);
}

#[test]
fn a_refusal_of_the_cluster_is_the_answer_and_nothing_is_asked_again() {
    for status in [
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "409 Conflict",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
    ] {
        let body = json!({"error": {"reason": status}, "status": 1}).to_string();
        let fields = [
            "WWW-Authenticate: Basic realm=\"security\"",
            "X-elastic-product: Elasticsearch",
        ];
        let answer = with_fields(status, &fields, &body);
        let cluster = StandIn::answering("9.5.3", move |(line, _)| creates_a_job(line).then(|| answer.clone()));
        let answer = gateway(cluster.url(), "forward").create_job("a", &job::smallest());
        assert_eq!(answer.status_line, format!("HTTP/1.1 {status}"));
        let names: Vec<_> = answer.fields.iter().map(|(name, _)| name.as_str()).collect();
        let expected = [
            "WWW-Authenticate",
            "X-elastic-product",
            "content-type",
            "content-length",
        ];
        assert_eq!(names, expected, "{status}");
        assert_eq!(answer.text(), body);
        assert_eq!(cluster.requests(PUT).len(), 1, "{status}");
    }
}

#[test]
fn a_body_in_another_form_is_sent_as_json_and_answered_in_its_own() {
    let cluster = cluster("9.5.3", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let gateway = gateway(cluster.url(), "forward");
    let yaml = "analysis_config: {detectors: [{function: count}]}\ndata_description: {}\n";
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(yaml.as_bytes()).expect("memory takes everything");
    let gzip = gzip.finish().expect("memory takes everything");
    let mut connection = Connection::to(gateway.address);
    connection.send(
        b"PUT /_ml/anomaly_detectors/a HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\
          X-Last: 1\r\nContent-Type: application/yaml\r\nAccept: */*\r\n\r\n",
    );
    connection.send(format!("{:x}\r\n", gzip.len()).as_bytes());
    connection.send(&gzip);
    connection.send(b"\r\n0\r\n\r\n");
    assert_eq!(connection.read().status(), 200);
    let (head, body) = cluster.requests(PUT).pop().expect("it is asked");
    let length = body.len();
    assert_eq!(
        head,
        format!(
            "PUT /_ml/anomaly_detectors/a HTTP/1.1\r\nHost: a\r\ncontent-length: {length}\r\nX-Last: 1\r\n\
             Content-Type: application/json\r\nAccept: application/yaml\r\n\r\n"
        )
    );
    let sent: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(sent["analysis_config"]["detectors"][0]["detector_description"], "count");
    assert_eq!(sent["job_id"], "a");
    for absent in ["job_type", "job_version", "create_time"] {
        assert_eq!(sent.get(absent), None, "later versions refuse {absent}");
    }
}

/// A known difference (docs/deviations.md): it would have warned of the fraction.
#[test]
fn the_cluster_does_not_see_how_a_limit_was_written() {
    let cluster = cluster("8.19.21", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let body = json!({
        "analysis_config": {"detectors": [{"function": "count"}]},
        "analysis_limits": {"model_memory_limit": "1.5gb"},
        "data_description": {}
    });
    let answer = gateway(cluster.url(), "forward").create_job("a", &body.to_string());
    assert!(answer.values("warning").is_empty());
    let (_, sent) = cluster.requests(PUT).pop().expect("it is asked");
    let sent: Value = serde_json::from_str(&sent).expect("JSON");
    assert_eq!(sent["analysis_limits"]["model_memory_limit"], "1536mb");
}

/// A cluster whose connection ends once it has said this of a job.
fn breaking(said: &'static str) -> ScriptedUpstream {
    ScriptedUpstream::new(move |head, stream| {
        read_body(head, stream);
        if creates_a_job(head) {
            let _ = stream.write_all(said.as_bytes());
            let _ = stream.shutdown(Shutdown::Both);
        } else {
            let page = json!({"version": {"number": "9.5.3", "build_hash": "a"}}).to_string();
            let _ = stream.write_all(with_fields("200 OK", &[], &page).as_bytes());
        }
    })
}

fn puts(cluster: &ScriptedUpstream) -> usize {
    let heads = cluster.heads();
    heads.iter().filter(|head| creates_a_job(head)).count()
}

#[test]
fn a_lost_answer_is_an_unknown_outcome_and_nothing_is_asked_again() {
    for mode in ["forward", "both"] {
        let cluster = breaking("");
        let answer = gateway(&cluster.url, mode).create_job("a", &job::smallest());
        assert_eq!(answer.status(), 500, "clients repeat 502, 503 and 504");
        assert_eq!(answer.json()["error"]["type"], "outcome_unknown_exception");
        assert_eq!(puts(&cluster), 1);
    }
}

#[test]
fn an_answer_that_is_cut_off_is_seen_as_cut_off() {
    let cluster = breaking("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
    let gateway = gateway(&cluster.url, "forward");
    let mut connection = Connection::to(gateway.address);
    let fields = [("Content-Type", "application/json")];
    connection.send(&wire::request(
        "PUT",
        "/_ml/anomaly_detectors/a",
        &fields,
        &job::smallest(),
    ));
    assert_eq!(connection.read_head().values("content-length"), ["10"]);
    let mut half = [0; 4];
    connection.read_exact(&mut half);
    assert_eq!(&half, b"half");
    assert_eq!(connection.read_some(&mut [0]), 0, "the connection ends with it");
    assert_eq!(puts(&cluster), 1);
}

#[test]
fn a_cluster_that_is_down_is_told_at_once() {
    let bound = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", bound.local_addr().expect("it is bound"));
    drop(bound);
    let answer = gateway(&url, "forward").create_job("a", &job::smallest());
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.json()["error"]["type"], "upstream_unavailable_exception");
}

/// No node of the published jars has the call; the client gets what the node says of that.
#[test]
fn a_real_node_is_heard_in_its_own_words() {
    let node = node::shared_url();
    let gateway = gateway(node, "forward");
    let fields = [("Content-Type", "application/json"), ("X-Opaque-Id", "me")];
    for target in ["/_ml/anomaly_detectors/a?pretty", "/_xpack/ml/anomaly_detectors/a/"] {
        let ask = |address| wire::call(address, "PUT", target, &fields, &job::total_requests());
        let through = ask(gateway.address);
        assert_eq!(through, ask(address_of(node)));
        assert_eq!(through.status(), 400, "{through:?}");
    }
}
