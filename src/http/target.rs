//! The request target as it is sent upstream, and the parts of it that routing looks at, byte for byte.

use http::Uri;
use http::uri::PathAndQuery;

/// The target of a request in the form in which it goes upstream: origin-form, the bytes as they came. Routing looks
/// at this value and at no other, so that what is judged is what is sent (http.md §1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(PathAndQuery);

impl Target {
    /// The target of a request. `None` for the authority-form, which only CONNECT may use (RFC 9112 §3.2.3).
    #[must_use]
    pub fn of(uri: &Uri) -> Option<Self> {
        uri.path_and_query().cloned().map(Self)
    }

    /// The bytes before the first `?`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// The bytes after the first `?`; empty when there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        self.0.query().unwrap_or_default()
    }

    /// The same path with another query. `None` if that makes no target.
    #[must_use]
    pub fn with_query(&self, query: &str) -> Option<Self> {
        if query == self.query() {
            return Some(self.clone());
        }
        let text = match query {
            "" => self.path().to_owned(),
            query => format!("{}?{query}", self.path()),
        };
        PathAndQuery::try_from(text).ok().map(Self)
    }

    /// The target as hyper's client takes it.
    #[must_use]
    pub fn into_uri(self) -> Uri {
        Uri::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Option<Target> {
        Target::of(&text.parse().expect("hyper reads this target"))
    }

    #[test]
    fn odd_spellings_stay_as_they_are() {
        for text in [
            "//a",
            "/a//b",
            "/../x",
            "/%2e%2E/x",
            "/a?b?c",
            "/a;v=1?x;y",
            "/%zz",
            "/a\\b",
            "/ä",
        ] {
            assert_eq!(target(text).expect("a path").into_uri().to_string(), text);
        }
    }

    #[test]
    fn the_path_ends_at_the_first_question_mark() {
        let target = target("/a/b?c=/d?e").expect("a path");
        assert_eq!((target.path(), target.query()), ("/a/b", "c=/d?e"));
    }

    #[test]
    fn absolute_form_becomes_origin_form_and_authority_form_has_none() {
        assert_eq!(
            target("http://h:9200/x?y").expect("a path").into_uri().to_string(),
            "/x?y"
        );
        assert_eq!(target("h:80"), None);
        assert_eq!(target("*").expect("asterisk-form").into_uri().to_string(), "*");
    }

    #[test]
    fn a_query_is_exchanged_and_the_path_stays() {
        let with = |text, query| {
            target(text)
                .and_then(|target| target.with_query(query))
                .map(Target::into_uri)
        };
        let shown = |text, query| with(text, query).map(|uri| uri.to_string());
        assert_eq!(shown("/a%2Fb/?x&y", "x").as_deref(), Some("/a%2Fb/?x"));
        assert_eq!(shown("/a%2Fb/?x", "").as_deref(), Some("/a%2Fb/"));
        assert_eq!(shown("/a?x", "x").as_deref(), Some("/a?x"));
    }
}
