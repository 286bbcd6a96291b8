//! Bodies are looked through as they stream, in little memory, and nothing goes on that was not looked at.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::counting_upstream::{Upstream, sum};
use crate::support::gateway::Gateway;
use crate::support::wire::{self, Answer, Connection};

/// The most memory that the gateway may ever have resident, in bytes.
const MEMORY_LIMIT: u64 = 64 * 1024 * 1024;

/// An operation, and one at the protected index.
const OPERATION: &str = "{\"index\":{\"_index\":\"other\",\"_id\":\"1\"}}\n";
pub const FORBIDDEN: &str = "{\"delete\":{\"_index\":\"anomaly-detectors\",\"_id\":\"1\"}}\n";

/// Sends a body in pieces, in chunks or at its length, and reads the answer.
fn send<'p>(gateway: &Gateway, fields: &str, length: Option<usize>, pieces: impl Iterator<Item = &'p [u8]>) -> Answer {
    let mut connection = Connection::to(gateway.address);
    let framing = length.map_or("Transfer-Encoding: chunked".to_owned(), |length| {
        format!("Content-Length: {length}")
    });
    let head =
        format!("POST /_bulk HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\n{fields}{framing}\r\n\r\n");
    connection.send(head.as_bytes());
    for piece in pieces {
        if length.is_some() {
            connection.send(piece);
        } else {
            connection.send(format!("{:x}\r\n", piece.len()).as_bytes());
            connection.send(piece);
            connection.send(b"\r\n");
        }
    }
    if length.is_none() {
        connection.send(b"0\r\n\r\n");
    }
    connection.read()
}

