//! G. Compression: what is forwarded stays as it was coded, what the gateway answers is plain.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{JOB, JSON, before, put};
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::scripted_upstream::{ScriptedUpstream, field, read_body};
use crate::support::wire::{self, Connection};

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// An upstream that compresses if it may, as Elasticsearch does.
fn compressing() -> ScriptedUpstream {
    ScriptedUpstream::new(|head, stream| {
        read_body(head, stream);
        let may = field(head, "accept-encoding").is_some_and(|codings| codings.contains("gzip"));
        let (coding, body) = if may {
            ("content-encoding: gzip\r\n", gzip(b"{\"plain\":false}"))
        } else {
            ("", b"{\"plain\":true}".to_vec())
        };
        let head = format!("HTTP/1.1 200 OK\r\n{coding}content-length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).expect("the gateway reads");
        stream.write_all(&body).expect("the gateway reads");
    })
}

#[test]
fn line_94_a_compressed_answer_stays_compressed() {
    let upstream = compressing();
    let gateway = Gateway::before(&[&upstream.url]);
    let answer = wire::call(gateway.address, "GET", "/", &[("Accept-Encoding", "gzip, deflate")], "");
    assert_eq!(answer.values("content-encoding"), ["gzip"]);
    assert_eq!(answer.body, gzip(b"{\"plain\":false}"));
    assert_eq!(
        field(&upstream.only_head(), "accept-encoding").as_deref(),
        Some("gzip, deflate")
    );
}

#[test]
fn line_95_a_plain_answer_stays_plain() {
    let upstream = compressing();
    let gateway = Gateway::before(&[&upstream.url]);
    for codings in [vec![("Accept-Encoding", "identity")], vec![]] {
        let answer = wire::call(gateway.address, "GET", "/", &codings, "");
        assert_eq!(answer.values("content-encoding"), [""; 0]);
        assert_eq!(answer.text(), "{\"plain\":true}");
    }
}

#[test]
fn line_96_the_gateways_own_answer_is_plain_and_as_long_as_it_says() {
    let (_cluster, gateway) = before("8.19.21");
    for body in [job::smallest(), "{".to_owned()] {
        let answer = put(&gateway, JOB, &[JSON, ("Accept-Encoding", "gzip")], &body);
        assert_eq!(answer.values("content-encoding"), [""; 0]);
        assert_eq!(answer.values("content-length"), [answer.body.len().to_string()]);
        assert!(answer.json().is_object());
    }
}

#[test]
fn line_97_a_compressed_request_stays_compressed() {
    let upstream = ScriptedUpstream::new(|head, stream| {
        let body = read_body(head, stream);
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(answer.as_bytes()).expect("the gateway reads");
        stream.write_all(&body).expect("the gateway reads");
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let body = gzip(b"{\"query\":{}}");
    let mut connection = Connection::to(gateway.address);
    let head = format!(
        "POST /_search HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    connection.send(head.as_bytes());
    connection.send(&body);
    assert_eq!(connection.read().body, body);
    assert_eq!(upstream.only_head(), head);
}
