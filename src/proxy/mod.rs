//! One request, from its head to its answer, phase by phase.
//!
//! [`Proxy::answer`] obtains a permit, routes, and turns what went wrong into an answer. What nobody claims is forwarded as it
//! streams; what a plugin claims is served: negotiated, authenticated, read, evaluated, and then stored, tried out or delegated
//! to the cluster (`admit.rs`); what a service claims is answered from stored documents (`service.rs`). One `RequestContext` goes
//! through all phases, and the request's account is settled when its answer has been sent.

mod access;
mod admit;
mod audit_trail;
mod audited;
mod background;
mod background_evaluation;
mod change;
mod change_lock;
mod commit_account;
mod commit_mode;
mod confirmation;
mod context;
mod decision_event;
mod decisions;
mod decoding;
mod delegate;
mod downstream_body;
mod dry_run;
mod error_response;
mod evaluate;
mod failure;
mod failure_line;
mod gate;
mod inspected_body;
mod kept_decision;
mod line_limit;
mod offload;
mod own_body;
mod permit_cache;
mod protection;
mod read;
mod record;
mod relay;
mod request_permit;
mod response;
mod rewrite;
mod seen_locks;
mod service;
mod shared;
mod store;
mod turns;

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::header::{CONNECTION, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Either;
use hyper::body::Incoming;

use crate::cluster::{Cluster, Identity, Product};
use crate::es::error::Refusal;
use crate::es::media_type;
use crate::http::client_body::ClientBody;
use crate::http::target::Target;
use crate::http::{body, framing, hop_by_hop};
use crate::route::{Claim, Claimant, PluginClaim};
use crate::telemetry::events::cluster::NoJobsInCluster;
use crate::telemetry::events::limits::Loop;
use crate::telemetry::request_record::{Account, RequestRecord};
use crate::upstream::{Outgoing, Upstream};
use crate::xcontent::format::Format;
pub use access::{Access, ServiceAccess};
pub use audit_trail::{AuditEvent, AuditTrail};
pub use background::Background;
pub use background_evaluation::Samples;
pub use commit_mode::CommitMode;
use context::RequestContext;
use decisions::DECISION;
pub use decisions::Decisions;
pub use downstream_body::DownstreamBody;
use failure::Failure;
pub use failure::TurnedAway;
pub use kept_decision::KeptDecision;
pub use offload::Offload;
use own_body::Content;
pub use permit_cache::{NoRandomness, PermitCache};
pub use protection::Protection;
pub use record::LostRecords;
pub use shared::Shared;
pub use turns::Turns;

/// How much of a refused request's body is read only to keep its connection, in bytes.
const MOST_DRAINED: usize = 1024 * 1024;

/// What answers the requests of a worker thread.
pub struct Proxy {
    /// The cluster, for forwarding.
    pub upstream: Upstream,
    /// The cluster, for the calls that plugins make.
    pub cluster: Arc<Cluster>,
    /// With whose credentials plugins read and write.
    pub access: Access,
    /// What the threads share.
    pub shared: Shared,
}

impl Proxy {
    /// Answers one request, whatever happens.
    ///
    /// Its account is settled when its answer has been sent, or when the client has left.
    pub async fn answer(
        self: &Rc<Self>,
        request: Request<Incoming>,
        account: Account,
    ) -> Result<Response<DownstreamBody>, Infallible> {
        let mut context = RequestContext::of(&request, account.record());
        let mut request = request.map(|body| ClientBody::new(body, account.record()));
        let (answer, permit) = match self.permit(&mut request, &context).await {
            Ok(permit) => (self.route(request, &mut context).await, permit),
            Err(failure) => (Err(after_draining(request, &mut context, failure).await), None),
        };
        let decision = context.decision.take();
        let mut answer = answer.unwrap_or_else(|failure| self.error_response(failure, context));
        // Whom the cluster does not know is told nothing but that.
        let is_told = !matches!(answer.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        answer
            .headers_mut()
            .extend(decision.filter(|_| is_told).map(|id| (DECISION, id)));
        Ok(DownstreamBody::of(answer, account, permit))
    }

    /// Answers a request on a connection that is served no more.
    pub fn turn_away(
        &self,
        request: &Request<Incoming>,
        reason: TurnedAway,
        account: Account,
    ) -> Result<Response<DownstreamBody>, Infallible> {
        static LOOP_IS_LOGGED: AtomicBool = AtomicBool::new(false);
        if reason == TurnedAway::Loop && !LOOP_IS_LOGGED.swap(true, Ordering::Relaxed) {
            Loop {}.log();
        }
        let context = RequestContext::of(request, account.record());
        let mut answer = self.error_response(reason.into(), context);
        answer
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
        account.answered(answer.status());
        Ok(answer.map(|content| DownstreamBody::new(content, account, None)))
    }

    /// Closes the connections to nodes that nobody has used for too long.
    pub fn close_idle(&self) {
        self.upstream.close_idle();
    }

    /// The answer to a request that was not done, in the words of the cluster as far as it is known.
    fn error_response(&self, failure: Failure, mut context: RequestContext) -> Response<Content> {
        context.assume_last_known(|| self.shared.identities.last_seen(Duration::MAX), self.shared.api);
        error_response::of(failure, &context)
    }

    async fn route(
        self: &Rc<Self>,
        mut request: Request<ClientBody>,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        // CONNECT asks for a tunnel, whatever its target looks like, and in a tunnel nothing is seen (RFC 9110 §9.3.6).
        let target = Target::of(request.uri()).filter(|_| request.method() != Method::CONNECT);
        let target = target.ok_or(Failure::NoTarget)?;
        framing::check_transfer_coding(request.headers())?;
        framing::check_expectation(request.version(), request.headers())?;
        hop_by_hop::remove_named(request.headers_mut(), &self.shared.stripped);
        match self.shared.table.claim(request.method(), &target) {
            Some(claim) => {
                line_limit::check(
                    &request,
                    || self.shared.identities.last_seen(Duration::MAX),
                    self.shared.api,
                )?;
                // In a box, so that no forwarded request has the size of a claimed one.
                Box::pin(self.serve(claim, target.clone(), request, context)).await
            }
            None => self.pass_on(target, request, context).await,
        }
    }

    /// Serves a claimed request. Whatever becomes of it, it is not forwarded as it came.
    async fn serve(
        self: &Rc<Self>,
        claim: Claim<'_>,
        target: Target,
        mut request: Request<ClientBody>,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        // What is looked at is what would be sent on.
        hop_by_hop::remove_from_request(request.headers_mut());
        context.claimed_by(claim.claimant.name(), claim.route, request.headers());
        let format = match self.negotiate(claim, &target, &request, context).await {
            Ok(format) => format,
            Err(failure) => return Err(after_draining(request, context, failure).await),
        };
        context.warn(claim.route.warning());
        request.body_mut().keep_pace(self.shared.pace);
        let claim = match claim.claimant {
            // In boxes of their own, as they are by far the largest parts.
            Claimant::Service(service) => {
                return Box::pin(self.ask(service, claim, &target, request, format, context)).await;
            }
            Claimant::Plugin(plugin) => PluginClaim {
                plugin,
                raw_id: claim.raw_id,
            },
        };
        let authenticates_first = !self
            .may_read_first(&mut request, claim.plugin.body_limit(), context)
            .await;
        if authenticates_first && let Err(failure) = self.authenticate(&context.caller, &context.record).await {
            return Err(after_draining(request, context, failure).await);
        }
        let answer = Box::pin(self.admit(claim, &target, request, format, context)).await;
        if !authenticates_first && let Err(Failure::Refused(_) | Failure::Told { .. } | Failure::Escape(_)) = &answer {
            // Elasticsearch authenticates before it looks at a body (create-job.md §1): nobody without credentials is
            // told what is wrong with theirs.
            self.authenticate(&context.caller, &context.record).await?;
        }
        answer
    }

    /// Finds out which cluster answers, and how the client wants its answer; gives what the body is written in. What the
    /// cluster's version does not serve is refused, to callers whom the cluster knows.
    async fn negotiate(
        &self,
        claim: Claim<'_>,
        target: &Target,
        request: &Request<ClientBody>,
        context: &mut RequestContext,
    ) -> Result<Format, Failure> {
        let identity = self.identity(context).await?;
        self.warn_of_opensearch(&identity);
        context.identify(Some(identity), self.shared.api);
        let negotiated = context.negotiate(target, request).and_then(|format| {
            let is_served = claim.is_served(context.api, media_type::compatible_with(request.headers()));
            let unknown = || Refusal::no_handler(&target.clone().into_uri().to_string(), request.method().as_str());
            is_served.then_some(format).ok_or_else(unknown)
        });
        if negotiated.is_err() {
            self.authenticate(&context.caller, &context.record).await?;
        }
        Ok(negotiated?)
    }

    /// Says once that nothing can come of what is handed to OpenSearch.
    fn warn_of_opensearch(&self, identity: &Identity) {
        static IS_LOGGED: AtomicBool = AtomicBool::new(false);
        let is_in_vain = identity.product == Product::OpenSearch && self.shared.commit_mode != CommitMode::Store;
        if is_in_vain && !IS_LOGGED.swap(true, Ordering::Relaxed) {
            NoJobsInCluster {}.log();
        }
    }

    /// Forwards a request that nobody claims.
    async fn pass_on(
        &self,
        target: Target,
        request: Request<ClientBody>,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        match &self.shared.protection {
            None => {
                let request = request.map(Outgoing::Streamed);
                self.forward(target, request, &context.record).await
            }
            // In a box, so that without protection no request has the size of one with it.
            Some(protection) => Box::pin(self.forward_guarded(protection, target, request, context)).await,
        }
    }

    async fn forward(
        &self,
        target: Target,
        request: Request<Outgoing>,
        record: &Rc<RequestRecord>,
    ) -> Result<Response<Content>, Failure> {
        Ok(self.upstream.forward(target, request, record).await?.map(Either::Left))
    }
}

/// The failure, once what the refused client is still sending was read, so that its connection can serve its next request.
/// A client that waits to be asked for its body is not asked.
async fn after_draining(request: Request<ClientBody>, context: &mut RequestContext, failure: Failure) -> Failure {
    let draining = body::drain(request.into_body(), MOST_DRAINED);
    if !context.waits_to_send && context.record.while_the_client_sends(draining).await {
        context.body_was_read();
    }
    failure
}
