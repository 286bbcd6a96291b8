//! Header fields that a request may carry one value of: Elasticsearch refuses a request in which such a field has two
//! (http.md §2.1, check 6).

use http::StatusCode;
use http::header::HeaderMap;

use super::error::Refusal;
use crate::xcontent::version::Version;

/// The fields, as messages name them, each with the first version that refuses two values of it. The check is absent
/// from 6.8.23 and there in 7.8.1; the later fields are those of 7.17.28 and of 8.10.0.
const SINGLE_VALUED: [(&str, Version); 4] = [
    ("X-Opaque-Id", Version::new(7, 7, 0)),
    ("tracestate", Version::new(8, 0, 0)),
    ("traceparent", Version::new(7, 17, 0)),
    ("X-elastic-product-origin", Version::new(7, 17, 0)),
];

/// Refuses a request in which one of the fields has two values. One value given twice is one value.
pub fn check(headers: &HeaderMap, api: Version) -> Result<(), Refusal> {
    let checked = SINGLE_VALUED.iter().filter(|(_, since)| api >= *since);
    for (name, _) in checked {
        let mut values = headers.get_all(*name).iter();
        let first = values.next();
        if values.any(|other| Some(other) != first) {
            return Err(Refusal::Text {
                status: StatusCode::BAD_REQUEST,
                text: format!("the field [{name}] takes one value and has several"),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::es::error::Traces;

    fn fields(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn two_values_are_refused_and_one_given_twice_is_not() {
        let twice = fields(&[("x-opaque-id", "a"), ("x-opaque-id", "a")]);
        let two = fields(&[("x-opaque-id", "a"), ("x-opaque-id", "b")]);
        for api in [Version::new(7, 8, 1), Version::new(7, 17, 28), Version::new(9, 5, 3)] {
            assert_eq!(check(&twice, api), Ok(()));
            let refusal = check(&two, api).expect_err("a refusal");
            assert_eq!(refusal.to_body(Traces::Absent)["status"], 400);
            assert!(refusal.to_body(Traces::Absent)["error"].is_string(), "the short form");
        }
        assert_eq!(check(&two, Version::BASE), Ok(()), "6.8.23 does not look");
    }

    #[test]
    fn the_fields_of_tracing_came_later() {
        let two = fields(&[("tracestate", "a=1"), ("tracestate", "b=2")]);
        assert_eq!(check(&two, Version::new(7, 17, 28)), Ok(()));
        assert!(check(&two, Version::new(8, 10, 0)).is_err());
    }
}
