//! What the real REST layers of 7.8.1, 7.17.28, 8.19.21 and 9.5.3 said to the same fields.

use super::*;

const V7_0: Version = Version::BASE;
const V7_8: Version = Version::new(7, 8, 1);
const V7_17: Version = Version::new(7, 17, 28);
const V8: Version = Version::new(8, 19, 21);
const V9: Version = Version::new(9, 5, 3);

/// The answer's media type, or the status and the error's type or text.
fn answered(api: Version, content_type: Option<&'static str>, accept: Option<&'static str>) -> String {
    let fields = [(CONTENT_TYPE, content_type), (ACCEPT, accept)];
    let fields = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, HeaderValue::from_static(value?))));
    let negotiated = negotiate(&fields.collect(), true, None, api);
    let negotiated = negotiated.map_err(|bad| Refusal::from(bad.exception));
    match negotiated.and_then(|negotiated| negotiated.body.map(|_| negotiated.answer)) {
        Ok(answer) => answer.to_str().expect("text").to_owned(),
        Err(Refusal::Text { status, text }) => format!("{} {text}", status.as_u16()),
        Err(Refusal::Exception(exception)) => format!("{} {}", exception.status().as_u16(), exception.kind.name()),
        Err(other @ (Refusal::Several { .. } | Refusal::NoHandler { .. })) => unreachable!("{other:?}"),
    }
}

const JSON_7: &str = "application/json; charset=UTF-8";
const BAD_7: &str = "400 content_type_header_exception";
const BAD_8: &str = "400 media_type_header_exception";

#[test]
fn content_types_before_8() {
    let unsupported = |raw: &str| format!("406 Content-Type header [{raw}] is not supported");
    for api in [V7_0, V7_8, V7_17] {
        assert_eq!(answered(api, None, None), unsupported(""));
        for json in [
            "application/json",
            "application/json; charset=UTF-8",
            "Application/JSON",
            "application/json;foo",
        ] {
            assert_eq!(answered(api, Some(json), None), JSON_7, "{json}");
        }
        for other in [
            "text/plain",
            "application/*",
            "text/json",
            "application/x-www-form-urlencoded",
        ] {
            assert_eq!(answered(api, Some(other), None), unsupported(other));
        }
        for broken in ["", "foo", "a/b/c", "application/json, text/plain"] {
            assert_eq!(answered(api, Some(broken), None), BAD_7, "{broken}");
        }
        // Accept is not looked at as long as the answer can only be JSON.
        for accept in [
            "*/*",
            "text/html",
            "foo",
            "",
            "application/vnd.elasticsearch+json; compatible-with=8",
        ] {
            assert_eq!(
                answered(api, Some("application/json"), Some(accept)),
                JSON_7,
                "{accept}"
            );
        }
    }
    assert_eq!(answered(V7_8, Some("application/x-ndjson"), None), JSON_7);
    let vendor = "application/vnd.elasticsearch+json;compatible-with=8";
    assert_eq!(answered(V7_8, Some(vendor), None), unsupported(vendor));
    assert_eq!(answered(V7_17, Some(vendor), None), JSON_7);
    assert_eq!(answered(V7_17, Some(vendor), Some("application/json")), JSON_7);
}

#[test]
fn content_types_from_8_on() {
    for api in [V8, V9] {
        assert_eq!(answered(api, None, None), "406 Content-Type header [] is not supported");
        for json in [
            "application/json",
            "application/json; charset=UTF-8",
            "application/x-ndjson",
            "application/*",
        ] {
            assert_eq!(answered(api, Some(json), None), "application/json", "{json}");
        }
        assert_eq!(
            answered(api, Some("application/json;foo=bar"), None),
            "application/json"
        );
        for broken in ["", "foo", "a/b/c", "application/json;foo"] {
            assert_eq!(answered(api, Some(broken), None), BAD_8, "{broken}");
        }
        let list = "application/json, text/plain";
        assert_eq!(
            answered(api, Some(list), None),
            format!("406 Content-Type header [{list}] is not supported")
        );
        let vendor = "application/vnd.elasticsearch+json";
        assert_eq!(answered(api, Some(vendor), None), vendor);
        assert_eq!(answered(api, Some("application/json"), Some(vendor)), vendor);
    }
}

