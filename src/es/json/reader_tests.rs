//! What the reader takes and refuses, and the places that its faults name.

use std::fmt::Write as _;

use super::super::Document;
use super::*;

fn fault_of(text: &str) -> Option<Fault> {
    Document::read(text.as_bytes()).fault().cloned()
}

/// As every version but 7.0 says: there the library fails on a byte beyond ASCII.
#[test]
fn escapes_need_digits() {
    for text in [r#"{"a":"\u00g0"}"#, "{\"a\":\"\\u00é\"}", "{\"\\ué\":1}"] {
        let fault = fault_of(text).expect("a fault");
        assert!(matches!(fault.kind, FaultKind::String(_)), "{text}: {fault:?}");
    }
}

/// Elasticsearch says so in other words, or with 500.
#[test]
fn orders_of_bytes_that_nobody_reads_are_malformed() {
    for body in [b"\0\0{\0".as_slice(), b"\0{\0\0", b"\xFE\xFF\0\0", b"\0\0\xFF\xFE"] {
        let document = Document::read(body);
        let fault = document.fault().expect("a fault");
        assert!(
            matches!(fault.kind, FaultKind::Unexpected { .. }),
            "{body:?}: {fault:?}"
        );
    }
}

/// The places that 8.19.21 and 9.5.3 name, which read one character more than the word.
#[test]
fn a_line_end_behind_a_word_starts_no_line() {
    for (text, place) in [
        ("{\"a\":t\n", "1:8"),
        ("{\"a\":t\r\n}", "1:8"),
        ("{\"a\":t }", "1:8"),
        ("{\"a\":\nt\n", "2:3"),
        ("{\"a\":8.", "1:7"),
    ] {
        let document = Document::read(text.as_bytes());
        let fault = document.fault().expect("a fault");
        assert_eq!(document.place_of(fault).to_string(), place, "{text:?}");
    }
}

/// Contract job.md §2, JSON dialect, and http.md §2.5.
#[test]
fn reads_the_dialect_and_nothing_more() {
    for accepted in [
        "{/* a */\"a\"// b\n:1/**/}",
        r#"{"a":"\ud800"}"#,
        r#"{"a":1e999,"b":-0.0E+1}"#,
        r#"{"a":[],"b":{},"c":null,"d":true,"e":false}"#,
        "{} x",
        "// c",
    ] {
        assert_eq!(fault_of(accepted), None, "{accepted}");
    }
    for refused in [
        "{'a':1}",
        "{a:1}",
        r#"{"a":1,}"#,
        "[1,]",
        "[,]",
        r#"{"a":NaN}"#,
        r#"{"a":01}"#,
        r#"{"a":+1}"#,
        r#"{"a":.5}"#,
        r#"{"a":1.}"#,
        "{\"a\":\"\t\"}",
        r#"{"a":"\x"}"#,
        "# c\n{}",
        r#"{"a" 1}"#,
        "{",
        "[",
        "tru",
        r#"{"a":1"#,
        r#"{"a":"#,
        r#"{"a"#,
        "[1 2]",
        "{]",
        "[}",
        "/* c",
        r#"{"a":1,"a":2}"#,
        r#"{"a":1,"\u0061":2}"#,
    ] {
        assert!(fault_of(refused).is_some(), "{refused}");
    }
    assert!(Document::read(b"{\"a\":\"\xFF\"}").fault().is_some());
}

/// The token that a fault names, as seen with Elasticsearch's own reader.
#[test]
fn faults_name_the_last_token() {
    for (text, token) in [
        (r#"{"groups":["a"], x"#, 14),
        (r#"{"groups":["a", x]}"#, 16),
        (r#"{"groups":["a" "b"]}"#, 11),
        (r#"{"description":"b\q"}"#, 15),
        (r#"{"description":tru}"#, 1),
        (r#"{"foo" 5}"#, 1),
        (r#"{"description":"a", "description":"b"}"#, 15),
        (r#"{"custom_settings":{"a":[1,2}}"#, 28),
    ] {
        assert_eq!(fault_of(text).expect("a fault").token, Some(token), "{text}");
    }
}

#[test]
fn finds_a_duplicate_among_many_names() {
    let mut text = String::from("{");
    for index in 0..5000 {
        write!(text, "\"n{index}\":0,").expect("text is written");
    }
    assert_eq!(fault_of(&format!("{text}\"last\":1}}")), None);
    let fault = fault_of(&format!("{text}\"n4000\":1}}")).expect("a fault");
    assert_eq!(fault.kind, FaultKind::DuplicateName("n4000".to_owned()));
}

#[test]
fn a_thousand_levels_are_read_and_one_more_is_not() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(fault_of(&nested(MAX_DEPTH)), None);
    assert_eq!(
        fault_of(&nested(MAX_DEPTH + 1)).expect("a fault").kind,
        FaultKind::TooDeep
    );
    assert_eq!(
        fault_of(&"[".repeat(1_000_000)).expect("a fault").kind,
        FaultKind::TooDeep
    );
}
