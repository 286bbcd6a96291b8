//! What Elasticsearch made of the same bytes as the value `a` of `custom_settings`, and the places that it named.

use super::*;
use crate::xcontent::format::lenient_utf8;

const EARLIER: Version = Version::new(7, 8, 1);
const LATER: Version = Version::new(8, 19, 21);

/// What is told of a value that is no UTF-8.
const NO_TEXT: FaultKind = FaultKind::String(lenient_utf8::NOT_UTF_8);

/// The JSON that a body stands for.
fn json(body: &[u8], api: Version) -> String {
    let document = read(body, api);
    assert_eq!(document.fault(), None, "{body:02X?}");
    document.root().expect("a root").raw().to_owned()
}

/// What is wrong, how far the reader had come, and where the token starts.
fn fault(body: &[u8], api: Version) -> (FaultKind, usize, usize) {
    let document = read(body, api);
    let fault = document.fault().expect("a fault");
    let token = fault.token.expect("a token");
    (
        fault.kind.clone(),
        document.place(fault.offset).column,
        document.place(token).column,
    )
}

#[test]
fn values_are_what_elasticsearch_prints() {
    for (body, text) in [
        (b"\xF9\x3C\x66".as_slice(), "1.0996094"),
        (b"\xFA\x3F\x8C\xCC\xCD", "1.1"),
        (b"\xFA\x50\x15\x02\xF9", "1.0E10"),
        (b"\xFB\x3F\xF1\x99\x99\x99\x99\x99\x9A", "1.1"),
        (b"\xF9\x7E\x00", "NaN"),
        (b"\xFB\x80\0\0\0\0\0\0\0", "-0.0"),
        (b"\xF7", "null"),
        (b"\x1B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "18446744073709551615"),
        (b"\x3B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "-18446744073709551616"),
        (b"\xC2\x49\x01\0\0\0\0\0\0\0\0", "18446744073709551616"),
        (b"\xC3\x49\x01\0\0\0\0\0\0\0\0", "-18446744073709551616"),
        (b"\xC2\x41\xFF", "-1"),
        (b"\xC3\x41\xFF", "1"),
        (b"\x43abc", "\"YWJj\""),
        (b"\x5F\x42ab\x41c\xFF", "\"YWJj\""),
        (b"\x7F\x62ab\x61c\xFF", "\"abc\""),
        (b"\xC4\x82\x21\x19\x6A\xB3", "273.15"),
        (b"\xC5\x82\x21\x03", "[-2,3]"),
        (b"\xA1\x01\x02", "{\"1\":2}"),
        (b"\xA1\x20\x02", "{\"-1\":2}"),
        (b"\xA1\x1B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "{\"-1\":1}"),
        (b"\xA1\x41\x61\x01", "{\"a\":1}"),
        (b"\x63\xED\xA0\x80", "\"\\ud800\""),
        (b"\xD9\xD9\xF7\x82\x01\x9F\x02\xFF trailing", "[1,[2]]"),
    ] {
        assert_eq!(json(body, EARLIER), text);
        assert_eq!(json(body, LATER), text);
    }
}

#[test]
fn simple_values_and_tags_of_names_are_read_later() {
    assert_eq!(json(b"\xF8\x20", LATER), "32");
    assert_eq!(json(b"\xE5", LATER), "5");
    assert_eq!(json(b"\xA1\xC1\x61a\x01", LATER), "{\"a\":1}");
    for body in [b"\xF8\x20".as_slice(), b"\xE5", b"\xA1\xC1\x61a\x01"] {
        assert!(read(body, EARLIER).fault().is_some(), "{body:02X?}");
    }
}

/// The places of http.md's "cut-off" bodies, as later versions name them.
#[test]
fn faults_have_the_places_that_elasticsearch_names() {
    assert_eq!(fault(b"\xA1", LATER), (FaultKind::EndOfText, 1, 1));
    let truncated = |needed| FaultKind::Truncated { needed, passed_over: 0 };
    assert_eq!(fault(b"\xA2\x6Fanaly", LATER), (truncated(15), 2, 1));
    assert_eq!(fault(b"\xA1\x61a", LATER), (FaultKind::EndOfText, 3, 3));
    assert_eq!(fault(b"\xA1\x61a\x65ab", LATER), (FaultKind::EndOfText, 6, 3));
    assert_eq!(fault(b"\xA1\x61a\x65ab", EARLIER), (truncated(5), 4, 3));
    assert_eq!(fault(b"\xA1\x61a\x62\xC3\x28", LATER), (NO_TEXT, 6, 3));
    let duplicate = FaultKind::DuplicateName("a".to_owned());
    assert_eq!(fault(b"\xA2\x61a\x01\x61a\x02", LATER), (duplicate, 6, 4));
    assert_eq!(
        fault(b"\x81\x7B\0\0\0\0\x7F\xFF\xFF\xFF", LATER),
        (FaultKind::EndOfText, 10, 1)
    );
    let length = FaultKind::Length(u64::MAX);
    assert_eq!(
        fault(b"\x81\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", LATER),
        (length, 10, 1)
    );
}

/// A list of a length that only its head has.
#[test]
fn a_length_takes_no_memory() {
    assert_eq!(fault(b"\x9A\x7F\xFF\xFF\xFF\x01", LATER), (FaultKind::EndOfText, 6, 6));
}

/// As 7.8.1 and 9.5.3 have it: 32 bits with a sign.
#[test]
fn a_negative_length_is_that_of_what_a_break_ends() {
    for api in [EARLIER, LATER] {
        assert_eq!(json(b"\x9A\xFF\xFF\xFF\xFF\x01\xFF", api), "[1]");
        assert_eq!(
            json(b"\xBA\x80\0\0\0\x61a\x7A\xFF\xFF\xFF\xFF\x61b\xFF\xFF", api),
            "{\"a\":\"b\"}"
        );
    }
    assert_eq!(json(b"\xA1\x3A\xFF\x68\x66\x75\x01", EARLIER), "{\"9935242\":1}");
    assert_eq!(json(b"\xA1\x3A\xFF\x68\x66\x75\x01", LATER), "{\"-4285032054\":1}");
}

/// As 7.17.28 and 9.5.3 have it: a string that the body ends in is read character by character.
#[test]
fn wrong_characters_are_told_before_the_end() {
    assert_eq!(fault(b"\xA2\x7F\x6C\xFF", LATER), (FaultKind::Encoding, 4, 1));
    assert_eq!(fault(b"\xA1\x61a\x64\xF0\xFF", LATER).0, NO_TEXT);
    assert_eq!(fault(b"\xA1\x61a\x64\xF0\x9F", LATER).0, FaultKind::EndOfText);
}

#[test]
fn nesting_is_bounded() {
    assert!(
        read(&vec![0x81; 1_000_000], LATER)
            .fault()
            .is_some_and(|fault| fault.kind == FaultKind::TooDeep)
    );
    let mut deepest = vec![0x81; 999];
    deepest.push(0x80);
    assert_eq!(read(&deepest, LATER).fault(), None);
}

/// As Elasticsearch 7.8.1, 7.17.28 and 9.5.3 have it.
#[test]
fn tags_without_a_value_are_no_document() {
    for api in [EARLIER, LATER] {
        let document = read(b"\xD9\xD9\xF7", api);
        assert!(document.root().is_none() && document.fault().is_none());
        assert_eq!(document.place_of_nothing(), place(0));
        let (kind, ..) = fault(b"\x81\xDB\x75\x73\x74\x6C\x63\x75\x73\x74\x01", api);
        assert!(matches!(kind, FaultKind::Unexpected { .. }), "{kind:?}");
    }
    assert_eq!(fault(b"\xD9\xD9", LATER), (FaultKind::EndOfText, 2, 0));
}

/// Until Jackson 2.14 the end of a body is a token without a name (docs/deviations.md tells what is left of it).
#[test]
fn the_end_of_a_body_was_a_value() {
    let value = |api| {
        let document = read(b"\xBF\x61a", api);
        let member = document.root().and_then(|root| root.member("a"));
        member.map(crate::xcontent::json::Node::token)
    };
    assert_eq!(value(EARLIER), Some(crate::xcontent::json::Token::Nothing));
    assert_eq!(value(LATER), None);
    // It is an ordinary fault inside of what is read whole, and in a list.
    assert_eq!(fault(b"\x81", EARLIER), (FaultKind::EndOfText, 1, 1));
    assert!(matches!(
        fault(b"\xBF\x61a\xF7", Version::new(7, 0, 0)).0,
        FaultKind::Unexpected { .. }
    ));
}

/// As Elasticsearch 8.19.21 and 9.5.3 have it; 7.17.28 takes what is behind the string.
#[test]
fn a_character_ends_within_its_string() {
    assert_eq!(fault(b"\x82\x63ou\xF2t\x05\xBF\x01\x02", LATER), (NO_TEXT, 5, 1));
    assert_eq!(
        fault(b"\x81\x7F\x61r\x65quot\xF7\xFF", LATER),
        (FaultKind::EndOfText, 11, 1)
    );
}
