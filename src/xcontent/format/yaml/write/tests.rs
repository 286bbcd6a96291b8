//! What Elasticsearch wrote of the same documents.

use serde_json::json;

use super::super::writing;
use super::*;
use crate::xcontent::format::Format;

const EARLIER: Version = Version::new(7, 8, 1);
const LATER: Version = Version::new(9, 5, 3);

fn written(document: &serde_json::Value, api: Version) -> String {
    let bytes = Format::Yaml.write(document.to_string(), false, api);
    String::from_utf8(bytes.to_vec()).expect("a text")
}

#[test]
fn an_error_is_laid_out_in_blocks() {
    let headline = json!({"type": "x", "reason": "[1:2] [job_details] unknown field [x]"});
    let document = json!({
        "error": {
            "root_cause": [headline],
            "caused_by": {"type": "json_e_o_f_exception", "reason": "Unexpected end-of-input: expected close marker for Array (start marker at [Source: (byte[])\"{\"groups\":[1\"; line: 1, column: 11])\n at [Source: (byte[])\"{\"groups\":[1\"; line: 1, column: 13]"}
        },
        "status": 400
    });
    let expected = r#"---
error:
  root_cause:
  - type: "x"
    reason: "[1:2] [job_details] unknown field [x]"
  caused_by:
    type: "json_e_o_f_exception"
    reason: "Unexpected end-of-input: expected close marker for Array (start marker\
      \ at [Source: (byte[])\"{\"groups\":[1\"; line: 1, column: 11])\n at [Source:\
      \ (byte[])\"{\"groups\":[1\"; line: 1, column: 13]"
status: 400
"#;
    assert_eq!(written(&document, LATER), expected);
}

#[test]
fn values_of_every_kind() {
    let document = json!({
        "c": [true, null, "x", 1.5], "d": {}, "e": [], "k": "",
        "n": [[1, [2]], [], [{}], [{"a": [1, {"b": 2}]}, {"": {"c": 1, "d": [1]}}], {"": [1, [2]]}],
        "s": ["\u{1}", "\u{7f}", "\u{2028}", "\u{85}", "\u{feff}", "a\tb", "\"q\"", "a\\b", "\r", "é"]
    });
    let expected = r#"---
c:
- true
- null
- "x"
- 1.5
d: {}
e: []
k: ""
"n":
- - 1
  - - 2
- []
- - {}
- - a:
    - 1
    - b: 2
  - ? ""
    : c: 1
      d:
      - 1
- ? ""
  : - 1
    - - 2
s:
- "\x01"
- "\x7f"
- "\L"
- "\N"
"#
    .to_owned()
        + "- \"\u{feff}\"\n"
        + r#"- "a\tb"
- "\"q\""
- "a\\b"
- "\r"
- "é"
"#;
    assert_eq!(written(&document, LATER), expected);
    assert_eq!(written(&json!(["😀"]), LATER), "---\n- \"😀\"\n");
    assert_eq!(written(&json!(["😀"]), EARLIER), "---\n- \"\\U0001f600\"\n");
}

#[test]
fn names_are_quoted_only_where_they_have_to_be() {
    for (plain, quoted) in [
        ("-5", "\"-5\""),
        ("5x", "\"5x\""),
        (".", "\".\""),
        ("+", "\"+\""),
        ("False", "\"False\""),
        ("tRue", "tRue"),
        ("a:", "'a:'"),
        (":a", ":a"),
        ("a:b", "a:b"),
        ("a ", "'a '"),
        (" ", "' '"),
        ("#a", "'#a'"),
        ("a #", "'a #'"),
        ("a#b", "a#b"),
        ("?", "'?'"),
        ("? a", "'? a'"),
        ("?a", "?a"),
        ("[a", "'[a'"),
        ("a[", "a["),
        (",a", "',a'"),
        ("a,b", "a,b"),
        ("'a", "'''a'"),
        ("it's: x", "'it''s: x'"),
        ("=", "="),
        ("a\tb", "\"a\\tb\""),
        ("\u{80}", "\"\\x80\""),
        ("é: b", "'é: b'"),
    ] {
        assert_eq!(written_name(plain, LATER), quoted);
        assert_eq!(written_name(plain, EARLIER), quoted);
    }
    for later in ["n", "Y", "null", "~a"] {
        assert_eq!(written_name(later, LATER), format!("\"{later}\""));
        assert_eq!(written_name(later, EARLIER), later);
    }
    assert!(writing::is_simple(&"x".repeat(127)) && !writing::is_simple(&"x".repeat(128)));
}

fn written_name(name: &str, api: Version) -> String {
    let mut out = String::new();
    writing::name(name, api, &mut out);
    out
}

/// As 6.8.23 and 7.8.1 write them.
#[test]
fn names_beyond_16_bits_are_escaped_before_7_7() {
    let first = Version::BASE;
    assert_eq!(written_name("a😀", first), "\"a\\U0001f600\"");
    assert_eq!(written_name("\u{FEFF}", first), "\"\u{FEFF}\"");
    assert_eq!(written_name("a😀", EARLIER), "a😀");
}

/// Elasticsearch writes them over several lines in single quotes; what is read is the same.
#[test]
fn names_with_line_ends_are_in_double_quotes() {
    assert_eq!(written_name("a\u{85}", LATER), "\"a\\N\"");
    assert_eq!(written_name("a\n", EARLIER), "\"a\\n\"");
}
