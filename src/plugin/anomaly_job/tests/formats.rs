//! Requests in CBOR, SMILE and YAML, as far as Elasticsearch judges them otherwise than in JSON.

use super::*;

/// The status and the types of the chain that a body is told, from the outermost; of one that is admitted, 200.
fn told(version: &str, format: Format, body: &[u8]) -> (u16, Vec<&'static str>) {
    let api = version.parse().expect("a version");
    match admit_in(format, api, "j", "", body) {
        Verdict::Admitted(_) => (200, Vec::new()),
        Verdict::Refused(refusal) => (refusal.status().as_u16(), types_of(&refusal)),
    }
}

fn yaml(settings: &str) -> Vec<u8> {
    let job = "analysis_config: {detectors: [{function: count}]}\ndata_description: {}";
    format!("{settings}\n{job}").into_bytes()
}

fn innermost(version: &str, format: Format, body: &[u8]) -> &'static str {
    told(version, format, body).1.pop().expect("a refusal")
}

/// As the parsers of 6.8.23, 7.8.1, 7.10.2 and 7.17.28 answer: up to 7.16 the end of a body in CBOR is a token.
#[test]
fn the_end_of_a_body_ends_a_list_and_is_no_value_inside_of_settings() {
    let settings = |rest: &[u8]| [b"\xBF\x6Fcustom_settings\xBF\x61x", rest].concat();
    let (in_list, behind_name) = (settings(b"\x9F\x01"), settings(b"\x9F\xBF\x61y"));
    let told = |version, body: &[u8]| told(version, Format::Cbor, body);
    for version in ["7.0.0", "7.8.1", "7.10.2"] {
        assert_eq!(
            told(version, &in_list),
            (500, vec!["illegal_state_exception"]),
            "{version}"
        );
    }
    for version in ["7.8.1", "7.10.2"] {
        let (status, types) = told(version, &behind_name);
        assert_eq!(
            types,
            ["x_content_parse_exception", "null_pointer_exception"],
            "{version}"
        );
        assert_eq!(status, 400);
    }
    for body in [settings(b"\x9F\xBF"), settings(b"\x01")] {
        assert_eq!(innermost("7.10.2", Format::Cbor, &body), "json_e_o_f_exception");
    }
    for body in [&in_list, &behind_name] {
        assert_eq!(innermost("7.17.28", Format::Cbor, body), "json_e_o_f_exception");
    }
    // Seen of 7.8.1 to 9.5.3: the byte that ends the content of a body in SMILE.
    let ended = b":)\n\x00\xFA\x8Ecustom_settings\xFA\x80x\xFF";
    assert_eq!(innermost("9.5.3", Format::Smile, ended), "null_pointer_exception");
}

/// As every version answers: its parser has no text for bytes.
#[test]
fn bytes_are_no_action_of_a_rule() {
    let body = [
        b"\xA1\x6Fanalysis_config\xA1\x69detectors\x81\xA1\x6Ccustom_rules\x81\xA1\x67actions\x81".as_slice(),
        b"\x42ab",
    ];
    for version in ["7.0.0", "9.5.3"] {
        assert_eq!(
            innermost(version, Format::Cbor, &body.concat()),
            "null_pointer_exception"
        );
    }
}

/// As the parsers of these versions answer.
#[test]
fn an_integer_of_64_bits_that_is_no_int_is_told_as_malformed_by_some_versions() {
    let index =
        b"\xA1\x6Fanalysis_config\xA1\x69detectors\x81\xA1\x6Edetector_index\x1B\x00\x00\x01\x00\x00\x00\x00\x00";
    for (version, kind) in [
        ("7.8.1", "json_parse_exception"),
        ("7.17.28", "json_parse_exception"),
        ("8.13.4", "input_coercion_exception"),
        ("8.15.0", "json_parse_exception"),
        ("8.16.0", "input_coercion_exception"),
    ] {
        assert_eq!(innermost(version, Format::Cbor, index), kind, "{version}");
    }
}

/// As the parsers of 6.8.23 and 7.8.1 answer.
#[test]
fn an_unknown_name_is_told_before_its_value_is_read_before_7_6() {
    for (format, body) in [(Format::Yaml, b"{'':".as_slice()), (Format::Cbor, b"\xBF\x61x\xF7")] {
        assert_eq!(told("7.0.0", format, body).1, ["x_content_parse_exception"]);
    }
    assert_eq!(told("7.8.1", Format::Yaml, b"{'':").1.len(), 3);
    assert_eq!(told("7.0.0", Format::Yaml, b"{'job_id':").1.len(), 3);
    assert_eq!(told("7.0.0", Format::Json, b"{\"x\":?}").1.len(), 2);
}

/// Elasticsearch passes over it unread, and refuses what comes next instead of an object.
#[test]
fn a_string_in_a_list_of_objects_is_read() {
    let body = b":)\n\x00\xFA\x8Eanalysis_config\xFA\x88detectors\xF8\x81\xFFab\xF9\xFB\xFB";
    assert_eq!(innermost("9.5.3", Format::Smile, body), "json_parse_exception");
}

/// Elasticsearch fails on the first before 7.17, and takes the others for no value at all.
#[test]
fn an_integer_of_yaml_without_digits_is_a_text() {
    for text in ["!!int ''", "!!int -", "!!int '+'"] {
        let body = yaml(&format!("custom_settings: {{a: {text}}}"));
        assert_eq!(told("7.10.2", Format::Yaml, &body).0, 200, "{text}");
    }
}

/// As 7.10.2 and 9.5.3 answer.
#[test]
fn numbers_of_yaml_are_texts_as_they_are_written() {
    for (version, settings, told_of) in [
        ("9.5.3", "groups: [0x1F]", 400),
        ("9.5.3", "groups: [0x1f]", 200),
        ("9.5.3", "groups: [-0x1f]", 400),
        ("9.5.3", "groups: [1_]", 400),
        ("9.5.3", "results_retention_days: 1_0", 200),
        ("7.10.2", "results_retention_days: 1_0", 400),
        ("7.10.2", "results_retention_days: 1_000_000_000", 200),
    ] {
        assert_eq!(told(version, Format::Yaml, &yaml(settings)).0, told_of, "{settings}");
    }
}
