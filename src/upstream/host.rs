//! The field that says which host a request is for.

use http::header::{HOST, HeaderMap, HeaderValue};

/// Sets `Host`, in the place where it is, or before all other fields (RFC 9110 §7.2).
pub(super) fn set(headers: &mut HeaderMap, host: &str) {
    let Ok(value) = HeaderValue::from_str(host) else {
        return; // No host that could be connected to has such characters.
    };
    if let Some(there) = headers.get_mut(HOST) {
        *there = value;
        return;
    }
    let mut with_host = HeaderMap::with_capacity(headers.len() + 1);
    with_host.insert(HOST, value);
    for (name, value) in headers.iter() {
        with_host.append(name.clone(), value.clone());
    }
    *headers = with_host;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    fn shown(headers: &HeaderMap) -> Vec<(&str, &str)> {
        headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().expect("text")))
            .collect()
    }

    #[test]
    fn it_comes_first_or_stays_in_its_place() {
        let mut without = headers(&[("x-1", "a"), ("x-2", "b"), ("x-2", "c")]);
        set(&mut without, "es:9200");
        assert_eq!(
            shown(&without),
            [("host", "es:9200"), ("x-1", "a"), ("x-2", "b"), ("x-2", "c")]
        );
        let mut with = headers(&[("x-1", "a"), ("host", "old"), ("x-2", "b")]);
        set(&mut with, "es:9200");
        assert_eq!(shown(&with), [("x-1", "a"), ("host", "es:9200"), ("x-2", "b")]);
    }
}
