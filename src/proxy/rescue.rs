//! Turns whatever went wrong with a request into its answer, and gives the gateway's own answers their shape.

use std::rc::Rc;

use http::header::{ACCEPT, ALLOW, CONNECTION, CONTENT_TYPE, EXPECT, HeaderName, HeaderValue, RETRY_AFTER, WARNING};
use http::{Request, Response, StatusCode, Uri};
use http_body::Body;
use http_body_util::Either;

use super::answer_body::{Content, OwnBody};
use super::failure::{Failure, TurnedAway, described};
use super::line_limit::LineTooLong;
use crate::cluster::caller::Caller;
use crate::cluster::identity::IdentityError;
use crate::cluster::{CallError, Identity, Product, ReplyError};
use crate::es::answer_form::{AnswerForm, Head};
use crate::es::error::{Exception, Kind, Refusal, Traces};
use crate::es::format::Format;
use crate::es::media_type;
use crate::es::percent::MalformedEscape;
use crate::es::version::Version;
use crate::es::warning;
use crate::guard::Reason;
use crate::http::body::ReadBodyError;
use crate::http::client_body::ClientBodyError;
use crate::http::content_coding::DecodeError;
use crate::http::target::Target;
use crate::plugin::{CommitError, Permission};
use crate::store::StoreError;
use crate::telemetry::request_record::RequestRecord;
use crate::upstream::ForwardError;

const OPAQUE_ID: HeaderName = HeaderName::from_static("x-opaque-id");

/// Who answers, as Elasticsearch says from this version on, and as official clients of it want to be told.
const PRODUCT: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-elastic-product"),
    HeaderValue::from_static("Elasticsearch"),
);
const NAMES_PRODUCT: Version = Version::new(7, 14, 0);

/// In seconds: what is under way takes milliseconds, mostly.
const AGAIN_SOON: HeaderValue = HeaderValue::from_static("1");

/// What of a request its answer depends on.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something else of the request, and any of them may hold with any other"
)]
pub(super) struct Asked {
    /// Who makes a claimed request; of others nothing is made for them.
    pub(super) caller: Caller,
    /// It is one of Elasticsearch's calls that the gateway answers itself.
    pub(super) is_claimed: bool,
    opaque_id: Option<HeaderValue>,
    /// The client sends its body once it is told to.
    pub(super) waits_to_send: bool,
    pub(super) api: Version,
    /// The request's target, as refusals quote it.
    pub(super) uri: Uri,
    identity: Option<Identity>,
    is_identified: bool,
    /// What the client accepts for an answer.
    accepted: Option<HeaderValue>,
    pub(super) form: AnswerForm,
    pub(super) body_is_unread: bool,
    warnings: Vec<HeaderValue>,
    /// What is noted of it, for metrics and the access log.
    pub(super) record: Rc<RequestRecord>,
}

impl Asked {
    /// What can be said of a request before anything is known of the cluster.
    pub(super) fn of<B: Body>(request: &Request<B>, record: Rc<RequestRecord>) -> Self {
        Self {
            caller: Caller::default(),
            is_claimed: false,
            opaque_id: request.headers().get(OPAQUE_ID).cloned(),
            waits_to_send: request.headers().contains_key(EXPECT),
            api: Version::BASE,
            uri: request.uri().clone(),
            identity: None,
            is_identified: false,
            accepted: request.headers().get(ACCEPT).cloned(),
            form: AnswerForm::of(Version::BASE),
            body_is_unread: !request.body().is_end_stream(),
            warnings: Vec::new(),
            record,
        }
    }

    /// Answers from here on as this cluster would, or as the version that the operator has fixed.
    pub(super) fn identify(&mut self, identity: Option<Identity>, fixed: Option<Version>) {
        self.api = fixed
            .or_else(|| identity.as_ref().map(Identity::api))
            .unwrap_or(Version::BASE);
        self.identity = identity;
        self.is_identified = true;
        self.form = AnswerForm::of(self.api);
    }

    /// Settles how the request wants to be answered, as far as its head says it, and what its body is written in.
    pub(super) fn settle<B: Body>(&mut self, target: &Target, request: &Request<B>) -> Result<Format, Refusal> {
        self.form.settle(Head {
            query: target.query(),
            headers: request.headers(),
            has_body: !request.body().is_end_stream(),
        })
    }

