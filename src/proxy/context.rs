//! What goes with one request through all its phases: who asks, which cluster answers, and how the client wants its answer.

use std::rc::Rc;

use http::header::{ACCEPT, AUTHORIZATION, EXPECT, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Uri};
use http_body::Body;

use super::failure::Failure;
use crate::cluster::{Identity, Product};
use crate::es::answer_form::{AnswerForm, Head};
use crate::es::error::Refusal;
use crate::es::user::User;
use crate::es::version::Version;
use crate::es::warning;
use crate::http::authorization;
use crate::http::caller::Caller;
use crate::http::target::Target;
use crate::plugin::Route;
use crate::telemetry::asked::{Asked, shortened};
use crate::telemetry::request_record::RequestRecord;
use crate::xcontent::format::Format;

pub(super) const OPAQUE_ID: HeaderName = HeaderName::from_static("x-opaque-id");

/// What of a request its answer depends on.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something else of the request, and any of them may hold with any other"
)]
pub(super) struct RequestContext {
    /// Who makes a claimed request; of others nothing is made for them.
    pub(super) caller: Caller,
    /// It is one of Elasticsearch's calls that the gateway answers itself.
    pub(super) is_claimed: bool,
    /// The methods that Elasticsearch takes on the path of such a call.
    pub(super) allowed: &'static [&'static str],
    pub(super) opaque_id: Option<HeaderValue>,
    method: Method,
    /// Who asks, by what the cluster has said or by what was sent.
    user: Option<String>,
    /// The client sends its body once it is told to.
    pub(super) waits_to_send: bool,
    pub(super) api: Version,
    /// The request's target, as refusals quote it.
    pub(super) uri: Uri,
    pub(super) identity: Option<Identity>,
    is_identified: bool,
    /// What the client accepts for an answer.
    accepted: Option<HeaderValue>,
    pub(super) form: AnswerForm,
    pub(super) body_is_unread: bool,
    warnings: Vec<HeaderValue>,
    /// The id of what was decided, where the client is to be told.
    pub(super) decision: Option<HeaderValue>,
    /// What is noted of it, for metrics and the access log.
    pub(super) record: Rc<RequestRecord>,
}

impl RequestContext {
    /// What can be said of a request before anything is known of the cluster.
    pub(super) fn of<B: Body>(request: &Request<B>, record: Rc<RequestRecord>) -> Self {
        Self {
            caller: Caller::default(),
            is_claimed: false,
            allowed: &[],
            opaque_id: request.headers().get(OPAQUE_ID).cloned(),
            method: request.method().clone(),
            user: None,
            waits_to_send: request.headers().contains_key(EXPECT),
            api: Version::BASE,
            uri: request.uri().clone(),
            identity: None,
            is_identified: false,
            accepted: request.headers().get(ACCEPT).cloned(),
            form: AnswerForm::of(Version::BASE),
            body_is_unread: !request.body().is_end_stream(),
            warnings: Vec::new(),
            decision: None,
            record,
        }
    }

    /// A plugin claims the request, of which these are the fields that would be sent on.
    pub(super) fn claimed_by(&mut self, plugin: &'static str, route: &Route, fields: &HeaderMap) {
        self.is_claimed = true;
        self.allowed = route.allowed;
        self.record.is_claimed_by(plugin);
        self.caller = Caller::from_headers(fields);
        self.user = fields.get(AUTHORIZATION).and_then(authorization::user_name);
    }

    /// The cluster has said who asks.
    pub(super) fn is_asked_by(&mut self, user: &User) {
        self.user = Some(shortened(&user.name));
    }

    /// Who asks, and for what, as logs have it.
    pub(super) fn asked(&self) -> Asked {
        let opaque_id = self.opaque_id.as_ref().map(HeaderValue::as_bytes);
        Asked {
            client: self.record.client(),
            user: self.user.clone(),
            opaque_id: opaque_id.map(|id| shortened(&String::from_utf8_lossy(id))),
            method: self.method.as_str().to_owned(),
            path: shortened(self.uri.path()),
            is_dry_run: self.record.is_dry_run(),
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
    pub(super) fn negotiate<B: Body>(&mut self, target: &Target, request: &Request<B>) -> Result<Format, Refusal> {
        self.form.settle(Head {
            query: target.query(),
            headers: request.headers(),
            has_body: !request.body().is_end_stream(),
        })
    }

    /// Settles the same for a request that was not done before anybody asked who the cluster is. What is wrong with its
    /// head is the cluster's to tell, and it has not been asked.
    pub(super) fn assume_last_known(&mut self, last_seen: impl FnOnce() -> Option<Identity>, fixed: Option<Version>) {
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

    /// How many `Warning` fields the answer has of its own so far.
    pub(super) fn own_warnings(&self) -> usize {
        self.warnings.len()
    }

    /// Takes back all but the first `kept` of them: what they warn of was not done.
    pub(super) fn unwarn(&mut self, kept: usize) {
        self.warnings.truncate(kept);
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
}
