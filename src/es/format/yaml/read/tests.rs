//! What Elasticsearch made of the same texts, and the places that it named.

use super::*;

const LATER: Version = Version::new(8, 19, 21);

fn json(text: &str) -> String {
    let document = read(text.as_bytes(), LATER);
    assert_eq!(document.fault(), None, "{text}");
    document.root().expect("a root").raw().to_owned()
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

/// What the library reads otherwise than Elasticsearch's (docs/deviations.md).
#[test]
fn marks_inside_plain_words_are_read_as_the_library_does() {
    let is_fault_of = |text: &str, part: YamlPart| {
        let (kind, ..) = fault(text);
        matches!(kind, FaultKind::Yaml { part: found, .. } if found == part)
    };
    assert_eq!(json("{g:.}"), r#"{"g:.":null}"#);
    assert_eq!(json("{i?: 1}"), r#"{"i?":1}"#);
    assert!(is_fault_of("{a:{b: 1}}", YamlPart::Scanner));
    assert!(is_fault_of("{a: !b,c: 1}", YamlPart::Scanner));
    assert!(is_fault_of("a: &\"", YamlPart::Scanner));
    assert_eq!(json("a: [b]\t\n"), r#"{"a":["b"]}"#);
}

/// For Elasticsearch the first is a number that is none (docs/deviations.md).
#[test]
fn an_escape_without_digits_is_malformed() {
    for text in [r#"{a: "\u"#, r#"{a: "\"#, r#"{a: "x\\\"#] {
        let (kind, at, token) = fault(text);
        assert!(
            matches!(
                kind,
                FaultKind::Yaml {
                    part: YamlPart::Scanner,
                    ..
                }
            ),
            "{text}"
        );
        assert_eq!((at.as_str(), token.as_str()), ("1:1", "1:1"), "{text}");
    }
}

/// Which later versions of Elasticsearch tell as the end of the number.
#[test]
fn a_number_ends_before_its_line_does() {
    let document = read(b"a: 9071992547 \n", LATER);
    let value = document.root().and_then(|root| root.member("a")).expect("a value");
    assert_eq!(document.place_behind(value).to_string(), "1:14");
}