#[test]
fn accept_from_8_on() {
    let accept = |accept| answered(V8, Some("application/json"), Some(accept));
    for json in ["application/json", "*/*", "text/html", "application/json, text/plain"] {
        assert_eq!(accept(json), "application/json", "{json}");
    }
    assert_eq!(
        accept("application/json;charset=utf-8"),
        "application/json;charset=utf-8"
    );
    assert_eq!(accept("foo"), BAD_8);
    assert_eq!(accept(""), BAD_8);
}

#[test]
fn versions_of_both_fields_agree() {
    let vendor = |version: u16| match version {
        7 => "application/vnd.elasticsearch+json; compatible-with=7",
        8 => "application/vnd.elasticsearch+json; compatible-with=8",
        9 => "application/vnd.elasticsearch+json; compatible-with=9",
        _ => "application/vnd.elasticsearch+json; compatible-with=10",
    };
    for (api, spoken) in [(V8, [7, 8]), (V9, [8, 9])] {
        for version in 7..=10 {
            let answer = answered(api, Some(vendor(version)), Some(vendor(version)));
            if spoken.contains(&version) {
                assert_eq!(
                    answer,
                    format!("application/vnd.elasticsearch+json;compatible-with={version}")
                );
            } else {
                assert_eq!(answer, BAD_8, "{api} {version}");
            }
        }
        assert_eq!(answered(api, Some("application/json"), Some(vendor(8))), BAD_8);
        assert_eq!(answered(api, Some(vendor(8)), Some("application/json")), BAD_8);
        assert_eq!(answered(api, Some(vendor(8)), None), BAD_8);
        assert_eq!(answered(api, Some(vendor(spoken[0])), Some(vendor(spoken[1]))), BAD_8);
    }
    let plain = "application/json;compatible-with=8";
    assert_eq!(answered(V8, Some(plain), Some(plain)), plain);
}

#[test]
fn a_request_without_a_body_is_checked_for_its_spelling_only() {
    let negotiated = |content_type| {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        negotiate(&headers, false, None, V7_0).is_ok()
    };
    assert!(negotiated("text/plain"));
    assert!(!negotiated("foo"));
}

/// As 8.19.21 and 9.5.3 answer: a type of a request that is none of theirs is not taken over, and lines are read only.
#[test]
fn the_answers_type_is_one_that_is_written() {
    let own = |content_type, has_body| {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        let negotiated = negotiate(&headers, has_body, None, V8).expect("a type that is read");
        negotiated.answer.to_str().expect("text").to_owned()
    };
    for unknown in [
        "text/vnd.elasticsearch+json",
        "application/vnd.elasticsearch+foo",
        "applicationapplication/vnd.elasticsearch+json",
    ] {
        assert_eq!(own(unknown, false), "application/json", "{unknown}");
    }
    let lines = "application/vnd.elasticsearch+x-ndjson";
    assert_eq!(own(lines, true), "application/vnd.elasticsearch+json");
    assert_eq!(
        answered(V8, Some("application/json"), Some("application/x-ndjson")),
        "application/json"
    );
}

