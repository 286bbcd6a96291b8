//! One request that is put to both sides.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The path that the job's id follows.
const COLLECTION: &str = "/_ml/anomaly_detectors/";

/// What a client can write in a path segment as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request to create a job, or to update one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What is in it that may be answered wrongly: the rows of the table of agreement.
    pub kinds: Vec<&'static str>,
    /// The id in the URL, decoded.
    pub id: String,
    /// The query of the URL, without `?`; empty for none.
    pub query: String,
    /// The value of `Content-Type`, if the request has that field.
    pub content_type: Option<String>,
    /// The value of `Accept`, if the request has that field.
    pub accept: Option<String>,
    /// The body.
    pub body: Vec<u8>,
    /// The stored document of the job, where the request updates one.
    pub job: Option<String>,
}

impl Case {
    /// A request with this body, and nothing special about it.
    #[must_use]
    pub fn new(id: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            kinds: Vec::new(),
            id: id.to_owned(),
            query: String::new(),
            content_type: Some("application/json".to_owned()),
            accept: None,
            body: body.into(),
            job: None,
        }
    }

    /// The request's path, decoded, as messages quote it.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{COLLECTION}{}{}", self.id, self.call())
    }

    /// The request target, as sent.
    #[must_use]
    pub fn target(&self) -> String {
        let id = utf8_percent_encode(&self.id, ENCODED);
        let call = self.call();
        if self.query.is_empty() {
            format!("{COLLECTION}{id}{call}")
        } else {
            format!("{COLLECTION}{id}{call}?{}", self.query)
        }
    }

    /// The request's method.
    #[must_use]
    pub fn method(&self) -> &'static str {
        if self.job.is_some() { "POST" } else { "PUT" }
    }

    /// What the path has after the id.
    fn call(&self) -> &'static str {
        if self.job.is_some() { "/_update" } else { "" }
    }

    /// The header fields that the request has.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let content_type = self.content_type.as_deref().map(|value| ("content-type", value));
        let accept = self.accept.as_deref().map(|value| ("accept", value));
        content_type.into_iter().chain(accept)
    }

    /// The line that the oracle reads.
    pub(crate) fn line(&self) -> String {
        let headers: Vec<String> = self.headers().map(|(name, value)| format!("{name}:{value}")).collect();
        let target = STANDARD.encode(self.target());
        let headers = STANDARD.encode(headers.join("\n"));
        let body = STANDARD.encode(&self.body);
        let job = self.job.as_ref();
        let job = job.map(|job| format!("\t\t{}", STANDARD.encode(job)));
        format!("{target}\t{headers}\t{body}{}\n", job.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_encoded_in_the_target_only() {
        let mut case = Case::new("a b/ü", "{}");
        case.query = "timeout=1s".to_owned();
        assert_eq!(case.target(), "/_ml/anomaly_detectors/a%20b%2F%C3%BC?timeout=1s");
        assert_eq!(case.path(), "/_ml/anomaly_detectors/a b/ü");
    }
}
