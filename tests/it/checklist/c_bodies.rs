//! C. Bodies of create-job: what Elasticsearch's reader takes is taken, what it refuses is refused as it does.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::{JOB, JSON, before, put, reason, types};
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::stand_in::VERSIONS;
use crate::support::wire::{Answer, Connection};

const MEBIBYTE: usize = 1024 * 1024;
/// Elasticsearch's `http.max_content_length` (contract http.md §2.7).
const LIMIT: usize = 100 * MEBIBYTE;

/// Sends bytes that may be no text, with these fields.
fn put_bytes(gateway: &Gateway, fields: &str, body: &[u8]) -> Answer {
    let mut connection = Connection::to(gateway.address);
    let length = body.len();
    let head = format!("PUT {JOB} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{fields}");
    connection.send(format!("{head}Content-Length: {length}\r\n\r\n").as_bytes());
    connection.send(body);
    connection.read()
}

/// The smallest job with one more member.
fn with_member(member: &str) -> String {
    let job = job::smallest();
    format!("{},{member}}}", job.strip_suffix('}').expect("an object"))
}

fn assert_refused(version: &str, answer: &Answer, chain: &[&str]) {
    assert_eq!(answer.status(), 400, "{version}: {}", answer.text());
    assert_eq!(types(answer), chain, "{version}: {}", answer.text());
}

#[test]
fn line_45_a_body_is_required() {
    for version in VERSIONS {
        let (cluster, gateway) = before(version);
        let answer = put(&gateway, JOB, &[], "");
        assert_refused(version, &answer, &["parse_exception"]);
        assert_eq!(reason(&answer), "request body is required");
        assert_eq!(cluster.forwarded(), [""; 0]);
    }
}

#[test]
fn line_46_a_body_in_the_query_is_none() {
    let target = format!("{JOB}?source=%7B%7D&source_content_type=application/json");
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        assert_eq!(reason(&put(&gateway, &target, &[], "")), "request body is required");
        let answer = put(&gateway, &target, &[JSON], &job::smallest());
        assert_refused(version, &answer, &["illegal_argument_exception"]);
        assert_eq!(
            reason(&answer),
            format!("request [{JOB}] contains unrecognized parameters: [source], [source_content_type]")
        );
    }
}

const PARSE: &str = "x_content_parse_exception";

#[test]
fn line_47_duplicate_keys_are_refused_at_every_depth() {
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        let is_late = version >= "8";
        let top = gateway.create_job("j", r#"{"description":"a","description":"b"}"#);
        // Contract job.md §2, malformed JSON: from 8.0 on a parse exception of the reader is the outermost.
        assert_refused(version, &top, &[PARSE, "json_parse_exception"]);
        let nested = gateway.create_job("j", r#"{"custom_settings":{"a":1,"a":1}}"#);
        let chain = [PARSE, PARSE, "json_parse_exception"];
        assert_refused(version, &nested, &chain[usize::from(!is_late)..]);
        let settings = "[1:25] [job_details] failed to parse field [custom_settings]";
        assert_eq!(reason(&nested), settings, "{version}");
    }
}

#[test]
fn line_48_a_body_cut_off_and_a_broken_word_are_refused() {
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        let outer = if version >= "8" {
            "x_content_e_o_f_exception"
        } else {
            PARSE
        };
        let cut = gateway.create_job("j", r#"{"description":"a""#);
        assert_refused(version, &cut, &[outer, "json_e_o_f_exception"]);
        assert_refused(
            version,
            &gateway.create_job("j", "nul"),
            &[PARSE, "json_parse_exception"],
        );
        // The first fault in the order of the document wins.
        assert_refused(version, &gateway.create_job("j", r#"{"a":1"#), &[PARSE]);
    }
}

#[test]
fn line_49_what_follows_the_object_is_ignored() {
    let smallest = job::smallest();
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        for body in [format!("{smallest} garbage"), format!("{smallest}{smallest}")] {
            assert_eq!(gateway.create_job("j", &body).status(), 200, "{version}");
        }
    }
}

#[test]
fn line_50_comments_byte_order_marks_and_utf_16_are_read() {
    let smallest = job::smallest();
    let utf16 = |mark: &[u8], unit: fn(u16) -> [u8; 2]| {
        let units = smallest.encode_utf16().flat_map(unit);
        [mark, &units.collect::<Vec<u8>>()].concat()
    };
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        for body in [
            format!("/* c */{smallest}").into_bytes(),
            format!("// c\n{smallest}").into_bytes(),
            format!("\u{feff}{smallest}").into_bytes(),
            utf16(b"", u16::to_le_bytes),
            utf16(b"\xff\xfe", u16::to_le_bytes),
            utf16(b"\xfe\xff", u16::to_be_bytes),
        ] {
            let answer = put_bytes(&gateway, "", &body);
            assert_eq!(answer.status(), 200, "{version}: {}", answer.text());
        }
    }
}

#[test]
fn line_51_half_a_surrogate_pair_is_a_text_like_any_other() {
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        let answer = gateway.create_job("j", &with_member(r#""description":"\ud800""#));
        assert_eq!(answer.status(), 200, "{version}: {}", answer.text());
    }
}

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

#[test]
fn line_55_the_id_in_the_body_is_that_of_the_path() {
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        let with_id = |id: &str| gateway.create_job("j", &with_member(&format!(r#""job_id":"{id}""#)));
        assert_eq!(with_id("j").status(), 200, "{version}");
        let other = with_id("k");
        assert_refused(version, &other, &["illegal_argument_exception"]);
        let reason = reason(&other);
        assert!(
            reason.contains("[job_id]") && reason.contains("[j]") && reason.contains("[k]"),
            "{reason}"
        );
    }
}

fn assert_too_large(answer: &Answer) {
    assert_eq!((answer.status(), answer.text().as_str()), (413, ""));
    assert_eq!(answer.values("content-length"), ["0"]);
    // Elasticsearch writes this one below its REST layer (contract http.md §2.6).
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
    let chunk = [b"100000\r\n".as_slice(), &[b' '; MEBIBYTE], b"\r\n"].concat();
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

#[test]
fn line_62_an_unknown_parameter_is_told_after_the_body() {
    for version in VERSIONS {
        let (cluster, gateway) = before(version);
        let with_query = |id: &str, query: &str, body: &str| {
            put(&gateway, &format!("/_ml/anomaly_detectors/{id}?{query}"), &[JSON], body)
        };
        let answer = with_query("%6A", "timeot=1s", &job::smallest());
        assert_refused(version, &answer, &["illegal_argument_exception"]);
        assert_eq!(
            reason(&answer),
            format!("request [{JOB}] contains unrecognized parameter: [timeot] -> did you mean [timeout]?"),
            "the path is decoded"
        );
        assert_eq!(types(&with_query("j", "foo", "[]")), [PARSE], "the body's fault wins");
        assert!(cluster.creates().is_empty());
    }
}
