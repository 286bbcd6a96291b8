//! What the reader takes and refuses, and the places that its faults name.

use std::fmt::Write as _;

use super::super::Document;
use super::*;

fn fault_of(text: &str) -> Option<Fault> {
    Document::read(text.as_bytes()).fault().cloned()
}

/// As versions from 7.7 on say: before, the library fails on a byte beyond ASCII (`looks_up_any_digit`).
#[test]
fn escapes_need_digits() {
    for text in [r#"{"a":"\u00g0"}"#, "{\"a\":\"\\u00é\"}", "{\"\\ué\":1}"] {
        let fault = fault_of(text).expect("a fault");
        assert!(matches!(fault.kind, FaultKind::String(_)), "{text}: {fault:?}");
    }
}

/// Before anything is read, as Jackson does.
#[test]
fn orders_of_bytes_that_nobody_reads_are_told() {
    for body in [b"\0\0{\0".as_slice(), b"\0{\0\0", b"\xFE\xFF\0\0", b"\0\0\xFF\xFE"] {
        let document = Document::read(body);
        let fault = document.fault().expect("a fault");
        assert!(matches!(fault.kind, FaultKind::ByteOrder(_)), "{body:?}: {fault:?}");
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

/// The places that 9.5.3 names, which reads on as if bytes that are none were characters of Latin-1, looks at the lower
/// half of a character's number only, and reads the character behind a word, also a line end.
#[test]
fn a_word_goes_on_to_the_byte_that_ends_or_breaks_it() {
    const CUT: &str = "the text ends before its value is complete";
    const BROKEN: &str = "invalid UTF-8";
    let long = "a".repeat(300);
    for (list, place, told) in [
        (b"\xff\r".as_slice(), "1:14", "unexpected"),
        (b"\xff", "1:13", "unexpected"),
        (b"\xff\n\n", "1:14", "unexpected"),
        (b"\n\xff\r\nx", "2:3", "unexpected"),
        (b"\xff\x80", "1:14", BROKEN),
        (b"\xff\xc3\xa9 ", "1:16", "unexpected"),
        (b"\xffa b", "1:15", "unexpected"),
        (b"a\xff", "1:14", BROKEN),
        (b"a\xe2\x82\r", "1:16", BROKEN),
        (b"a\xe2\x82", "1:15", CUT),
        (b"tru\xc3", "1:16", CUT),
        (b"true\xff", "1:16", BROKEN),
        (b"true\x80", "1:16", BROKEN),
        (b"true\xc3\xa9", "1:17", BROKEN),
        (b"nul\xc3\xa9l ", "1:19", "unexpected"),
        (b"\xc3\xa9", "1:14", BROKEN),
        (b"\xf0\x9d\x92\xb3", "1:14", BROKEN),
        (b"a\xf0\x9d\x92\xb3 ", "1:18", "unexpected"),
        (b"a\xf0\x9f\x98\x80b", "1:17", "unexpected"),
        (b"a\xed\xa0\x80b", "1:16", "unexpected"),
        (b"a\xc0\x80b ", "1:17", "unexpected"),
        (b"-I", "1:14", CUT),
        (b"-Ix", "1:14", "malformed number"),
        (b"-INx\xff", "1:17", BROKEN),
        (b"+", "1:13", CUT),
        (b"+\n", "1:13", "unexpected"),
        (b"+I", "1:14", CUT),
        (b"+Ix", "1:14", "unexpected"),
        (b"NaN\xff", "1:15", BROKEN),
        (b"NaN\r", "1:15", "unexpected"),
        (long.as_bytes(), "1:268", "unexpected"),
        (b"1\xff", "1:13", "unexpected"),
        (b"\"\\\xc3\xa9\"", "1:15", "malformed string"),
        (b"\"\\\xc0\xa2\"", "1:15", "malformed string"),
    ] {
        let text = [b"{\"groups\":[", list].concat();
        assert_told(&text, place, told);
    }
    for (text, place, told) in [
        (b"{\xff".as_slice(), "1:3", BROKEN),
        (b"{\xc3\xa9", "1:3", "unexpected"),
        (b"{\xe2\x82x", "1:5", BROKEN),
        (b"{\"\xff\\x\"", "1:5", "malformed string"),
        (b"1\xff", "1:2", "unexpected"),
    ] {
        assert_told(text, place, told);
    }
}

fn assert_told(text: &[u8], place: &str, told: &str) {
    let document = Document::read(text);
    let fault = document.fault().unwrap_or_else(|| panic!("{}", text.escape_ascii()));
    let found = (document.place_of(fault).to_string(), fault.kind.to_string());
    assert_eq!(found.0, place, "{}: {}", text.escape_ascii(), found.1);
    assert!(found.1.starts_with(told), "{}: {}", text.escape_ascii(), found.1);
}

/// As 9.5.3 reads it: a character of ASCII that is written with too many bytes is one inside of a string only.
#[test]
fn too_long_forms_stand_for_their_character() {
    let text = b"{\"\xC0\x80\":\"\xE0\x80\xA2\xC1\x9C\"}";
    let document = Document::read(text);
    let member = document.root().and_then(|root| root.members().next());
    let member = member.expect("a member");
    assert_eq!(member.name, "\0");
    assert_eq!(member.value.as_text().expect("a text"), "\"\\");
}

/// create-job.md §2, JSON dialect, and http.md §2.5.
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
fn comments_have_no_control_characters_in_any_encoding() {
    for text in ["{/*\u{e}*/}", "{//\u{e}\n}"] {
        let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for body in [text.as_bytes(), &utf_16] {
            let fault = Document::read(body).fault().cloned().expect("a fault");
            assert!(
                matches!(fault.kind, FaultKind::Unexpected { .. }),
                "{text:?}: {fault:?}"
            );
        }
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

/// The places that 7.17.28, 8.15.0 and 9.5.3 name: each unit of a word takes a column, also its first.
#[test]
fn a_word_of_utf_16_is_read_from_its_first_unit_on() {
    for (word, place) in [
        ("挀", "1:13"),
        ("挀猀", "1:14"),
        ("挀猀]", "1:14"),
        ("ab", "1:14"),
        ("aé", "1:14"),
    ] {
        let text = format!("{{\"groups\":[{word}");
        let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let document = Document::read(&utf_16);
        let fault = document.fault().expect("a fault");
        assert_eq!(document.place_of(fault).to_string(), place, "{word}");
    }
}
