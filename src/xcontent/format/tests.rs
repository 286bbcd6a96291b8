//! What Elasticsearch 9.5.3 wrote of the same documents; the other versions write the same, but where a test says so.

use serde_json::json;

use super::*;
use crate::xcontent::version::Version;

const API: Version = Version::new(9, 5, 3);

fn written(document: &str, format: Format) -> Vec<u8> {
    format.write(document.to_owned(), true, API).to_vec()
}

/// Numbers of every size, and strings short and long; a name twice.
fn document() -> String {
    format!(
        concat!(
            r#"{{"custom_settings":{{"a":[1.0E300,1.5,2147483648,-2147483649,9223372036854775808,-9223372036854775809,"#,
            r#"-17,24,true,false,null,"","é","{}"],"b":{{"a":1}}}}}}"#
        ),
        "x".repeat(65)
    )
}

#[test]
fn cbor_is_written_as_elasticsearch_writes_it() {
    let expected = b"\xBF\x6F\x63\x75\x73\x74\x6F\x6D\x5F\x73\x65\x74\x74\x69\x6E\x67\x73\xBF\x61\x61\x9F\xFB\x7E\x37\
          \xE4\x3C\x88\x00\x75\x9C\xFB\x3F\xF8\x00\x00\x00\x00\x00\x00\x1A\x80\x00\x00\x00\x3A\x80\x00\x00\
          \x00\xC2\x49\x00\x80\x00\x00\x00\x00\x00\x00\x00\xC3\x49\x00\x80\x00\x00\x00\x00\x00\x00\x01\x30\
          \x18\x18\xF5\xF4\xF6\x60\x62\xC3\xA9\x78\x41\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\
          \x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\
          \x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\
          \x78\x78\x78\x78\xFF\x61\x62\xBF\x61\x61\x01\xFF\xFF\xFF";
    assert_eq!(written(&document(), Format::Cbor), expected);
}

/// As Elasticsearch 7.8.1 and 7.17.28 wrote them.
#[test]
fn earlier_cbor_has_long_integers() {
    let document = "[2147483648,-2147483649,-2147483648,2147483647]";
    let written = |api| Format::Cbor.write(document.to_owned(), false, api).to_vec();
    let ints = b"\x3A\x7F\xFF\xFF\xFF\x1A\x7F\xFF\xFF\xFF\xFF";
    let earlier = [b"\x9F\x1B\0\0\0\0\x80\0\0\0\x3B\0\0\0\0\x80\0\0\0".as_slice(), ints].concat();
    assert_eq!(written(Version::new(7, 8, 1)), earlier);
    let later = [b"\x9F\x1A\x80\0\0\0\x3A\x80\0\0\0".as_slice(), ints].concat();
    assert_eq!(written(Version::new(7, 17, 28)), later);
}

/// Not so by Elasticsearch, for which they are not texts (docs/deviations.md).
#[test]
fn what_json_does_not_have_is_written_as_json_has_it() {
    let document = || r#"["NaN","YWJj"]"#.to_owned();
    assert_eq!(
        Format::Cbor.write(document(), false, API).as_ref(),
        b"\x9F\x63NaN\x64YWJj\xFF"
    );
    assert_eq!(
        Format::Smile.write(document(), false, API).as_ref(),
        b":)\n\x05\xF8\x42NaN\x43YWJj\xF9"
    );
    assert_eq!(
        Format::Yaml.write(document(), false, API).as_ref(),
        b"---\n- \"NaN\"\n- \"YWJj\"\n"
    );
}

#[test]
fn smile_is_written_as_elasticsearch_writes_it() {
    let expected = b"\x3A\x29\x0A\x05\xFA\x8E\x63\x75\x73\x74\x6F\x6D\x5F\x73\x65\x74\x74\x69\x6E\x67\x73\xFA\x80\x61\
          \xF8\x29\x00\x7E\x1B\x79\x07\x48\x40\x01\x6B\x1C\x29\x00\x3F\x7C\x00\x00\x00\x00\x00\x00\x00\x25\
          \x20\x00\x00\x00\x80\x25\x20\x00\x00\x00\x81\x26\x89\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\
          \x26\x89\x7F\x5F\x7F\x7F\x7F\x7F\x7F\x7F\x7F\x7F\x03\x24\xA1\x24\xB0\x23\x22\x21\x20\x80\xC3\xA9\
          \xE0\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\
          \x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\
          \x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\xFC\xF9\x80\x62\xFA\x41\
          \xC2\xFB\xFB\xFB";
    assert_eq!(written(&document(), Format::Smile), expected);
}

