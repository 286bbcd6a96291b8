//! The gateway's own answers, in the shape that Elasticsearch's REST layer gives to its own.

use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WARNING};
use http::{Response, StatusCode};
use http_body_util::Either;

use super::context::{OPAQUE_ID, RequestContext};
use super::failure::Failure;
use super::line_limit::LineTooLong;
use super::own_body::{Content, OwnBody};
use crate::es::error::{Exception, Kind, Refusal, Traces};
use crate::es::media_type;
use crate::es::version::Version;

/// Who answers, as Elasticsearch says from this version on, and as official clients of it want to be told.
const PRODUCT: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-elastic-product"),
    HeaderValue::from_static("Elasticsearch"),
);
const NAMES_PRODUCT: Version = Version::new(7, 14, 0);

/// In seconds: what is under way takes milliseconds, mostly.
const AGAIN_SOON: HeaderValue = HeaderValue::from_static("1");

impl RequestContext {
    /// The answer to a request that was done.
    pub(super) fn done(&self, document: OwnBody) -> Response<Content> {
        self.written(StatusCode::OK, document)
    }

    /// An answer of the gateway's own with a document.
    pub(super) fn written(&self, status: StatusCode, document: OwnBody) -> Response<Content> {
        let mut answer = self.own(status, document);
        answer.headers_mut().insert(CONTENT_TYPE, self.form.media_type());
        answer
    }

    /// An answer as Elasticsearch's REST layer sends it.
    fn own(&self, status: StatusCode, body: OwnBody) -> Response<Content> {
        let mut answer = self.bare(status, body);
        let headers = answer.headers_mut();
        headers.extend(self.opaque_id.clone().map(|id| (OPAQUE_ID, id)));
        // Elasticsearch leaves these two out where the caller may be nobody (http.md §2.6).
        if !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            headers.extend(
                self.identity
                    .iter()
                    .flat_map(|identity| identity.product_fields.clone()),
            );
            // The cluster does not say so where it is another product, or an earlier version than the operator's.
            if self.is_claimed && self.api >= NAMES_PRODUCT {
                let (name, value) = PRODUCT;
                headers.insert(name, value);
            }
            headers.extend(self.warnings().map(|warning| (WARNING, warning.clone())));
        }
        answer
    }

    /// An answer as it is sent below the REST layer, with no more fields than it takes.
    pub(super) fn bare(&self, status: StatusCode, body: OwnBody) -> Response<Content> {
        let mut answer = Response::new(Either::Right(body));
        *answer.status_mut() = status;
        if self.body_is_unread {
            answer
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }

    /// An answer that says why a request was not done.
    pub(super) fn refused(&self, refusal: &Refusal) -> Response<Content> {
        let mut answer = self.written(refusal.status(), OwnBody::whole(self.form.write_refusal(refusal)));
        if refusal.status() == StatusCode::METHOD_NOT_ALLOWED
            && let Ok(allowed) = HeaderValue::from_str(&self.allowed.join(","))
        {
            answer.headers_mut().insert(ALLOW, allowed);
        }
        answer
    }

    pub(super) fn exception(&self, kind: Kind, reason: impl Into<String>) -> Response<Content> {
        self.refused(&Exception::new(kind, reason).into())
    }

    /// The answer to a request line that is too long, of which Elasticsearch reads nothing else: neither fields nor query
    /// have a part in it, it has the earlier version of HTTP, and the connection ends with it.
    pub(super) fn too_long(&self, error: LineTooLong) -> Response<Content> {
        let body = Exception::new(error.kind, error.to_string()).to_body(Traces::Absent);
        let mut answer = Response::new(Either::Right(OwnBody::whole(body.to_string().into())));
        *answer.status_mut() = error.kind.status();
        *answer.version_mut() = http::Version::HTTP_10;
        let fields = self
            .identity
            .iter()
            .flat_map(|identity| identity.product_fields.clone());
        answer.headers_mut().extend(fields);
        answer.headers_mut().insert(CONTENT_TYPE, media_type::json(self.api));
        // A node closes the connection without saying so; hyper has to be told.
        answer
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
        answer
    }

    /// An answer that says that there was no room for a request, of which nothing was done.
    pub(super) fn later(&self, kind: Kind, failure: &Failure) -> Response<Content> {
        let mut answer = self.exception(kind, failure.to_string());
        answer.headers_mut().insert(RETRY_AFTER, AGAIN_SOON);
        answer
    }

    /// What a client is told of a cluster that did not serve its request. Which node failed, and how, is in the log:
    /// the cluster's addresses are no business of its clients.
    pub(super) fn about_the_cluster(&self, kind: Kind) -> Response<Content> {
        let reason = match kind {
            Kind::UpstreamUnavailable => {
                "no node of the cluster can be reached; nothing of this request was done, and it can be repeated"
            }
            Kind::OutcomeUnknown => {
                "the cluster's answer was lost; whether this request was done is not known: look before it is repeated"
            }
            Kind::UpstreamTimeout => "the cluster did not answer in time; this request can be repeated",
            _ => "the cluster's answer could not be read; this request can be repeated",
        };
        self.exception(kind, reason)
    }
}
