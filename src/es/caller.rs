//! Who makes a request: the credentials a client sent, kept so that every call the gateway makes for that client
//! carries them (contract http.md §5).

use http::header::{AUTHORIZATION, FORWARDED, HeaderMap, HeaderName};

/// The fields that say who is calling and on whose behalf, in Elasticsearch and in OpenSearch, the two that let an operator
/// follow one request through the cluster's logs, and the two that say from where it comes.
const CARRIED: [HeaderName; 9] = [
    AUTHORIZATION,
    HeaderName::from_static("es-security-runas-user"),
    HeaderName::from_static("es-secondary-authorization"),
    HeaderName::from_static("opendistro_security_impersonate_as"),
    HeaderName::from_static("securitytenant"),
    HeaderName::from_static("x-opaque-id"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("x-forwarded-for"),
    FORWARDED,
];

/// The caller of one request, known only by the fields it sent.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    fields: HeaderMap,
}

impl Caller {
    /// The caller that a request's header fields describe.
    #[must_use]
    pub fn from_headers(request: &HeaderMap) -> Self {
        let mut fields = HeaderMap::new();
        for name in &CARRIED {
            for value in request.get_all(name) {
                fields.append(name.clone(), value.clone());
            }
        }
        Self { fields }
    }

    /// The fields to put on a call made for this caller.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.fields
    }
}

/// A caller as the cluster knows them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct User {
    /// The name.
    pub name: String,
    /// The roles, of the cluster and of the user's directory.
    pub roles: Vec<String>,
}

impl User {
    /// The name and the roles.
    pub fn names(&self) -> impl Iterator<Item = &String> + Clone {
        std::iter::once(&self.name).chain(&self.roles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_credentials_and_nothing_else() {
        let mut request = HeaderMap::new();
        request.insert(AUTHORIZATION, "ApiKey abc".parse().expect("a value"));
        request.insert("es-secondary-authorization", "Basic eA==".parse().expect("a value"));
        request.insert("content-type", "application/json".parse().expect("a value"));

        let caller = Caller::from_headers(&request);

        assert_eq!(caller.headers().len(), 2);
        assert_eq!(caller.headers()["authorization"], "ApiKey abc");
        assert_eq!(caller.headers()["es-secondary-authorization"], "Basic eA==");
    }
}
