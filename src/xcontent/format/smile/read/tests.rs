//! What Elasticsearch made of the same bytes as the value `a` of `custom_settings`, and the places that it named.

use super::*;

const EARLIER: Version = Version::new(7, 17, 28);
const LATER: Version = Version::new(8, 19, 21);

fn with_header(flags: u8, value: &[u8]) -> Vec<u8> {
    [SIGNATURE, &[flags], value].concat()
}

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
    for (value, text) in [
        (b"\x28\x03\x7C\x33\x19\x4D".as_slice(), "1.1"),
        (b"\x29\0\x3F\x78\x66\x33\x19\x4C\x66\x33\x1A", "1.1"),
        (b"\x28\x07\x7E\0\0\0", "NaN"),
        (b"\x24\x18\x35\x80", "100000"),
        (b"\x25\x01\0\0\0\0\0\x80", "1099511627776"),
        (b"\x26\x89\x20\0\0\0\0\0\0\0\0\0\0", "1180591620717411303424"),
        (b"\x26\x89\x60\0\0\0\0\0\0\0\0\0\0", "-1180591620717411303424"),
        (b"\x2A\x84\x82\x35\x2C\x03", "273.15"),
        (b"\xDF", "-16"),
        (b"\x24\xA1", "-17"),
        (b"\x20", "\"\""),
        (b"\x80\xC3\xA9", "\"é\""),
        (b"\xE4\xC3\xA9\xFC", "\"é\""),
        (b"\xE0abc\xFC", "\"abc\""),
        (b"\xE8\x83\x30\x58\x4C\x03", "\"YWJj\""),
        (b"\xFD\x83abc", "\"YWJj\""),
        (b"\x81\xC3\x28\x41", "\"èA\""),
        (b"\x81\xED\xA0\x80", "\"\\ud800\""),
        (b"\xFA\x20\xC2\xFB", "{\"\":1}"),
        (b"\xFA\xC0\xC3\xA9\xC2\xFB trailing", "{\"é\":1}"),
        (b"\xFA\x34long\xFC\xC2\xFB", "{\"long\":1}"),
    ] {
        for api in [EARLIER, LATER] {
            assert_eq!(json(&with_header(0, value), api), text);
        }
    }
}

#[test]
fn references_go_back_where_the_header_says_so() {
    assert_eq!(json(&with_header(2, b"\xF8\x42abc\x01\xF9"), LATER), r#"["abc","abc"]"#);
    let names = b"\xF8\xFA\x81kk\xC2\xFB\xFA\x40\xC4\xFB\xF9";
    assert_eq!(json(&with_header(1, names), LATER), r#"[{"kk":1},{"kk":2}]"#);
    for (flags, value) in [
        (0, b"\xF8\x42abc\x01\xF9".as_slice()),
        (0, names),
        (1, b"\xFA\x7A\xC2\xFB"),
    ] {
        assert!(
            read(&with_header(flags, value), LATER).fault().is_some(),
            "{value:02X?}"
        );
    }
}

#[test]
fn a_header_is_needed_later() {
    assert_eq!(json(b"\xFA\xFB", EARLIER), "{}");
    for (body, kind) in [
        (b"\xFA\xFB".as_slice(), None),
        (b":)x\x01\xFA\xFB", None),
        (b":)\n\x10\xFA\xFB", None),
        (b":)\n", Some(FaultKind::HeaderCut)),
    ] {
        let found = read(body, LATER).fault().expect("a fault").kind.clone();
        assert!(
            kind.map_or(matches!(found, FaultKind::Header(_)), |kind| kind == found),
            "{body:02X?}"
        );
    }
}

#[test]
fn faults_have_the_places_that_elasticsearch_names() {
    let cut = with_header(0, b"\xFA\x8Eanalysis_confi");
    let truncated = FaultKind::Truncated {
        needed: 15,
        passed_over: 14,
    };
    assert_eq!(fault(&cut, LATER), (truncated.clone(), 6, 5));
    assert_eq!(fault(&cut, EARLIER), (truncated, 6, 11));
    let cut = with_header(0, b"\xFA\x8Eanalysis_config");
    assert_eq!(fault(&cut, LATER), (FaultKind::EndOfText, 21, 21));
    assert_eq!(fault(&cut, EARLIER), (FaultKind::EndOfText, 21, 42));
    assert_eq!(
        fault(&with_header(0, b"\xF8\xE4\xFF\xFC"), LATER),
        (FaultKind::Encoding, 7, 5)
    );
}

#[test]
fn lengths_take_no_memory_and_nesting_is_bounded() {
    for value in [
        b"\xE8\x07\x7F\x7F\x7F\xBF".as_slice(),
        b"\xFD\x07\x7F\x7F\x7F\xBF",
        b"\x26\x07\x7F\x7F\x7F\xBF",
    ] {
        let (kind, ..) = fault(&with_header(0, value), LATER);
        assert_eq!(kind, FaultKind::EndOfText);
    }
    let (kind, ..) = fault(&with_header(0, &vec![0xF8; 1_000_000]), LATER);
    assert_eq!(kind, FaultKind::TooDeep);
}

/// As Elasticsearch 7.8.1, 7.17.28 and 9.5.3 have it: whether anything is known of the value when the body ends.
#[test]
fn numbers_of_32_bits_are_read_at_once() {
    let has_value = |body: &[u8]| {
        let document = read(body, LATER);
        document.fault().expect("a fault");
        document.root().is_some_and(|root| root.member("a").is_some())
    };
    assert!(!has_value(b":)\n\x05\xFA\x80a\x24"));
    assert!(has_value(b":)\n\x05\xFA\x80a\x25"));
    assert!(has_value(b":)\n\x05\xFA\x80a\x29"));
}

/// As every version has it: the first four bytes of a long number are read whatever they are.
#[test]
fn numbers_of_64_bits_have_five_bytes() {
    for api in [EARLIER, LATER] {
        assert_eq!(json(&with_header(0, b"\x25\0\0\0\0\x84"), api), "2");
        assert_eq!(
            json(&with_header(0, b"\x25\xFF\xFF\xFF\xFF\xBF"), api),
            "-9223372036787138560"
        );
    }
}

#[test]
fn the_end_of_a_long_name_is_looked_for_first() {
    for name in [b"\xFA".as_slice(), b"abc\xFAdef", b"\xC3\xFC"] {
        let body = [b":)\n\x05\xFA\x34", name].concat();
        assert_eq!(
            fault(&body, LATER),
            (FaultKind::EndOfText, body.len(), 5),
            "{name:02X?}"
        );
    }
}
