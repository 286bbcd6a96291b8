//! Removes the fields that concern one connection only, so that what passes through is end-to-end.

use http::header::{
    CONNECTION, EXPECT, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    UPGRADE,
};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// RFC 9110 §7.6.1 and, for `HTTP2-Settings` and the two that predate it, http.md §6.3. `Upgrade` is among
/// them: OpenSearch would accept h2c, and every later request in that tunnel would pass the gateway unseen. So is
/// `Expect`: hyper's server fulfils the expectation itself, when the body is first read. And `Trailer`: trailers of
/// requests are not sent on. `Transfer-Encoding` is the framing's to decide.
const OF_REQUESTS: [HeaderName; 9] = [
    CONNECTION,
    EXPECT,
    TE,
    TRAILER,
    UPGRADE,
    PROXY_AUTHORIZATION,
    KEEP_ALIVE,
    PROXY_CONNECTION,
    HeaderName::from_static("http2-settings"),
];

/// Those of answers. Their trailers are sent on, so `Trailer` stays.
const OF_ANSWERS: [HeaderName; 5] = [CONNECTION, UPGRADE, PROXY_AUTHENTICATE, KEEP_ALIVE, PROXY_CONNECTION];

/// Whether a field of this name, in whatever case, concerns one connection only where a request has it.
#[must_use]
pub fn is_of_requests(name: &[u8]) -> bool {
    is_among(&OF_REQUESTS, name)
}

/// The same where an answer has it.
#[must_use]
pub fn is_of_answers(name: &[u8]) -> bool {
    is_among(&OF_ANSWERS, name)
}

fn is_among(names: &[HeaderName], name: &[u8]) -> bool {
    names
        .iter()
        .any(|other| other.as_str().as_bytes().eq_ignore_ascii_case(name))
}

/// Removes a request's hop-by-hop fields and every field that its `Connection` names.
pub fn remove_from_request(headers: &mut HeaderMap) {
    remove(headers, &OF_REQUESTS);
}

/// A request's fields as they go upstream, for whoever looks at them before the request itself loses the others.
#[must_use]
pub fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut end_to_end = headers.clone();
    remove_from_request(&mut end_to_end);
    end_to_end
}

/// Removes an answer's hop-by-hop fields and every field that its `Connection` names.
pub fn remove_from_answer(headers: &mut HeaderMap) {
    remove(headers, &OF_ANSWERS);
}

/// Removes the fields of these names, which the operator wants nobody on the other side to see.
pub fn remove_named(headers: &mut HeaderMap, names: &[HeaderName]) {
    if !names.is_empty() {
        remove_if(headers, |name| names.contains(name));
    }
}

/// Has `Connection` name this field no more, so that it is sent on.
pub fn make_end_to_end(headers: &mut HeaderMap, name: &HeaderName) {
    if !named_by_connection(headers).contains(name) {
        return;
    }
    let values = headers.get_all(CONNECTION).iter();
    let options = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let others = options.filter(|option| !option.trim_ascii().eq_ignore_ascii_case(name.as_str().as_bytes()));
    // Options of values that were fields are bytes that a field may have.
    if let Ok(value) = HeaderValue::from_bytes(&others.collect::<Vec<_>>().join(&b","[..])) {
        headers.insert(CONNECTION, value);
    }
}

fn remove(headers: &mut HeaderMap, standing: &[HeaderName]) {
    let named = named_by_connection(headers);
    remove_if(headers, |name| standing.contains(name) || named.contains(name));
}

/// The others keep their order, which `HeaderMap::remove` would change.
fn remove_if(headers: &mut HeaderMap, is_unwanted: impl Fn(&HeaderName) -> bool) {
    if !headers.keys().any(&is_unwanted) {
        return;
    }
    let mut kept = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter().filter(|(name, _)| !is_unwanted(name)) {
        kept.append(name.clone(), value.clone());
    }
    *headers = kept;
}

fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(CONNECTION).iter();
    let options = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    options
        .filter_map(|option| HeaderName::from_bytes(option.trim_ascii()).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        fields
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value")))
            .collect()
    }

    #[test]
    fn removes_what_connection_names_in_any_case() {
        let mut fields = headers(&[
            ("connection", "close, X-Foo ,x-bar"),
            ("x-foo", "1"),
            ("x-bar", "2"),
            ("x-baz", "3"),
        ]);
        remove_from_request(&mut fields);
        assert_eq!(fields, headers(&[("x-baz", "3")]));
    }

    #[test]
    fn removes_the_standing_ones_without_connection() {
        let mut fields = headers(&[
            ("te", "trailers"),
            ("trailer", "x"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "keep-alive"),
            ("upgrade", "h2c"),
            ("http2-settings", "AAMAAABkAAQAAP__"),
            ("accept", "*/*"),
        ]);
        remove_from_request(&mut fields);
        assert_eq!(fields, headers(&[("accept", "*/*")]));
    }

    #[test]
    fn an_answer_keeps_what_announces_its_trailers() {
        let mut fields = headers(&[
            ("trailer", "x"),
            ("keep-alive", "timeout=5"),
            ("connection", "close, x-hop"),
            ("x-hop", "1"),
            ("upgrade", "h2c"),
        ]);
        remove_from_answer(&mut fields);
        assert_eq!(fields, headers(&[("trailer", "x")]));
    }

    #[test]
    fn the_others_keep_their_order() {
        let mut fields = headers(&[
            ("x-1", "a"),
            ("te", "trailers"),
            ("x-2", "b"),
            ("x-3", "c"),
            ("x-4", "d"),
        ]);
        remove_from_request(&mut fields);
        let names: Vec<_> = fields.keys().map(HeaderName::as_str).collect();
        assert_eq!(names, ["x-1", "x-2", "x-3", "x-4"]);
    }

    #[test]
    fn an_option_that_is_no_field_name_is_harmless() {
        let mut fields = headers(&[("connection", "a b, ,=,keep-alive"), ("accept", "*/*")]);
        remove_from_request(&mut fields);
        assert_eq!(fields, headers(&[("accept", "*/*")]));
    }

    #[test]
    fn several_connection_fields_all_count() {
        let mut fields = HeaderMap::new();
        fields.append(CONNECTION, "x-a".parse().expect("a value"));
        fields.append(CONNECTION, "x-b".parse().expect("a value"));
        fields.insert("x-a", "1".parse().expect("a value"));
        fields.insert("x-b", "1".parse().expect("a value"));
        remove_from_request(&mut fields);
        assert!(fields.is_empty());
    }
}
