//! What Elasticsearch made of the same texts, and the places that it named.

use super::*;
use crate::xcontent::json::{Node, YamlPart};

const EARLY: Version = Version::new(7, 0, 0);
const MIDDLE: Version = Version::new(7, 10, 2);
const LATER: Version = Version::new(8, 19, 21);

fn json(text: &str) -> String {
    json_as(text, LATER)
}

fn json_as(text: &str, api: Version) -> String {
    let document = read(text.as_bytes(), api);
    assert_eq!(document.fault(), None, "{text}");
    document.root().expect("a root").raw().to_owned()
}

/// Which part of the reader refuses a text.
fn part(text: &str, api: Version) -> YamlPart {
    let document = read(text.as_bytes(), api);
    match document.fault().map(|fault| &fault.kind) {
        Some(FaultKind::Yaml { part, .. }) => *part,
        other => panic!("{text}: {other:?}"),
    }
}

/// What is wrong, how far the reader had come, and where the last event starts.
fn fault(text: &str) -> (FaultKind, String, String) {
    let document = read(text.as_bytes(), LATER);
    let fault = document.fault().expect("a fault");
    let token = fault.token.expect("a token");
    (
        fault.kind.clone(),
        document.place(fault.offset).to_string(),
        document.place(token).to_string(),
    )
}

