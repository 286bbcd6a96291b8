//! Turns whatever went wrong with a request into its answer, and gives the gateway's own answers their shape.

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, WARNING};
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{Either, Full};

use super::AnswerBody;
use crate::es::answer;
use crate::es::caller::Caller;
use crate::es::error::{Exception, Kind, Refusal, Traces};
use crate::es::filter_path;
use crate::es::format::Format;
use crate::es::media_type;
use crate::es::parameters::Parameters;
use crate::es::percent::MalformedEscape;
use crate::es::version::Version;
use crate::http::body::ReadBodyError;
use crate::http::content_coding::DecodeError;
use crate::http::framing::UnsupportedTransferCoding;
use crate::http::hop_by_hop;
use crate::http::target::Target;
use crate::plugin::CommitError;
use crate::store::identity::IdentityError;
use crate::store::{CallError, Identity, Reply, StoreError};
use crate::upstream::ForwardError;

const OPAQUE_ID: HeaderName = HeaderName::from_static("x-opaque-id");

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the request target has no path")]
    NoTarget,
    #[error(transparent)]
    TransferCoding(#[from] UnsupportedTransferCoding),
    #[error(transparent)]
    Body(#[from] ReadBodyError),
    #[error(transparent)]
    Coding(#[from] DecodeError),
    #[error(transparent)]
    Escape(#[from] MalformedEscape),
    #[error("the request was refused: {}", .0.status())]
    Refused(Refusal),
    #[error("the plugin {0} panicked")]
    PluginPanicked(&'static str),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Forward(#[from] ForwardError),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What of a request its answer depends on.
pub(super) struct Asked {
    pub(super) caller: Caller,
    pub(super) api: Version,
    identity: Option<Identity>,
    pretty: bool,
    filter_path: Option<String>,
    media_type: Option<HeaderValue>,
    format: Format,
    /// What the request's body is written in.
    pub(super) body_format: Format,
    traces: Traces,
    body_is_unread: bool,
    warnings: Vec<HeaderValue>,
}

impl Asked {
    /// What can be said of a request before anything is known of the cluster.
    pub(super) fn of<B: Body>(request: &Request<B>) -> Self {
        Self {
            caller: Caller::from_headers(request.headers()),
            api: Version::BASE,
            identity: None,
            pretty: false,
            filter_path: None,
            media_type: None,
            format: Format::Json,
            body_format: Format::Json,
            traces: Traces::Absent,
            body_is_unread: !request.body().is_end_stream(),
            warnings: Vec::new(),
        }
    }

    /// Answers from here on as this cluster would, or as the version that the operator has fixed.
    pub(super) fn identify(&mut self, identity: Option<Identity>, fixed: Option<Version>) {
        self.api = fixed
            .or_else(|| identity.as_ref().map(Identity::api))
            .unwrap_or(Version::BASE);
        self.identity = identity;
    }

    /// Settles how the request wants to be answered, as far as its head says it.
    pub(super) fn negotiate<B: Body>(&mut self, target: &Target, request: &Request<B>) -> Result<(), Refusal> {
        let parameters = Parameters::parse(target.query())?;
        self.pretty = parameters.flag("pretty")?;
        parameters.flag("human")?;
        self.filter_path = parameters.value("filter_path").map(str::to_owned);
        let has_body = !request.body().is_end_stream();
        let negotiated = media_type::negotiate(request.headers(), has_body, parameters.value("format"), self.api)?;
        self.media_type = Some(negotiated.answer);
        self.format = negotiated.format;
        self.traces = traces(&parameters)?;
        self.body_format = negotiated.body?;
        Ok(())
    }

    /// The request's body was read to its end, so its connection can serve another request.
    pub(super) fn body_was_read(&mut self) {
        self.body_is_unread = false;
    }

    /// Adds `Warning` fields to the answer (contract http.md §2.6).
    pub(super) fn warn<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) {
        let build = self
            .identity
            .as_ref()
            .map_or("unknown", |identity| identity.build_hash.as_str());
        for text in texts {
            let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
            let line = format!("299 Elasticsearch-{}-{build} \"{quoted}\"", self.api);
            self.warnings.extend(HeaderValue::from_str(&line));
        }
    }

    /// The answer to a request that was done. Errors are never filtered.
    pub(super) fn done(&self, document: String) -> Response<AnswerBody> {
        let document = match &self.filter_path {
            Some(paths) => filter_path::filter(document, paths),
            None => document,
        };
        self.document(StatusCode::OK, document)
    }

    /// An answer of the gateway's own with a document, given as JSON on one line.
    fn document(&self, status: StatusCode, document: String) -> Response<AnswerBody> {
        let mut answer = self.own(status, self.format.write(document, self.pretty, self.api));
        let media_type = self.media_type.clone().unwrap_or_else(|| media_type::json(self.api));
        answer.headers_mut().insert(CONTENT_TYPE, media_type);
        answer
    }

    fn own(&self, status: StatusCode, body: Bytes) -> Response<AnswerBody> {
        let mut answer = Response::new(Either::Right(Full::new(body)));
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        headers.extend(self.caller.headers().get(OPAQUE_ID).map(|id| (OPAQUE_ID, id.clone())));
        // Elasticsearch leaves these two out where the caller may be nobody (contract http.md §2.6).
        if !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            headers.extend(
                self.identity
                    .iter()
                    .flat_map(|identity| identity.product_fields.clone()),
            );
            headers.extend(self.warnings.iter().map(|warning| (WARNING, warning.clone())));
        }
        if self.body_is_unread {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }

    /// An answer that says why a request was not done.
    fn refused(&self, refusal: &Refusal) -> Response<AnswerBody> {
        let body = refusal.to_body(self.traces);
        let text = answer::one_line(&body).unwrap_or_else(|_| body.to_string());
        self.document(refusal.status(), text)
    }

    fn exception(&self, kind: Kind, reason: impl Into<String>) -> Response<AnswerBody> {
        self.refused(&Exception::new(kind, reason).into())
    }

    /// What a client is told of a cluster that did not serve its request. Which node failed, and how, is in the log:
    /// the cluster's addresses are no business of its clients.
    fn about_the_cluster(&self, kind: Kind) -> Response<AnswerBody> {
        let reason = match kind {
            Kind::UpstreamUnavailable => "no node of the cluster can be reached; nothing of this request was done",
            Kind::OutcomeUnknown => "the cluster's answer was lost; whether this request was done is not known",
            _ => "the cluster's answer could not be read; this request can be repeated",
        };
        self.exception(kind, reason)
    }

    /// An answer of the cluster to a call that was made for the caller, handed on as it is.
    fn relayed(&self, reply: Reply) -> Response<AnswerBody> {
        let mut answer = Response::new(Either::Right(Full::new(reply.body)));
        *answer.status_mut() = reply.status;
        *answer.headers_mut() = reply.headers;
        hop_by_hop::remove(answer.headers_mut());
        if self.body_is_unread {
            answer
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }
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

/// The answer to a request that was not done. The one place where an error becomes a status.
pub(super) fn answer(failure: Failure, asked: &Asked) -> Response<AnswerBody> {
    log(&failure);
    match failure {
        Failure::NoTarget => asked.exception(Kind::IllegalArgument, failure.to_string()),
        Failure::TransferCoding(error) => asked.exception(Kind::IllegalArgument, error.to_string()),
        // Elasticsearch answers this below its REST layer, with nothing in it (contract http.md §2.7).
        Failure::Body(ReadBodyError::TooLarge(_)) | Failure::Coding(DecodeError::TooLarge(_)) => {
            asked.own(StatusCode::PAYLOAD_TOO_LARGE, Bytes::new())
        }
        Failure::Coding(error @ DecodeError::Corrupt { .. }) => {
            asked.exception(Kind::IllegalArgument, described(&error))
        }
        Failure::Body(error @ ReadBodyError::Broken(_)) => asked.exception(Kind::IllegalArgument, error.to_string()),
        Failure::Escape(error) => broken_escape(&error, asked),
        Failure::Refused(refusal) | Failure::Commit(CommitError::Refused(refusal)) => asked.refused(&refusal),
        Failure::PluginPanicked(_) => asked.exception(Kind::Internal, failure.to_string()),
        Failure::Identity(error) => match error {
            IdentityError::Refused(reply) => asked.relayed(*reply),
            IdentityError::Call(error) => asked.about_the_cluster(unsent(&error)),
            IdentityError::NotACluster => asked.about_the_cluster(Kind::UpstreamFailure),
        },
        Failure::Commit(CommitError::Store(error)) => match error {
            StoreError::Refused(reply) => asked.relayed(*reply),
            StoreError::NotSent(error) => asked.about_the_cluster(unsent(&error)),
            StoreError::OutcomeUnknown(_) => asked.about_the_cluster(Kind::OutcomeUnknown),
            StoreError::Exists => asked.exception(Kind::ResourceAlreadyExists, error.to_string()),
        },
        Failure::Forward(error) => {
            let kind = match error {
                ForwardError::Unreachable(_) => Kind::UpstreamUnavailable,
                ForwardError::Lost { safe_method: true, .. } => Kind::UpstreamFailure,
                // Clients repeat a request on 502 to 504, and this one may have been done (contract http.md §4.4).
                ForwardError::Lost { safe_method: false, .. } => Kind::OutcomeUnknown,
            };
            asked.about_the_cluster(kind)
        }
    }
}

/// What a failed call means to a client whose request has changed nothing: it may be repeated.
const fn unsent(error: &CallError) -> Kind {
    match error {
        CallError::Unreachable(_) => Kind::UpstreamUnavailable,
        CallError::AnswerLost(_) | CallError::ReplyTooLong => Kind::UpstreamFailure,
        CallError::Client(_) => Kind::Internal,
    }
}

/// 405 up to 8.4 and 400 from then on (contract http.md §1.1).
fn broken_escape(error: &MalformedEscape, asked: &Asked) -> Response<AnswerBody> {
    if asked.api >= Version::new(8, 5, 0) {
        return asked.exception(Kind::IllegalArgument, error.to_string());
    }
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let text = format!("{error}, allowed: [DELETE, GET, PUT]");
    let mut answer = asked.refused(&Refusal::Text { status, text });
    answer
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("DELETE,GET,PUT"));
    answer
}

/// An error with its causes, on one line.
fn described(error: &dyn std::error::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    for error in std::iter::successors(Some(error), |error| error.source()) {
        let text = error.to_string();
        if texts.last().is_none_or(|last| !last.contains(&text)) {
            texts.push(text);
        }
    }
    texts.join(": ")
}

/// The cluster's faults and the gateway's are the operator's business; what a client did wrong is the client's.
fn log(failure: &Failure) {
    let error = described(failure);
    match failure {
        Failure::PluginPanicked(_) => tracing::error!(error, "a request failed"),
        Failure::Forward(_)
        | Failure::Identity(IdentityError::Call(_) | IdentityError::NotACluster)
        | Failure::Commit(CommitError::Store(StoreError::NotSent(_) | StoreError::OutcomeUnknown(_))) => {
            tracing::warn!(error, "the cluster did not serve a request");
        }
        _ => tracing::debug!(error, "a request was refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_errors_does_not_repeat_itself() {
        let inner = std::io::Error::other("connection refused");
        let outer = ReadErrorDouble(inner);
        assert_eq!(described(&outer), "reading failed: connection refused");
    }

    #[derive(Debug, thiserror::Error)]
    #[error("reading failed")]
    struct ReadErrorDouble(#[source] std::io::Error);
}