    /// Settles the same for a request that was not done before anybody asked who the cluster is. What is wrong with its
    /// head is the cluster's to tell, and it has not been asked.
    pub(super) fn recall(&mut self, last_seen: impl FnOnce() -> Option<Identity>, fixed: Option<Version>) {
        if self.is_identified {
            return;
        }
        let last_seen = last_seen();
        let is_known = last_seen.is_some() || fixed.is_some();
        self.identify(last_seen, fixed);
        if !is_known {
            return; // What the cluster itself may have said of it, such as a 401, has the cluster's own form.
        }
        let accepted = self.accepted.iter().map(|value| (ACCEPT, value.clone()));
        let head = Head {
            query: self.uri.query().unwrap_or_default(),
            headers: &accepted.collect(),
            has_body: false,
        };
        let _ = self.form.settle(head);
    }

    /// Which product the cluster is. Nothing is done for a caller as long as that is not known.
    pub(super) fn product(&self) -> Result<Product, Failure> {
        let identity = self.identity.as_ref();
        identity.map(|identity| identity.product).ok_or(Failure::Unidentified)
    }

    /// The request's body was read to its end, so its connection can serve another request.
    pub(super) fn body_was_read(&mut self) {
        self.body_is_unread = false;
    }

    /// Adds `Warning` fields to the answer (http.md §2.6).
    pub(super) fn warn<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) {
        let fields = self.warning_fields(texts);
        self.warnings.extend(fields);
    }

    /// `Warning` fields with these texts.
    pub(super) fn warning_fields<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Vec<HeaderValue> {
        let build = self
            .identity
            .as_ref()
            .map_or("unknown", |identity| identity.build_hash.as_str());
        let field = |text: &str| {
            let quoted = warning::quoted(text);
            HeaderValue::from_str(&format!("299 Elasticsearch-{}-{build} \"{quoted}\"", self.api)).ok()
        };
        texts.into_iter().filter_map(field).collect()
    }

    /// The `Warning` fields of the answer: those of the cluster's every answer, then this one's.
    pub(super) fn warnings(&self) -> impl Iterator<Item = &HeaderValue> {
        let identity = self.identity.iter();
        identity.flat_map(|identity| &identity.warnings).chain(&self.warnings)
    }

    /// The answer to a request that was done.
    pub(super) fn done(&self, document: OwnBody) -> Response<Content> {
        self.written(StatusCode::OK, document)
    }

    /// An answer of the gateway's own with a document.
    fn written(&self, status: StatusCode, document: OwnBody) -> Response<Content> {
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
    fn bare(&self, status: StatusCode, body: OwnBody) -> Response<Content> {
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
    fn refused(&self, refusal: &Refusal) -> Response<Content> {
        self.written(refusal.status(), OwnBody::whole(self.form.write_refusal(refusal)))
    }

    fn exception(&self, kind: Kind, reason: impl Into<String>) -> Response<Content> {
        self.refused(&Exception::new(kind, reason).into())
    }

    /// The answer to a request line that is too long, of which Elasticsearch reads nothing else: neither fields nor query
    /// have a part in it, it has the earlier version of HTTP, and the connection ends with it.
    fn too_long(&self, error: LineTooLong) -> Response<Content> {
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
    fn later(&self, kind: Kind, failure: &Failure) -> Response<Content> {
        let mut answer = self.exception(kind, failure.to_string());
        answer.headers_mut().insert(RETRY_AFTER, AGAIN_SOON);
        answer
    }

    /// What a client is told of a cluster that did not serve its request. Which node failed, and how, is in the log:
    /// the cluster's addresses are no business of its clients.
    fn about_the_cluster(&self, kind: Kind) -> Response<Content> {
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

/// The answer to a request that was not done. The one place where an error becomes a status.
pub(super) fn answer(failure: Failure, asked: &Asked) -> Response<Content> {
    failure.log();
    asked.record.ends(failure.outcome());
    match failure {
        Failure::NoTarget => asked.exception(Kind::IllegalArgument, failure.to_string()),
        Failure::TransferCoding(error) => asked.exception(Kind::IllegalArgument, error.to_string()),
        // Elasticsearch answers these two below its REST layer, with nothing in them (http.md §2.7).
        Failure::Expectation(_) => asked.bare(StatusCode::EXPECTATION_FAILED, OwnBody::empty()),
        Failure::LineTooLong(error) => asked.too_long(error),
        Failure::Body(ReadBodyError::TooLarge(_)) | Failure::Coding(DecodeError::TooLarge(_)) => {
            asked.bare(StatusCode::PAYLOAD_TOO_LARGE, OwnBody::empty())
        }
        Failure::Body(ReadBodyError::NoRoom(_)) | Failure::Coding(DecodeError::NoRoom(_)) => {
            asked.later(Kind::CircuitBreaking, &failure)
        }
        Failure::Coding(error @ (DecodeError::Corrupt { .. } | DecodeError::TooManyMembers)) => {
            asked.exception(Kind::IllegalArgument, described(&error))
        }
        Failure::Body(ReadBodyError::Client(error)) => asked.exception(kind_of(&error), error.to_string()),
        Failure::Escape(error) => broken_escape(&error, asked),
        Failure::Refused(refusal) | Failure::Commit(CommitError::Refused(refusal)) => asked.refused(&refusal),
        Failure::Protected(ref refused) if refused.reason == Reason::NamesUnknown => {
            asked.later(Kind::UpstreamUnavailable, &failure)
        }
        Failure::Protected(refused) => asked.exception(Kind::Security, refused.to_string()),
        Failure::Told { status, body } => asked.written(status, body),
        Failure::PluginPanicked(_) | Failure::Panicked(_) => asked.exception(Kind::Internal, failure.to_string()),
        Failure::Identity(IdentityError::NotACluster) => asked.about_the_cluster(Kind::UpstreamFailure),
        Failure::Identity(IdentityError::Reply(error)) | Failure::Unknown(error) => match error {
            ReplyError::Refused(refused) => asked.relayed(refused),
            ReplyError::Call(error) => asked.about_the_cluster(unsent(&error)),
        },
        Failure::NotPermitted { permission, user } => asked.exception(Kind::Security, not_permitted(&user, permission)),
        Failure::NoRole { .. } | Failure::Unguarded => asked.exception(Kind::Security, failure.to_string()),
        Failure::Unchecked(_) | Failure::Unidentified | Failure::Account(_) => {
            asked.exception(Kind::UpstreamUnavailable, failure.to_string())
        }
        Failure::Commit(CommitError::Store(error)) => match error {
            StoreError::Refused(refused) => asked.relayed(refused),
            StoreError::NotSent(error) => asked.about_the_cluster(unsent(&error)),
            StoreError::OutcomeUnknown(_) => asked.about_the_cluster(Kind::OutcomeUnknown),
            StoreError::Exists => asked.exception(Kind::ResourceAlreadyExists, error.to_string()),
            StoreError::Untrusted(_) | StoreError::NotStored { .. } => {
                asked.exception(Kind::UntrustedIndex, error.to_string())
            }
        },
        Failure::TooManyRequests => asked.later(Kind::RejectedExecution, &failure),
        Failure::TurnedAway(TurnedAway::Loop) => asked.exception(Kind::LoopDetected, failure.to_string()),
        Failure::TurnedAway(TurnedAway::TooManyConnections | TurnedAway::TooManyHeads) => {
            asked.later(Kind::TooManyConnections, &failure)
        }
        Failure::TurnedAway(TurnedAway::HeadTooLong(_)) => asked.exception(Kind::TooLongHead, failure.to_string()),
        Failure::Forward(error) => {
            let kind = match error {
                ForwardError::StalledBody(_) => return asked.exception(Kind::RequestTimeout, error.to_string()),
                ForwardError::BrokenBody(_) | ForwardError::Withheld => {
                    return asked.exception(Kind::IllegalArgument, error.to_string());
                }
                ForwardError::Unreachable(_) => Kind::UpstreamUnavailable,
                ForwardError::Lost { safe_method: true, .. } | ForwardError::Unfit { safe_method: true, .. } => {
                    Kind::UpstreamFailure
                }
                ForwardError::NoAnswer { safe_method: true, .. } => Kind::UpstreamTimeout,
                // Clients repeat a request on 502 to 504, and this one may have been done (http.md §4.4).
                ForwardError::Lost { .. } | ForwardError::Unfit { .. } | ForwardError::NoAnswer { .. } => {
                    Kind::OutcomeUnknown
                }
            };
            asked.about_the_cluster(kind)
        }
    }
}

/// What it means that a body did not come to its end.
const fn kind_of(error: &ClientBodyError) -> Kind {
    match error {
        ClientBodyError::Broken(_) => Kind::IllegalArgument,
        ClientBodyError::Stalled(_) => Kind::RequestTimeout,
    }
}

/// What a failed call means to a client whose request has changed nothing: it may be repeated.
const fn unsent(error: &CallError) -> Kind {
    match error {
        CallError::Unreachable(_) => Kind::UpstreamUnavailable,
        CallError::AnswerLost(_)
        | CallError::ReplyTooLong
        | CallError::NoAnswerBehind(_)
        | CallError::Unexpected { .. } => Kind::UpstreamFailure,
        CallError::Client(_) => Kind::Internal,
    }
}

/// create-job.md §6: the action and the user are named.
fn not_permitted(user: &str, permission: Permission) -> String {
    let Permission { action, granted_by, .. } = permission;
    format!(
        "the user [{user}] may not do [{action}], which one of the cluster privileges [{granted_by}] allows; ask for one of them"
    )
}

/// 405 up to 8.4 and 400 from then on (http.md §1.1).
fn broken_escape(error: &MalformedEscape, asked: &Asked) -> Response<Content> {
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