#[test]
fn blocks_and_flows_become_documents() {
    let text = "---\na:\n- b\n- c: 1\n  d: [x, {y: ~}]\ne: |\n  text\n  more\n";
    assert_eq!(
        json(text),
        r#"{"a":["b",{"c":1,"d":["x",{"y":null}]}],"e":"text\u000amore\u000a"}"#
    );
    assert_eq!(
        json(r#"{a: "\x41\u00e9\U0001F600", b: 'it''s'}"#),
        r#"{"a":"Aé😀","b":"it's"}"#
    );
    assert_eq!(json("{null: 1, 1: 2, <<: {a: 1}}"), r#"{"null":1,"1":2,"<<":{"a":1}}"#);
}

/// As every version reads them; in other quotes an escape is none.
#[test]
fn halves_of_surrogate_pairs_may_be_escaped() {
    let text = r#"{a: "\ud83d\ude00", "\uD800": 'it is \ud83d', b: plain \uDE00, c: é}"#;
    let expected = r#"{"a":"😀","\ud800":"it is \\ud83d","b":"plain \\uDE00","c":"é"}"#;
    assert_eq!(json(text), expected);
    // Private characters are what they are.
    assert_eq!(json("{a: \u{e012}}"), "{\"a\":\"\u{e012}\"}");
}

/// As every version reads them in `groups` and in `custom_settings`.
#[test]
fn a_number_that_is_taken_for_a_text_is_what_was_written() {
    let document = read(b"[1_000, 7, +5, !!float 5, 0x1F, 1_0.5]", LATER);
    let elements = || document.root().expect("a root").elements();
    let texts: Vec<_> = elements().filter_map(Node::number_text).collect();
    assert_eq!(texts, ["1_000", "7", "+5", "5", "0x1F", "1_0.5"]);
    let numbers: Vec<_> = elements().filter_map(Node::as_number).collect();
    assert_eq!(numbers, ["1000", "7", "5", "5.0", "31", "10.5"]);
}

/// An alias says its name, so a small text stays small.
#[test]
fn aliases_are_their_names() {
    assert_eq!(
        json("a: &x [1, 2]\nb: *x\nc: *unknown"),
        r#"{"a":[1,2],"b":"x","c":"unknown"}"#
    );
}

#[test]
fn values_have_the_places_that_elasticsearch_names() {
    let document = read(b"description: a\nx:\n  y: 1\n", LATER);
    let members: Vec<_> = document.root().expect("a root").members().collect();
    assert_eq!(document.place(members[1].name_start).to_string(), "2:1");
    assert_eq!(document.place(members[1].value.start()).to_string(), "3:3");
}

/// A last line that has no end is not ended, as 9.5.3 has it.
#[test]
fn the_end_of_a_text_is_where_it_ends() {
    let document = read(b"a:\n - function: x\n   b: yes", LATER);
    let root = document.root().expect("a root");
    assert_eq!(document.place(root.last_token().expect("an end")).to_string(), "3:10");
}

#[test]
fn faults_have_the_places_that_elasticsearch_names() {
    let duplicate = FaultKind::DuplicateName("description".to_owned());
    let expected = (duplicate, "2:12".to_owned(), "2:1".to_owned());
    assert_eq!(fault("description: a\ndescription: b\n"), expected);
    let (kind, at, token) = fault("groups: [a\n");
    assert!(matches!(
        kind,
        FaultKind::Yaml {
            part: YamlPart::Parser,
            ..
        }
    ));
    assert_eq!((at.as_str(), token.as_str()), ("1:11", "1:10"));
    let (kind, at, token) = fault("groups: @x\n");
    assert!(matches!(
        kind,
        FaultKind::Yaml {
            part: YamlPart::Scanner,
            ..
        }
    ));
    assert_eq!((at.as_str(), token.as_str()), ("1:7", "1:1"));
    let (kind, at, token) = fault("a: .inf\n");
    assert_eq!(kind, FaultKind::NumberForm(".inf".to_owned()));
    assert_eq!((at.as_str(), token.as_str()), ("1:8", "1:4"));
    let (kind, at, token) = fault("a: \"\u{1}\"\n");
    assert!(matches!(
        kind,
        FaultKind::Yaml {
            part: YamlPart::Reader,
            ..
        }
    ));
    assert_eq!((at.as_str(), token.as_str()), ("1:1", "1:1"));
}

#[test]
fn a_text_without_a_document_ends_where_it_ends() {
    let document = read(b"\n", LATER);
    assert!(document.root().is_none() && document.fault().is_none());
    assert_eq!(document.place_of_nothing().to_string(), "2:1");
}

#[test]
fn size_and_nesting_are_bounded() {
    let deep = "[".repeat(100_000);
    assert!(matches!(read(deep.as_bytes(), LATER).fault(), Some(fault) if fault.kind == FaultKind::TooDeep));
    let long = vec![b' '; MAX_BYTES + 1];
    assert!(matches!(read(&long, LATER).fault(), Some(fault) if fault.kind == FaultKind::TooLong));
}

#[test]
fn marks_inside_plain_words_are_read_as_each_version_does() {
    assert_eq!(part("{g:.}", EARLY), YamlPart::Scanner);
    assert_eq!(json_as("{g:.}", MIDDLE), r#"{"g:.":null}"#);
    assert_eq!(json_as("{a:{b: 1}}", EARLY), r#"{"a":{"b":1}}"#);
    assert_eq!(part("{i?: 1}", LATER), YamlPart::Parser);
    assert_eq!(part("a: &\"", EARLY), YamlPart::Scanner);
    assert_eq!(json_as("a: &x.y [b]", MIDDLE), r#"{"a":["b"]}"#);
    assert_eq!(part("a: &x.y [b]", LATER), YamlPart::Scanner);
    assert_eq!(part("a: [b]\t\n", LATER), YamlPart::Scanner);
}

/// A comma belongs to the tag that it follows.
#[test]
fn tags_end_with_a_blank() {
    assert_eq!(json("{a: !b, c}"), r#"{"a":"c"}"#);
    assert_eq!(part("{a: !b, c: 1}", LATER), YamlPart::Parser);
    assert_eq!(part("{a: !b\"c\": 1}", LATER), YamlPart::Scanner);
    assert_eq!(
        json("[!!str 1, ! 2, !<tag:yaml.org,2002:int> 3, !!s%74r 4]"),
        r#"["1",2,3,"4"]"#
    );
    assert_eq!(json("%TAG !x! tag:yaml.org,2002:\n---\na: !x!str 5"), r#"{"a":"5"}"#);
    assert_eq!(part("a: !x!str 5", LATER), YamlPart::Parser);
    assert_eq!(part("a: !!s%FF 5", LATER), YamlPart::Scanner);
}

#[test]
fn lines_of_blocks_are_strings() {
    for (text, expected) in [
        ("|\n  x\n  y", "x\\u000ay"),
        ("|\n  x\n\n", "x\\u000a"),
        ("|+\n  x\n\n", "x\\u000a\\u000a"),
        (">-\n  x\n  y\n\n  z\n", "x y\\u000az"),
        (">\n  x\n   y\n  z\n", "x\\u000a y\\u000az\\u000a"),
        ("|1\n  x", " x"),
        ("|", ""),
        ("> # c\n  x", "x"),
    ] {
        assert_eq!(
            json(&format!("a: {text}")),
            format!(r#"{{"a":"{expected}"}}"#),
            "{text}"
        );
    }
    for text in ["|0\n x", "|x\n x", "| x"] {
        assert_eq!(part(&format!("a: {text}"), LATER), YamlPart::Scanner, "{text}");
    }
}

#[test]
fn strings_go_on_over_lines() {
    assert_eq!(json("a: b\n c\n\n d"), r#"{"a":"b c\u000ad"}"#);
    assert_eq!(json("a: 'b\n\n  c '''"), r#"{"a":"b\u000ac '"}"#);
    assert_eq!(json("a: \"b \\\n  c\\x41\""), r#"{"a":"b cA"}"#);
    for text in ["\"a\n---\n\"", "'a", "\"\\/\"", "\"\\U00110000\"", "\"\\x4\""] {
        assert_eq!(part(text, LATER), YamlPart::Scanner, "{text}");
    }
}

#[test]
fn a_name_is_followed_by_a_colon_on_its_line() {
    let long = "n".repeat(1025);
    assert_eq!(json(&format!("? {long}\n: 1")), format!(r#"{{"{long}":1}}"#));
    assert_eq!(part(&format!("a: 1\n{long}: 1"), LATER), YamlPart::Scanner);
    assert_eq!(part("a: 1\nb\nc: 1", LATER), YamlPart::Scanner);
    assert_eq!(part("a: b: c", LATER), YamlPart::Scanner);
    assert_eq!(part(" a: \"x\n\"b: 1", LATER), YamlPart::Key);
}

#[test]
fn an_escape_without_digits_is_no_number() {
    for (text, digits) in [(r#"{a: "\u"#, ""), (r#"{a: "\UFFFFFFFF"}"#, "FFFFFFFF")] {
        let (kind, at, token) = fault(text);
        assert_eq!(kind, FaultKind::NumberForm(digits.to_owned()));
        assert_eq!((at.as_str(), token.as_str()), ("1:1", "1:1"), "{text}");
    }
    for text in [r#"{a: "\"#, r#"{a: "x\\\"#] {
        assert_eq!(part(text, LATER), YamlPart::Scanner, "{text}");
    }
}

/// Elasticsearch takes the text of one where a text will do (docs/deviations.md).
#[test]
fn a_number_that_is_none_is_refused() {
    for (text, number) in [("groups: [!!float w]", "w"), ("groups: [.inf]", ".inf")] {
        let (kind, at, _) = fault(text);
        assert_eq!(kind, FaultKind::NumberForm(number.to_owned()), "{text}");
        assert!(at.starts_with("1:"), "{at}");
    }
    assert_eq!(json("[!!float '', !!null '', !!int '', !x '']"), r#"["","","",""]"#);
}

/// Which later versions of Elasticsearch tell as the end of the number.
#[test]
fn a_number_ends_before_its_line_does() {
    let document = read(b"a: 9071992547 \n", LATER);
    let value = document.root().and_then(|root| root.member("a")).expect("a value");
    assert_eq!(document.place_behind(value).to_string(), "1:14");
}

/// What Elasticsearch 9.5.3 makes of bodies that a parser of YAML 1.2 (`saphyr-parser`, and where it is said
/// `granit-parser`, too) refuses or takes for other data.
#[test]
fn what_yaml_1_2_has_otherwise_is_read_as_yaml_1_1() {
    for (text, expected) in [
        // Line ends of YAML 1.1 that are none in 1.2, granit-parser.
        ("# c\u{2028}a: b\n", r#"{"a":"b"}"#),
        ("a: b\u{2028}c: d\n", r#"{"a":"b","c":"d"}"#),
        ("a: 'b \u{2029} c'\n", "{\"a\":\"b\u{2029}c\"}"),
        ("# c\u{85}a: b\n", r#"{"a":"b"}"#),
        // A question mark begins a name in brackets, granit-parser.
        ("{?a: 1}", r#"{"a":1}"#),
        ("a: [?x]", r#"{"a":[{"x":null}]}"#),
        // A colon before a bracket, and a comment without a blank, granit-parser.
        ("{a:[b], c:{d: e}}", r#"{"a":["b"],"c":{"d":"e"}}"#),
        ("a: 'b'# c\n", r#"{"a":"b"}"#),
        ("a: [b]#c\n", r#"{"a":["b"]}"#),
        // Escapes of half characters, of which JSON makes pairs; one alone, granit-parser.
        (r#"a: "\ud83d\ude00""#, r#"{"a":"😀"}"#),
        (r#"a: "\ud83d""#, r#"{"a":"\ud83d"}"#),
        // A quoted string or a bracket that goes on where its name begins, or before it.
        ("a:\n  b: \"c\n  d\"\n", r#"{"a":{"b":"c d"}}"#),
        ("a:\n  b: 'c\nd'\n", r#"{"a":{"b":"c d"}}"#),
        ("a:\n  b: [\n    c\n]\n", r#"{"a":{"b":["c"]}}"#),
        // A block that ends with the body.
        ("a: |\n  b", r#"{"a":"b"}"#),
        ("a: >\n  b", r#"{"a":"b"}"#),
        // A byte order mark inside of a text.
        ("a: \u{feff}b\n", "{\"a\":\"\u{feff}b\"}"),
    ] {
        assert_eq!(json(text), expected, "{text:?}");
    }
    let deep = format!("a: {}{}", "[".repeat(990), "]".repeat(990));
    assert_eq!(json(&deep), format!("{{\"a\":{}{}}}", "[".repeat(990), "]".repeat(990)));
    // Blanks, escapes and names of YAML 1.2 that YAML 1.1 does not have.
    for text in [
        "a: \tb",
        "a: [b,\tc]",
        r#"a: "b\/c""#,
        "{a: b?}",
        "{a\n b: 1}",
        "...\na: b",
        "%YAML 2.0\n---\na: b",
    ] {
        let document = read(text.as_bytes(), LATER);
        assert!(
            matches!(document.fault(), Some(fault) if matches!(fault.kind, FaultKind::Yaml { .. })),
            "{text:?}"
        );
    }
}
