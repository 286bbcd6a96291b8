//! Keeps pages of other sites, which a browser shows to somebody who runs the gateway, from asking its listener for something.
//!
//! What a page reads from another site the browser keeps from it; so this is about requests that do something. They are let
//! through when they come from no browser, or from the listener's own page.

use http::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};

/// Says where a request comes from, in browsers that know it, and only to servers that they trust the way to: those with
/// HTTPS and those of the same machine.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What that field says of a listener's own page, and of somebody who has typed an address.
const OWN: [&[u8]; 2] = [b"same-origin", b"none"];

/// The site that a request comes from, if that is another one.
pub(super) fn of(headers: &HeaderMap) -> Option<String> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let origin = headers.get(ORIGIN);
    if let Some(site) = headers.get(FETCH_SITE) {
        let is_own = OWN.contains(&site.as_bytes());
        return (!is_own).then(|| origin.map_or_else(|| text(site), text));
    }
    let origin = text(origin?);
    let host = headers.get(HOST).map(text).unwrap_or_default();
    let named = origin.split_once("://").map(|(_, named)| named);
    let is_own = named.is_some_and(|named| named.eq_ignore_ascii_case(&host));
    (!is_own).then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(fields: &[(HeaderName, &'static str)]) -> Option<String> {
        let fields = fields.iter().cloned();
        of(&fields
            .map(|(name, value)| (name, HeaderValue::from_static(value)))
            .collect())
    }

    #[test]
    fn the_own_page_and_what_is_no_browser_are_let_through() {
        assert_eq!(site(&[(HOST, "gateway:9281")]), None);
        assert_eq!(site(&[(HOST, "gateway:9281"), (ORIGIN, "http://gateway:9281")]), None);
        // A proxy with TLS before the listener, which gives it another name.
        let own = [
            (HOST, "localhost:9281"),
            (ORIGIN, "https://gateway.example"),
            (FETCH_SITE, "same-origin"),
        ];
        assert_eq!(site(&own), None);
        assert_eq!(site(&[(FETCH_SITE, "none")]), None);
    }

    #[test]
    fn another_site_is_named() {
        let of_page = |origin| site(&[(HOST, "gateway:9281"), (ORIGIN, origin)]);
        for origin in [
            "http://gateway:9282",
            "http://evil.example",
            "null",
            "http://gateway:9281.evil.example",
            "",
        ] {
            assert_eq!(of_page(origin).as_deref(), Some(origin));
        }
        for kind in ["cross-site", "same-site"] {
            assert_eq!(site(&[(FETCH_SITE, kind)]).as_deref(), Some(kind));
        }
        let both = [(HOST, "a"), (ORIGIN, "http://a"), (FETCH_SITE, "cross-site")];
        assert_eq!(site(&both).as_deref(), Some("http://a"));
        assert_eq!(site(&[(ORIGIN, "http://a")]).as_deref(), Some("http://a"));
    }
}
