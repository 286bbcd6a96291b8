//! C. Bodies of create-job, continued: deep, long, compressed and chunked ones.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::c_bodies::{PARSE, assert_refused, put_bytes, with_member};
use super::{JOB, before, reason};
use crate::support::job;
use crate::support::stand_in::VERSIONS;
use crate::support::wire::{Answer, Connection};

const MEBIBYTE: usize = 1024 * 1024;
/// Elasticsearch's `http.max_content_length` (http.md §2.7).
const LIMIT: usize = 100 * MEBIBYTE;

fn deep(levels: usize) -> String {
    with_member(&format!(
        r#""custom_settings":{}1{}"#,
        r#"{"a":"#.repeat(levels),
        "}".repeat(levels)
    ))
}

#[test]
fn line_52_deep_bodies_are_read_up_to_1000_levels() {
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        assert_eq!(gateway.create_job("j", &deep(200)).status(), 200, "{version}");
    }
    for version in ["8.19.21", "9.5.3"] {
        let (_cluster, gateway) = before(version);
        assert_eq!(
            gateway.create_job("j", &deep(999)).status(),
            200,
            "{version}: the job is the first level"
        );
        for levels in [1000, 1001] {
            let answer = gateway.create_job("j", &deep(levels));
            assert_refused(version, &answer, &[PARSE, PARSE, "stream_constraints_exception"]);
            assert_eq!(
                reason(&answer),
                "[1:5088] [job_details] failed to parse field [custom_settings]"
            );
        }
    }
}

#[test]
fn line_53_a_million_levels_are_refused_in_bounds() {
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        assert_eq!(gateway.create_job("j", &deep(1_000_000)).status(), 400, "{version}");
        assert!(gateway.memory("VmHWM") < 512 * MEBIBYTE as u64);
        assert_eq!(gateway.create_job("j", &job::smallest()).status(), 200, "still at work");
    }
}

#[test]
fn line_54_a_text_of_20_megabytes_is_read() {
    let (_cluster, gateway) = before("9.5.3");
    let text = "x".repeat(20_000_000);
    let answer = gateway.create_job("j", &with_member(&format!(r#""description":"{text}""#)));
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json()["description"].as_str().map(str::len), Some(text.len()));
}

fn assert_too_large(answer: &Answer) {
    assert_eq!((answer.status(), answer.text().as_str()), (413, ""));
    assert_eq!(answer.values("content-length"), ["0"]);
    // Elasticsearch writes this one below its REST layer (http.md §2.6).
    for field in ["content-type", "x-elastic-product", "warning"] {
        assert_eq!(answer.values(field), [""; 0], "{field}");
    }
}

#[test]
fn line_57_a_body_over_the_limit_is_413_and_empty() {
    let (cluster, gateway) = before("9.5.3");
    let head = format!("PUT {JOB} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n");

    let mut announced = Connection::to(gateway.address);
    announced.send(format!("{head}Content-Length: {}\r\n\r\n", LIMIT + 1).as_bytes());
    assert_too_large(&announced.read());

    let mut chunked = Connection::to(gateway.address);
    chunked.send(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes());
    let chunk = [b"100000\r\n".as_slice(), &vec![b' '; MEBIBYTE], b"\r\n"].concat();
    for _ in 0..LIMIT / MEBIBYTE {
        chunked.send(&chunk);
    }
    chunked.send(b"1\r\n \r\n");
    assert_too_large(&chunked.read());
    assert_eq!((cluster.forwarded().len(), cluster.creates().len()), (0, 0));
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

#[test]
fn line_58_compressed_bodies_are_read_like_plain_ones() {
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::fast());
    deflate
        .write_all(job::total_requests().as_bytes())
        .expect("memory takes it");
    let deflated = deflate.finish().expect("memory takes it");
    let gzipped = gzip(job::total_requests().as_bytes());
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        let plain = job::without(gateway.create_job("j", &job::total_requests()).json(), &["create_time"]);
        for (coding, body) in [("gzip", &gzipped), ("x-gzip", &gzipped), ("deflate", &deflated)] {
            let answer = put_bytes(&gateway, &format!("Content-Encoding: {coding}\r\n"), body);
            assert_eq!(answer.status(), 200, "{version} {coding}");
            assert_eq!(job::without(answer.json(), &["create_time"]), plain);
        }
    }
}

#[test]
fn line_59_a_compressed_bomb_is_413_in_bounded_memory() {
    let bomb = gzip(&vec![b' '; 4 * LIMIT]);
    assert!(bomb.len() < 4 * MEBIBYTE);
    let (_cluster, gateway) = before("9.5.3");
    assert_too_large(&put_bytes(&gateway, "Content-Encoding: gzip\r\n", &bomb));
    assert!(
        gateway.memory("VmHWM") < 3 * LIMIT as u64,
        "{} bytes",
        gateway.memory("VmHWM")
    );
}

#[test]
fn line_60_corrupt_compression_is_refused() {
    let mut cut = gzip(job::smallest().as_bytes());
    cut.truncate(cut.len() / 2);
    let (_cluster, gateway) = before("9.5.3");
    for body in [cut.as_slice(), b"not gzip at all"] {
        assert_eq!(put_bytes(&gateway, "Content-Encoding: gzip\r\n", body).status(), 400);
    }
}

#[test]
fn line_61_chunks_with_extensions_and_trailers_are_read() {
    for version in VERSIONS {
        let (cluster, gateway) = before(version);
        let mut connection = Connection::to(gateway.address);
        let head = format!("PUT {JOB} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n");
        connection.send(format!("{head}Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n").as_bytes());
        let (body, rest) = (job::smallest(), job::smallest().split_off(10));
        let (first, second) = (&body[..10], rest.as_str());
        for chunk in [first, second] {
            connection.send(format!("{:x};name=\"value\"\r\n{chunk}\r\n", chunk.len()).as_bytes());
        }
        connection.send(b"0;last\r\nX-Sum: 1\r\n\r\n");
        assert_eq!(connection.read().status(), 200, "{version}");
        assert_eq!(cluster.creates().len(), 1);
    }
}
