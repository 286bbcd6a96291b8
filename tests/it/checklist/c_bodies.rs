//! C. Bodies of create-job: what Elasticsearch's reader takes is taken, what it refuses is refused as it does.

use super::{JOB, JSON, before, put, reason, types};
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::stand_in::VERSIONS;
use crate::support::wire::{Answer, Connection};

/// Sends bytes that may be no text, with these fields.
pub(super) fn put_bytes(gateway: &Gateway, fields: &str, body: &[u8]) -> Answer {
    let mut connection = Connection::to(gateway.address);
    let length = body.len();
    let head = format!("PUT {JOB} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{fields}");
    connection.send(format!("{head}Content-Length: {length}\r\n\r\n").as_bytes());
    connection.send(body);
    connection.read()
}

/// The smallest job with one more member.
pub(super) fn with_member(member: &str) -> String {
    let job = job::smallest();
    format!("{},{member}}}", job.strip_suffix('}').expect("an object"))
}

pub(super) fn assert_refused(version: &str, answer: &Answer, chain: &[&str]) {
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

pub(super) const PARSE: &str = "x_content_parse_exception";

#[test]
fn line_47_duplicate_keys_are_refused_at_every_depth() {
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        let is_late = version >= "8";
        let top = gateway.create_job("j", r#"{"description":"a","description":"b"}"#);
        // create-job.md §2, malformed JSON: from 8.0 on a parse exception of the reader is the outermost.
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
