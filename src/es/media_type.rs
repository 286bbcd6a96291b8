//! The `Content-Type` of a request with a body, and what Elasticsearch says of one it cannot read (contract http.md §2.3).

use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};

use super::error::{Exception, Kind, Refusal};

/// Media types whose bodies are JSON, by the part after the slash.
const JSON_SUBTYPES: [&str; 4] = [
    "json",
    "x-ndjson",
    "vnd.elasticsearch+json",
    "vnd.elasticsearch+x-ndjson",
];

/// Checks that a request's body is announced as JSON. A request without a body needs no announcement, but a broken one
/// is refused all the same.
pub fn check_json(headers: &HeaderMap, has_body: bool) -> Result<(), Refusal> {
    let mut fields = headers.get_all(CONTENT_TYPE).iter();
    let Some(field) = fields.next() else {
        return if has_body { Err(unsupported("")) } else { Ok(()) };
    };
    let raw = String::from_utf8_lossy(field.as_bytes());
    if fields.next().is_some() {
        return Err(invalid("only one Content-Type header should be provided".to_owned()));
    }
    let essence = raw.split(';').next().unwrap_or_default().trim();
    let (kind, subtype) = match essence.split_once('/') {
        Some((kind, subtype)) if is_token(kind) && is_token(subtype) => (kind, subtype),
        _ => return Err(invalid(format!("invalid Content-Type header [{raw}]"))),
    };
    let is_json = kind.eq_ignore_ascii_case("application")
        && JSON_SUBTYPES.iter().any(|known| subtype.eq_ignore_ascii_case(known));
    if is_json || !has_body {
        Ok(())
    } else {
        Err(unsupported(&raw))
    }
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn unsupported(raw: &str) -> Refusal {
    let text = format!("Content-Type header [{raw}] is not supported");
    Refusal::Text {
        status: StatusCode::NOT_ACCEPTABLE,
        text,
    }
}

fn invalid(reason: String) -> Refusal {
    let outer = format!("java.lang.IllegalArgumentException: {reason}");
    Exception::new(Kind::ContentTypeHeader, outer)
        .caused_by(Exception::new(Kind::IllegalArgument, reason))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &'static str) -> Result<(), Refusal> {
        check_json(
            &HeaderMap::from_iter([(CONTENT_TYPE, value.parse().expect("a value"))]),
            true,
        )
    }

    #[test]
    fn json_in_its_spellings_is_read() {
        for value in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/x-ndjson",
            "application/vnd.elasticsearch+json; compatible-with=8",
        ] {
            assert_eq!(check(value), Ok(()), "{value}");
        }
    }

    #[test]
    fn other_types_and_none_are_406_in_the_short_form() {
        for value in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "text/json",
            "multipart/form-data",
        ] {
            let refusal = check(value).expect_err("not JSON");
            assert_eq!(
                refusal.to_body()["error"],
                format!("Content-Type header [{value}] is not supported")
            );
            assert_eq!(refusal.status(), 406);
        }
        let refusal = check_json(&HeaderMap::new(), true).expect_err("a body of no type");
        assert_eq!(
            refusal.to_body().to_string(),
            r#"{"error":"Content-Type header [] is not supported","status":406}"#
        );
    }

    #[test]
    fn what_is_no_media_type_is_400_even_without_a_body() {
        for value in ["application", "a/b/c", "", "application/json, text/plain"] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, value.parse().expect("a value"))]);
            let refusal = check_json(&headers, false).expect_err("no media type");
            assert_eq!(refusal.to_body()["error"]["type"], "content_type_header_exception");
            assert_eq!(refusal.status(), 400);
        }
    }
}
