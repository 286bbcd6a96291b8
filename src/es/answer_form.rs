//! How a request wants to be answered, and what its body is written in: what its query and header fields settle before
//! anybody looks at the body, in the order in which Elasticsearch looks at them (http.md §2).

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue};

use super::error::{Exception, Refusal, Traces};
use super::media_type;
use super::parameters::Parameters;
use super::single_valued;
use crate::xcontent::answer;
use crate::xcontent::filter_path;
use crate::xcontent::format::{Format, Piecewise};
use crate::xcontent::version::Version;

/// The head of a request, as far as it settles how the request is read and answered.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The query, without its `?`.
    pub query: &'a str,
    /// The header fields.
    pub headers: &'a HeaderMap,
    /// Whether a body follows.
    pub has_body: bool,
}

/// The longest answer that is written at once, in bytes.
const LONGEST_WHOLE: u64 = 64 * 1024;

/// An answer, as far as it has been written.
#[derive(Debug)]
pub enum Written {
    /// All of it.
    Whole(Bytes),
    /// It is long, and is written while it is sent.
    Pieces(Piecewise),
}

/// The form of an answer.
#[derive(Debug, Clone)]
pub struct AnswerForm {
    api: Version,
    pretty: bool,
    filter_path: Option<String>,
    /// None before anything is settled.
    media_type: Option<HeaderValue>,
    format: Format,
    traces: Traces,
}

impl AnswerForm {
    /// The form of which nothing is known but the version that answers.
    #[must_use]
    pub const fn of(api: Version) -> Self {
        Self {
            api,
            pretty: false,
            filter_path: None,
            media_type: None,
            format: Format::Json,
            traces: Traces::Absent,
        }
    }

    /// Settles what the head asks for, and says what the body is written in.
    ///
    /// A head of which no request can be made is answered as the request without what is wrong with it would be; of
    /// several faults the first is told, and the others with it.
    pub fn settle(&mut self, head: Head<'_>) -> Result<Format, Refusal> {
        let mut faults = Vec::new();
        let mut parameters = self.parameters(head.query).unwrap_or_else(|fault| {
            faults.push(fault);
            Parameters::default()
        });
        let mut headers = Cow::Borrowed(head.headers);
        let mut negotiated = loop {
            match media_type::negotiate(&headers, head.has_body, parameters.value("format"), self.api) {
                Ok(negotiated) => break negotiated,
                Err(bad) => {
                    faults.push(bad.exception);
                    for name in bad.names {
                        headers.to_mut().remove(name);
                    }
                }
            }
        };
        if let Err(fault) = parameters.flag("pretty").and(parameters.flag("human")) {
            faults.push(fault);
            parameters = Parameters::default();
            if let Ok(other) = media_type::negotiate(&headers, head.has_body, None, self.api) {
                negotiated = other;
            }
        }
        self.pretty = parameters.flag("pretty").unwrap_or_default();
        self.filter_path = parameters.value("filter_path").map(str::to_owned);
        self.media_type = Some(negotiated.answer);
        self.format = negotiated.format;
        let traces = traces(&parameters);
        if let Some(first) = first(faults) {
            self.traces = traces.unwrap_or_default();
            return Err(first.into());
        }
        single_valued::check(head.headers, self.api)?;
        self.traces = traces?;
        negotiated.body
    }

    fn parameters(&self, query: &str) -> Result<Parameters, Exception> {
        let parameters = Parameters::parse(query)?;
        parameters.check_reserved(self.api)?;
        Ok(parameters)
    }

    /// The answer's `Content-Type`.
    #[must_use]
    pub fn media_type(&self) -> HeaderValue {
        self.settled_type().unwrap_or_else(|| media_type::json(self.api))
    }

    /// The same, once it is settled.
    #[must_use]
    pub fn settled_type(&self) -> Option<HeaderValue> {
        self.media_type.clone()
    }

    /// Whether a document is sent as it stands as JSON on one line.
    #[must_use]
    pub fn leaves_as_it_is(&self) -> bool {
        self.format == Format::Json && !self.pretty && self.filter_path.is_none()
    }

    /// Writes the document of a request that was done, given as JSON on one line, as far as that is done at once.
    #[must_use]
    pub fn writing(&self, document: String) -> Written {
        self.writing_whole(self.filtered(document))
    }