/// What is written is read back as what it was.
#[test]
fn every_format_reads_what_it_writes() {
    for format in [Format::Json, Format::Yaml, Format::Cbor, Format::Smile] {
        let bytes = format.write(document(), false, API);
        let read = format.read(&bytes, API);
        assert_eq!(read.fault(), None, "{format:?}");
        assert_eq!(read.root().expect("a root").raw(), document(), "{format:?}");
    }
}

/// A long string of CBOR comes in chunks that split no character.
#[test]
fn long_strings_are_written_in_chunks() {
    let text = format!("{}{}", "x".repeat(3995), "😀".repeat(3));
    let bytes = written(&json!([text]).to_string(), Format::Cbor);
    assert_eq!(bytes[..5], [0x9F, 0x7F, 0x79, 0x0F, 0x9B]);
    assert_eq!(
        bytes[bytes.len() - 15..],
        *b"\x6C\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xFF\xFF"
    );
}

/// Names whose number would look like a mark are written out again, and after 1024 all are forgotten.
#[test]
fn references_to_names_avoid_marks() {
    let members: serde_json::Map<_, _> = (0..1030)
        .map(|number| (format!("n{number}"), json!({format!("n{number}"): 1})))
        .collect();
    let bytes = written(&json!({"custom_settings": members}).to_string(), Format::Smile);
    let after = |name: &str| {
        let head = [
            &[0x7F + u8::try_from(name.len()).expect("a short name")],
            name.as_bytes(),
        ]
        .concat();
        let place = bytes
            .windows(head.len())
            .position(|window| window == head)
            .expect("a name");
        bytes[place + head.len()..][..4].to_vec()
    };
    assert_eq!(after("n0"), b"\xFA\x41\xC2\xFB");
    assert_eq!(after("n62"), b"\xFA\x7F\xC2\xFB");
    assert_eq!(after("n63"), b"\xFA\x30\x40\xC2");
    assert_eq!(after("n252"), b"\xFA\x30\xFD\xC2");
    assert_eq!(after("n253"), b"\xFA\x83n2");
    assert_eq!(after("n254"), b"\xFA\x31\x00\xC2");
    assert_eq!(after("n1020"), b"\xFA\x41\xC2\xFB");
}

/// As every version writes them: what is not ASCII has one byte less.
#[test]
fn short_strings_of_smile_have_64_bytes() {
    let head = |text: &str| written(&json!([text]).to_string(), Format::Smile).get(5).copied();
    assert_eq!(head(&format!("é{}", "x".repeat(62))), Some(0xBE));
    assert_eq!(head(&format!("é{}", "x".repeat(63))), Some(0xE4));
    assert_eq!(head(&"x".repeat(64)), Some(0x7F));
}

/// Elasticsearch fails to write them (docs/deviations.md).
#[test]
fn half_characters_are_replaced() {
    let document = r#"["\ud800"]"#;
    assert_eq!(written(document, Format::Cbor), b"\x9F\x63\xEF\xBF\xBD\xFF");
    assert_eq!(written(document, Format::Smile), b":)\n\x05\xF8\x81\xEF\xBF\xBD\xF9");
}

/// Elasticsearch writes integers of any length (docs/deviations.md).
#[test]
fn very_long_integers_are_texts_in_binary_formats() {
    for (digits, is_text) in [(10_000, false), (10_001, true)] {
        let document = format!("[{}]", "7".repeat(digits));
        let has_text = |bytes: &[u8]| bytes.windows(3).any(|window| window == b"777");
        assert_eq!(has_text(&written(&document, Format::Cbor)), is_text);
        assert_eq!(has_text(&written(&document, Format::Smile)), is_text);
    }
}