/// Two operations: one with a long document, one with a short one.
fn block() -> Vec<u8> {
    let long = format!("{{\"text\":\"{}\"}}\n", "anomaly-detectors, ".repeat(12_000));
    format!("{OPERATION}{long}{OPERATION}{{\"a\":1}}\n").into_bytes()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

#[test]
fn two_hundred_megabytes_of_operations_pass_in_little_memory() {
    let (upstream, block) = (Upstream::new(), block());
    let gateway = upstream.gateway();
    let times = 200 * 1024 * 1024 / block.len() + 1;
    for length in [None, Some(times * block.len())] {
        let answer = send(&gateway, "", length, std::iter::repeat_n(block.as_slice(), times));
        assert_eq!(answer.status(), 200, "{}", answer.text());
        let arrived = upstream.arrived();
        assert!(arrived.is_whole);
        assert_eq!(
            (arrived.bytes, arrived.sum),
            (times * block.len(), times as u64 * sum(&block))
        );
    }
    let peak = gateway.memory("VmHWM");
    eprintln!("peak resident memory: {:.1} MiB", peak as f64 / 1_048_576.0);
    assert!(peak < MEMORY_LIMIT, "{peak} bytes were resident");
}

/// As many members as blocks, which are one body.
#[test]
fn compressed_operations_pass_as_they_came_in_little_memory() {
    let (upstream, block) = (Upstream::new(), block());
    let gateway = upstream.gateway();
    let member = gzip(&block);
    let times = 50 * 1024 * 1024 / block.len() + 1;
    let answer = send(
        &gateway,
        "Content-Encoding: gzip\r\n",
        None,
        std::iter::repeat_n(member.as_slice(), times),
    );
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let arrived = upstream.arrived();
    assert!(arrived.is_whole);
    assert_eq!(
        (arrived.bytes, arrived.sum),
        (times * member.len(), times as u64 * sum(&member))
    );
    let peak = gateway.memory("VmHWM");
    assert!(peak < MEMORY_LIMIT, "{peak} bytes were resident");
}

#[test]
fn an_operation_at_the_end_of_a_large_body_ends_it() {
    let (upstream, block) = (Upstream::new(), block());
    let gateway = upstream.gateway();
    let times = 20 * 1024 * 1024 / block.len();
    let (last, member) = (gzip(FORBIDDEN.as_bytes()), gzip(&block));
    for (fields, block, last) in [
        ("", block.as_slice(), FORBIDDEN.as_bytes()),
        ("", block.as_slice(), FORBIDDEN.trim_end().as_bytes()),
        ("Content-Encoding: gzip\r\n", member.as_slice(), last.as_slice()),
    ] {
        for length in [None, Some(times * block.len() + last.len())] {
            let answer = send(
                &gateway,
                fields,
                length,
                std::iter::repeat_n(block, times).chain([last]),
            );
            assert_eq!(answer.status(), 403, "{}", answer.text());
            assert!(
                answer.text().contains("[anomaly-detectors] in its body could name it"),
                "{}",
                answer.text()
            );
            let arrived = upstream.arrived();
            assert!(
                !arrived.is_whole && !arrived.has_forbidden,
                "{fields} {length:?}: {arrived:?}"
            );
            assert!(arrived.bytes > 0, "it was streamed");
        }
    }
}

#[test]
fn an_operation_at_the_beginning_is_refused_before_a_node_is_asked() {
    let upstream = Upstream::new();
    let gateway = upstream.gateway();
    let before = upstream.upstream.requests();
    let bulk = |body: &str| send(&gateway, "", Some(body.len()), std::iter::once(body.as_bytes())).status();
    assert_eq!(bulk(FORBIDDEN), 403);
    let template = |size: usize| {
        let body = format!(
            "{{\"index_patterns\":[\"b\"],\"_meta\":{{\"x\":\"{}\"}}}}",
            "x".repeat(size)
        );
        gateway.call("PUT", "/_index_template/t", &body).status()
    };
    assert_eq!(template(1024 * 1024), 403, "too long to be judged");
    let asked = upstream.upstream.heads();
    let is_write = |head: &&String| !head.starts_with("GET ") && !head.starts_with("HEAD ");
    assert_eq!(asked.iter().skip(before).filter(is_write).count(), 0);
    assert_eq!(template(900 * 1024), 200);
}

/// Its beginning goes on, its line break does not, and without that nobody does it.
#[test]
fn an_operation_that_is_too_long_to_be_judged_never_ends_at_the_node() {
    let upstream = Upstream::new();
    let gateway = upstream.gateway();
    let long = format!("{{\"index\":{{\"_id\":\"{}\"}}}}\n{{}}\n", "x".repeat(512 * 1024));
    let answer = send(&gateway, "", Some(long.len()), std::iter::once(long.as_bytes()));
    assert_eq!(answer.status(), 403);
    assert!(answer.text().contains("longer than 65536 bytes"), "{}", answer.text());
    assert!(!upstream.arrived().is_whole);
}

/// What `Connection` names does not reach the node, so it must not decide how a body is read either.
#[test]
fn a_coding_that_does_not_reach_the_node_is_none() {
    let upstream = Upstream::new();
    let gateway = upstream.gateway();
    // Plain operations that are announced as compressed, and compressed ones of which the node is not told.
    let fields = "Content-Encoding: gzip\r\nConnection: Content-Encoding\r\n";
    let plain = send(
        &gateway,
        fields,
        Some(FORBIDDEN.len()),
        std::iter::once(FORBIDDEN.as_bytes()),
    );
    assert_eq!(plain.status(), 403);
    assert!(
        plain.text().contains("[anomaly-detectors] in its body"),
        "{}",
        plain.text()
    );
    let compressed = gzip(OPERATION.as_bytes());
    let hidden = send(
        &gateway,
        fields,
        Some(compressed.len()),
        std::iter::once(compressed.as_slice()),
    );
    assert_eq!(hidden.status(), 403);
}

/// Half a body is half a body at the node, too.
#[test]
fn a_client_that_leaves_in_the_middle_leaves_half_a_body() {
    let upstream = Upstream::new();
    let gateway = upstream.gateway();
    let mut connection = Connection::to(gateway.address);
    let head = "POST /_bulk HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n";
    connection.send(format!("{head}{OPERATION}{{}}\n").as_bytes());
    wire::eventually("the node is asked", || {
        let heads = upstream.upstream.heads();
        heads.iter().any(|head| head.starts_with("POST /_bulk "))
    });
    drop(connection);
    let arrived = upstream.arrived();
    assert!(!arrived.is_whole, "{arrived:?}");
    assert_eq!(gateway.call("GET", "/", "").status(), 200);
}