    /// Writes a refusal, as far as that is done at once. `filter_path` leaves errors as they are.
    #[must_use]
    pub fn writing_refusal(&self, refusal: &Refusal) -> Written {
        self.writing_whole(self.refusal(refusal))
    }

    /// Writes the document of a request that was done, given as JSON on one line.
    #[must_use]
    pub fn write(&self, document: String) -> Bytes {
        self.write_whole(self.filtered(document))
    }

    /// Writes a refusal. `filter_path` leaves errors as they are.
    #[must_use]
    pub fn write_refusal(&self, refusal: &Refusal) -> Bytes {
        self.write_whole(self.refusal(refusal))
    }

    /// Writes a document, given as JSON on one line, with all that is in it.
    #[must_use]
    pub fn write_whole(&self, document: String) -> Bytes {
        self.format.write(document, self.pretty, self.api)
    }

    fn writing_whole(&self, document: String) -> Written {
        match self.format.writing(document, self.pretty, self.api) {
            Err(document) => Written::Whole(document.into()),
            Ok(document) if document.length() <= LONGEST_WHOLE => Written::Whole(document.whole().into()),
            Ok(document) => Written::Pieces(document),
        }
    }

    fn filtered(&self, document: String) -> String {
        match &self.filter_path {
            Some(paths) => filter_path::filter(document, paths, self.api),
            None => document,
        }
    }

    fn refusal(&self, refusal: &Refusal) -> String {
        let body = refusal.to_body(self.traces);
        answer::one_line(&body).unwrap_or_else(|_| body.to_string())
    }
}

/// The first fault, with the others.
fn first(faults: Vec<Exception>) -> Option<Exception> {
    faults.into_iter().reduce(Exception::suppressing)
}

/// Whether errors show their traces. A value that is neither on nor off is noticed where no error has a type yet.
fn traces(parameters: &Parameters) -> Result<Traces, Refusal> {
    match parameters.flag("error_trace") {
        Ok(true) => Ok(Traces::Shown),
        Ok(false) => Ok(Traces::Absent),
        Err(malformed) => Err(Refusal::Text {
            status: malformed.status(),
            text: malformed.reason,
        }),
    }
}

#[cfg(test)]
mod tests {
    use http::header::{ACCEPT, CONTENT_TYPE};
    use serde_json::{Value, json};

    use super::*;

    const API: Version = Version::new(9, 5, 3);

    /// What is told of a head that is refused, in which media type.
    fn refused(query: &str, content_type: &'static str, accept: &'static str) -> (String, Value) {
        let fields = [(CONTENT_TYPE, content_type), (ACCEPT, accept)];
        let headers = HeaderMap::from_iter(fields.map(|(name, value)| (name, HeaderValue::from_static(value))));
        let mut form = AnswerForm::of(API);
        let settled = form.settle(Head {
            query,
            headers: &headers,
            has_body: true,
        });
        let body = form.write_refusal(&settled.expect_err("a refusal"));
        let media_type = form.media_type().to_str().expect("text").to_owned();
        (media_type, serde_json::from_slice(&body).unwrap_or_default())
    }

    const JSON: &str = "application/json";

    /// As the REST layer of 9.5.3 answers.
    #[test]
    fn a_refused_parameter_is_told_as_the_fields_ask() {
        let (media_type, body) = refused("pretty=x&format=yaml", JSON, JSON);
        assert_eq!((media_type.as_str(), &body["status"]), (JSON, &json!(400)));
        assert_eq!(body["error"]["type"], "illegal_argument_exception");
        let (media_type, _) = refused("human=x", JSON, "application/yaml");
        assert_eq!(media_type, "application/yaml");
    }

    /// As the REST layer of 9.5.3 answers.
    #[test]
    fn what_is_wrong_with_fields_comes_first_and_the_rest_with_it() {
        let (media_type, body) = refused("pretty=x", JSON, "a");
        assert_eq!(media_type, JSON);
        assert_eq!(body["error"]["type"], "media_type_header_exception");
        assert_eq!(body["error"]["suppressed"][0]["type"], "illegal_argument_exception");
        assert_eq!(body["error"]["root_cause"][0].get("suppressed"), None);
        let (media_type, body) = refused("error_trace", "a", "application/smile");
        assert_eq!((media_type.as_str(), body), ("application/smile", Value::Null));
        let (_, body) = refused("error_trace", "a", JSON);
        assert!(body["error"]["stack_trace"].is_string());
    }
}
