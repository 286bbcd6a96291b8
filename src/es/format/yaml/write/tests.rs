//! What Elasticsearch wrote of the same documents.

use serde_json::json;

use super::super::writing;
use super::*;
use crate::es::json::Document;

const EARLIER: Version = Version::new(7, 8, 1);
const LATER: Version = Version::new(9, 5, 3);

fn written(document: &serde_json::Value, api: Version) -> String {
    let text = document.to_string();
    write(Document::read(text.as_bytes()).root().expect("a root"), api)
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
    let name = |name: &str, api| {
        let mut out = String::new();
        writing::name(name, api, &mut out);
        out
    };
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
        assert_eq!(name(plain, LATER), quoted);
        assert_eq!(name(plain, EARLIER), quoted);
    }
    for later in ["n", "Y", "null", "~a"] {
        assert_eq!(name(later, LATER), format!("\"{later}\""));
        assert_eq!(name(later, EARLIER), later);
    }
    assert!(writing::is_simple(&"x".repeat(127)) && !writing::is_simple(&"x".repeat(128)));
}