#[test]
fn a_field_given_twice_is_refused() {
    let mut headers = HeaderMap::new();
    headers.append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.append(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    assert!(negotiate(&headers, true, None, V7_0).is_err());
    assert!(negotiate(&headers, true, None, V8).is_err());
}

/// The format and media type of the answer to a request with a body.
fn answer_to(
    api: Version,
    content_type: &'static str,
    accept: Option<&'static str>,
    format: Option<&str>,
) -> (Format, String) {
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
    headers.extend(accept.map(|accept| (ACCEPT, HeaderValue::from_static(accept))));
    let negotiated = negotiate(&headers, true, format, api).expect("an answer");
    (negotiated.format, negotiated.answer.to_str().expect("text").to_owned())
}

#[test]
fn every_format_is_read_and_answered_in_its_own() {
    for (content_type, format) in [
        ("application/yaml", Format::Yaml),
        ("application/cbor", Format::Cbor),
        ("application/smile", Format::Smile),
    ] {
        for api in [V7_0, V7_8, V7_17, V8, V9] {
            let own = (format, content_type.to_owned());
            assert_eq!(answer_to(api, content_type, None, None), own);
            assert_eq!(answer_to(api, content_type, Some("*/*"), None), own);
            assert_eq!(answer_to(api, content_type, Some("text/plain"), None), own);
            assert_eq!(answer_to(api, "application/json", Some(content_type), None), own);
            let (answered, _) = answer_to(api, content_type, Some("application/json"), None);
            assert_eq!(answered, Format::Json);
            assert_eq!(answer_to(api, content_type, None, Some("JSON")).0, Format::Json);
        }
    }
    let vendor = "application/vnd.elasticsearch+cbor;compatible-with=8";
    assert_eq!(
        answer_to(V7_17, vendor, Some(vendor), None),
        (Format::Cbor, "application/cbor".to_owned())
    );
    assert_eq!(
        answer_to(V8, vendor, Some(vendor), None),
        (Format::Cbor, vendor.to_owned())
    );
    assert_eq!(
        answer_to(V9, "application/vnd.elasticsearch+yaml", None, None).1,
        "application/vnd.elasticsearch+yaml"
    );
    let accept = Some("application/yaml;q=0.5");
    assert_eq!(answer_to(V7_8, "application/json", accept, None).1, "application/yaml");
    assert_eq!(
        answer_to(V8, "application/json", accept, None).1,
        "application/yaml;q=0.5"
    );
}

#[test]
fn the_parameter_beats_the_fields() {
    let answer = |api, format| answer_to(api, "application/json", Some("application/cbor"), Some(format));
    for api in [V7_8, V7_17, V8, V9] {
        assert_eq!(answer(api, "YAML"), (Format::Yaml, "application/yaml".to_owned()));
        assert_eq!(answer(api, "smile"), (Format::Smile, "application/smile".to_owned()));
    }
    // What is no format leaves it to Accept from 8.0 on only.
    for none in ["x", "", "txt", "ndjson"] {
        assert_eq!(answer(V7_17, none).0, Format::Json, "{none}");
        assert_eq!(answer(V9, none).0, Format::Cbor, "{none}");
    }
    assert_eq!(answer(V7_17, "vnd_yaml").0, Format::Json);
    assert_eq!(
        answer(V8, "vnd_yaml"),
        (Format::Yaml, "application/vnd.elasticsearch+yaml".to_owned())
    );
    assert_eq!(answer(V7_17, "application/yaml").0, Format::Yaml);
    assert_eq!(answer(V8, "application/yaml").0, Format::Cbor);
}

/// What is wrong with a body's type is told in the format that was asked for.
#[test]
fn a_refusal_has_a_format() {
    let headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("text/plain")),
        (ACCEPT, HeaderValue::from_static("application/yaml")),
    ]);
    for api in [V7_8, V9] {
        let negotiated = negotiate(&headers, true, None, api).expect("an answer");
        assert_eq!(negotiated.format, Format::Yaml);
        assert_eq!(negotiated.body.map_err(|refusal| refusal.status().as_u16()), Err(406));
    }
}

#[test]
fn a_body_made_json_is_described_as_such() {
    let described = |api, content_type, accept: Option<&'static str>| {
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        headers.extend(accept.map(|accept| (ACCEPT, HeaderValue::from_static(accept))));
        of_json(&headers, api)
    };
    let json = HeaderValue::from_static("application/json");
    assert_eq!(described(V7_8, "application/x-ndjson", None), (json.clone(), None));
    assert_eq!(described(V9, "application/*", Some("text/plain")), (json.clone(), None));
    let smile = HeaderValue::from_static("application/smile");
    assert_eq!(
        described(V8, "Application/SMILE;q=1", Some("text/plain")),
        (json.clone(), Some(smile))
    );
    assert_eq!(
        described(V8, "application/smile", Some("application/json")),
        (json, None)
    );
    let yaml = HeaderValue::from_static("application/yaml");
    let vendor = "application/vnd.elasticsearch+json";
    assert_eq!(
        described(V7_17, "application/vnd.elasticsearch+yaml", None),
        (HeaderValue::from_static(vendor), Some(yaml))
    );
    let compatible = |name: &str| format!("application/vnd.elasticsearch+{name};compatible-with=8");
    let sent = Box::leak(compatible("yaml").into_boxed_str());
    let expected = HeaderValue::from_str(&compatible("json")).expect("a value");
    assert_eq!(described(V9, sent, Some(sent)), (expected, None));
}
