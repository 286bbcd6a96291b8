//! Who makes a request: the fields by which a cluster may know its client, kept so that every call the gateway makes for
//! that client is made by the same one (http.md §5).

use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, RANGE,
    TRANSFER_ENCODING, USER_AGENT,
};

/// Fields of the one request that they came with: what its answer may be like, and how it was sent. Those that describe
/// its body are left out by [`CONTENT`].
const OF_THE_REQUEST: [HeaderName; 8] = [
    ACCEPT,
    ACCEPT_ENCODING,
    CONTENT_LENGTH,
    EXPECT,
    HOST,
    RANGE,
    TRANSFER_ENCODING,
    USER_AGENT,
];

/// What the names of the fields begin with that describe a body (RFC 9110 §8.3).
const CONTENT: &str = "content-";

/// The fields by which an operator follows one request through the logs. They say nothing of who sent it.
const TRACING: [HeaderName; 4] = [
    HeaderName::from_static("x-opaque-id"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("x-elastic-client-meta"),
];

const RUN_AS: HeaderName = HeaderName::from_static("es-security-runas-user");
const SECONDARY: HeaderName = HeaderName::from_static("es-secondary-authorization");

/// The caller of one request, known only by the fields it sent.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    fields: HeaderMap,
}

impl Caller {
    /// The caller that a request's end-to-end header fields describe.
    ///
    /// All of them are kept but those that concern the request itself: which field says who is calling is up to the
    /// cluster's configuration (a token in a field of any name, a cookie, the fields of a proxy that has authenticated the
    /// client), and a call without it would be somebody else's.
    #[must_use]
    pub fn from_headers(end_to_end: &HeaderMap) -> Self {
        let is_about_the_caller =
            |name: &HeaderName| !OF_THE_REQUEST.contains(name) && !name.as_str().starts_with(CONTENT);
        let mut fields = HeaderMap::new();
        for (name, value) in end_to_end.iter().filter(|(name, _)| is_about_the_caller(name)) {
            fields.append(name.clone(), value.clone());
        }
        Self { fields }
    }

    /// The caller with this value of `Authorization`, which no log shows.
    #[must_use]
    pub fn authorized_by(mut authorization: HeaderValue) -> Self {
        authorization.set_sensitive(true);
        let fields = HeaderMap::from_iter([(AUTHORIZATION, authorization)]);
        Self { fields }
    }

    /// The fields to put on a call made for this caller.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.fields
    }

    /// This caller, making a call for the request of another one: the fields go along by which the request is followed.
    #[must_use]
    pub fn on_behalf_of(&self, other: &Self) -> Self {
        let mut fields = self.fields.clone();
        for name in &TRACING {
            for value in other.fields.get_all(name) {
                fields.append(name.clone(), value.clone());
            }
        }
        Self { fields }
    }

    /// The fields that may say who is calling.
    pub fn credentials(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.fields.iter().filter(|(name, _)| !TRACING.contains(name))
    }

    /// The person for whom the caller makes the request, by the credentials that Elasticsearch calls secondary: Kibana
    /// calls as a user of its own and sends those of whoever sits before it (http.md §4.6).
    #[must_use]
    pub fn person(&self) -> Option<Self> {
        let credentials = self.fields.get(SECONDARY)?.clone();
        let mut fields = self.fields.clone();
        fields.remove(SECONDARY);
        fields.remove(RUN_AS); // It says whom the caller, not the person, runs as.
        fields.insert(AUTHORIZATION, credentials);
        Some(Self { fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let field = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        fields.iter().map(field).collect()
    }

    #[test]
    fn whatever_may_be_a_credential_is_kept_and_what_describes_the_request_is_not() {
        let kept = [
            ("authorization", "ApiKey abc"),
            ("es-secondary-authorization", "Basic eA=="),
            ("x-proxy-user", "ada"),
            ("x-forwarded-for", "192.0.2.1"),
            ("cookie", "security_authentication=x"),
            ("x-opaque-id", "1"),
        ];
        let others = [
            ("accept", "application/json"),
            ("content-type", "application/json"),
            ("content-encoding", "gzip"),
            ("content-length", "2"),
            ("host", "cluster"),
            ("user-agent", "curl"),
        ];
        let caller = Caller::from_headers(&headers(&[kept.as_slice(), &others].concat()));
        assert_eq!(caller.headers(), &headers(&kept));
        let credentials: Vec<_> = caller.credentials().map(|(name, _)| name.as_str()).collect();
        assert_eq!(credentials, kept[..5].iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }

    #[test]
    fn a_person_is_who_the_secondary_credentials_say_and_nobody_else() {
        let caller = Caller::from_headers(&headers(&[
            ("authorization", "Basic a2liYW5h"),
            ("es-security-runas-user", "somebody"),
            ("es-secondary-authorization", "Basic YWRh"),
            ("x-opaque-id", "1"),
        ]));
        let person = caller.person().expect("there is one");
        let expected = headers(&[("authorization", "Basic YWRh"), ("x-opaque-id", "1")]);
        assert_eq!(person.headers(), &expected);
        assert!(person.person().is_none());
    }

    #[test]
    fn an_account_acts_with_its_own_credentials_and_the_requests_tracing_fields() {
        let client = Caller::from_headers(&headers(&[
            ("authorization", "Basic YWRh"),
            ("cookie", "a=b"),
            ("x-opaque-id", "1"),
            ("traceparent", "00-1-2-01"),
        ]));
        let account = Caller::authorized_by(HeaderValue::from_static("ApiKey secret"));
        let acting = account.on_behalf_of(&client);
        let expected = headers(&[
            ("authorization", "ApiKey secret"),
            ("x-opaque-id", "1"),
            ("traceparent", "00-1-2-01"),
        ]);
        assert_eq!(acting.headers(), &expected);
        assert!(!format!("{acting:?}").contains("secret"));
    }
}
