//! One request, from its head to its answer: a plugin claims it and it is admitted, or it is forwarded.
//!
//! This is the one place that knows both. A body is read only after a plugin has claimed its request; everything else
//! streams through untouched.

mod access;
mod admit;
mod answer_body;
mod background;
mod beside;
mod commit_mode;
mod decision_event;
mod decoding;
mod dry_run;
mod failure;
mod inspected_body;
mod judge;
mod line_limit;
mod offload;
mod permit_cache;
mod protection;
mod record;
mod relay;
mod rescue;
mod resending;

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_ENCODING, HeaderName, HeaderValue};
use http::{Method, Request, Response};
use http_body::Body as _;
use http_body_util::Either;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::admission::policy::PolicySets;
use crate::cluster::Cluster;
use crate::cluster::caller::Caller;
use crate::cluster::identity::IdentityCache;
use crate::es::error::Refusal;
use crate::es::media_type;
use crate::es::version::Version;
use crate::http::body_budget::BodyBudget;
use crate::http::client_body::ClientBody;
use crate::http::pace::PaceLimits;
use crate::http::target::Target;
use crate::http::{body, framing, hop_by_hop};
use crate::route::{Claim, Table};
use crate::telemetry::events::limits::Loop;
use crate::telemetry::request_record::{Account, RequestRecord};
use crate::upstream::{Outgoing, Upstream};
pub use access::{Access, ServiceAccess};
pub use answer_body::AnswerBody;
use answer_body::Content;
pub use background::Background;
pub use beside::Samples;
pub use commit_mode::CommitMode;
use failure::Failure;
pub use failure::TurnedAway;
pub use offload::Offload;
pub use permit_cache::{NoRandomness, PermitCache};
pub use protection::Protection;
pub use record::LostRecords;
use rescue::Asked;

/// The longest body that is read before the cluster is asked who sends it, in bytes. Jobs have a few thousand.
const CHEAP_BODY: u64 = 64 * 1024;

/// How long it is waited for such a body. Clients that send it behind the head, in a packet of its own, may wait 40 ms for
/// the first one to be acknowledged (RFC 896, RFC 1122 §4.2.3.2).
const CHEAP_BODY_PATIENCE: Duration = Duration::from_millis(100);

/// What a caller whom the cluster knows is permitted: to have a request under way.
const UNDER_WAY: &str = "a request under way";

/// How much of a refused request's body is read only to keep its connection, in bytes.
const MOST_DRAINED: usize = 1024 * 1024;

/// Everything a worker thread needs to answer requests.
pub struct Proxy {
    /// Who claims what.
    pub table: Arc<Table>,
    /// The version of Elasticsearch to answer as; the cluster's own when `None`.
    pub api: Option<Version>,
    /// The cluster, for forwarding.
    pub upstream: Upstream,
    /// The cluster, for the calls that plugins make.
    pub cluster: Arc<Cluster>,
    /// With whose credentials plugins read and write.
    pub access: Access,
    /// Fields of requests that no node is to see.
    pub stripped: Arc<[HeaderName]>,
    /// What becomes of what is admitted.
    pub commit_mode: CommitMode,
    /// Records that could not be kept.
    pub lost_records: LostRecords,
    /// What the cluster said of itself.
    pub identities: Arc<IdentityCache>,
    /// The operator's policies, as they are now.
    pub policies: watch::Receiver<PolicySets>,
    /// Where is judged what no client waits for.
    pub background: Background,
    /// Which disagreements of the shadow set are logged.
    pub samples: Samples,
    /// Whether clients may try requests out.
    pub allows_dry_runs: bool,
    /// What protects an index from requests that nobody claims, if anything does.
    pub protection: Option<Protection>,
    /// Places for requests under way, of all threads together; as many as come when `None`.
    pub places: Option<Arc<Semaphore>>,
    /// Where work is done that takes time, of all threads together.
    pub offload: Offload,
    /// Room for the bodies of claimed requests, of all threads together.
    pub bodies: BodyBudget,
    /// Room for those that are read before the cluster is asked who sends them, likewise.
    pub early_bodies: BodyBudget,
    /// How slow a client may be while it holds a part of either, or a place.
    pub pace: Option<PaceLimits>,
    /// Whom the cluster has known a moment ago. This opens nothing but a place among the requests under way: whatever a
    /// caller may do is asked of the cluster itself.
    pub known_callers: PermitCache<()>,
}

impl Proxy {
    /// Answers one request, whatever happens.
    ///
    /// Its account is settled when its answer has been sent, or when the client has left.
    pub async fn answer(
        self: &Rc<Self>,
        request: Request<Incoming>,
        account: Account,
    ) -> Result<Response<AnswerBody>, Infallible> {
        let mut asked = Asked::of(&request, account.record());
        let mut request = request.map(|body| ClientBody::new(body, account.record()));
        let (answer, place) = match self.place(&mut request, &asked).await {
            Ok(place) => (self.route(request, &mut asked).await, place),
            Err(failure) => (Err(unread(request, &mut asked, failure).await), None),
        };
        let answer = answer.unwrap_or_else(|failure| self.rescue(failure, asked));
        // What was refused is not under way any more, however slowly its answer is taken.
        let is_refused = answer.status().is_client_error() || answer.status().is_server_error();
        let place = place.filter(|_| !is_refused);
        account.answered(answer.status());
        Ok(answer.map(|content| AnswerBody::new(content, account, place)))
    }

    /// A place among the requests under way, if they are counted. Nobody waits for one, and nobody has one who may make
    /// the gateway wait: all of the request is here, or the cluster knows who sends it, and they keep pace.
    async fn place(
        &self,
        request: &mut Request<ClientBody>,
        asked: &Asked,
    ) -> Result<Option<OwnedSemaphorePermit>, Failure> {
        let Some(places) = &self.places else { return Ok(None) };
        if places.available_permits() == 0 {
            return Err(Failure::TooManyRequests);
        }
        request.body_mut().keep_pace(self.pace);
        let is_here = request.body().is_end_stream()
            // Who waits to be asked for its body is asked when a node wants it.
            || !asked.waits_to_send && self.arrives(request, asked).await;
        if !is_here {
            // It is not yet known whether the request is claimed, so its own fields stay as they came.
            let mut end_to_end = hop_by_hop::end_to_end(request.headers());
            hop_by_hop::remove_named(&mut end_to_end, &self.stripped);
            let caller = Caller::from_headers(&end_to_end);
            let known = self.known_callers.of(UNDER_WAY, &caller);
            if known.said().is_none() {
                self.authenticate(&caller, &asked.record).await?;
                known.keep(());
            }
        }
        let place = Arc::clone(places).try_acquire_owned();
        place.map(Some).map_err(|_| Failure::TooManyRequests)
    }

    /// Answers a request on a connection that is served no more.
    pub fn turn_away(
        &self,
        request: &Request<Incoming>,
        reason: TurnedAway,
        account: Account,
    ) -> Result<Response<AnswerBody>, Infallible> {
        static LOOP_IS_LOGGED: AtomicBool = AtomicBool::new(false);
        if reason == TurnedAway::Loop && !LOOP_IS_LOGGED.swap(true, Ordering::Relaxed) {
            Loop {}.log();
        }
        let asked = Asked::of(request, account.record());
        let mut answer = self.rescue(reason.into(), asked);
        answer
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
        account.answered(answer.status());
        Ok(answer.map(|content| AnswerBody::new(content, account, None)))
    }

    /// Closes the connections to nodes that nobody has used for too long.
    pub fn close_idle(&self) {
        self.upstream.close_idle();
    }

    /// The answer to a request that was not done, in the words of the cluster as far as it is known.
    fn rescue(&self, failure: Failure, mut asked: Asked) -> Response<Content> {
        asked.recall(|| self.identities.last_seen(Duration::MAX), self.api);
        rescue::answer(failure, &asked)
    }

    async fn route(
        self: &Rc<Self>,
        mut request: Request<ClientBody>,
        asked: &mut Asked,
    ) -> Result<Response<Content>, Failure> {
        // CONNECT asks for a tunnel, whatever its target looks like, and in a tunnel nothing is seen (RFC 9110 §9.3.6).
        let target = Target::of(request.uri()).filter(|_| request.method() != Method::CONNECT);
        let target = target.ok_or(Failure::NoTarget)?;
        framing::check_transfer_coding(request.headers())?;
        framing::check_expectation(request.version(), request.headers())?;
        hop_by_hop::remove_named(request.headers_mut(), &self.stripped);
        match self.table.claim(request.method(), &target) {
            Some(claim) => {
                line_limit::check(&request, || self.identities.last_seen(Duration::MAX), self.api)?;
                self.serve(claim, target.clone(), request, asked).await
            }
            None => self.pass_on(target, request, asked).await,
        }
    }

    /// Serves a claimed request. Whatever becomes of it, it is not forwarded as it came.
    async fn serve(
        self: &Rc<Self>,
        claim: Claim<'_>,
        target: Target,
        mut request: Request<ClientBody>,
        asked: &mut Asked,
    ) -> Result<Response<Content>, Failure> {
        // What is looked at is what would be sent on.
        asked.is_claimed = true;
        asked.record.is_claimed_by(claim.plugin.name());
        hop_by_hop::remove_from_request(request.headers_mut());
        asked.caller = Caller::from_headers(request.headers());
        match self.identity(asked).await {
            Ok(identity) => asked.identify(Some(identity), self.api),
            Err(failure) => return Err(unread(request, asked, failure).await),
        }
        let settled = asked.settle(&target, &request).and_then(|format| {
            let is_served = claim.is_served(asked.api, media_type::compatible_with(request.headers()));
            let unknown = || Refusal::no_handler(&target.clone().into_uri().to_string(), request.method().as_str());
            is_served.then_some(format).ok_or_else(unknown)
        });
        let format = match settled {
            Ok(format) => format,
            Err(refusal) => {
                self.authenticate(&asked.caller, &asked.record).await?;
                return Err(unread(request, asked, refusal.into()).await);
            }
        };
        asked.warn(claim.route.warning());
        request.body_mut().keep_pace(self.pace);
        let is_known = self.must_be_known(&mut request, claim.plugin.body_limit(), asked).await;
        if is_known && let Err(failure) = self.authenticate(&asked.caller, &asked.record).await {
            return Err(unread(request, asked, failure).await);
        }
        let answer = self.admit(claim, &target, request, format, asked).await;
        if !is_known && let Err(Failure::Refused(_) | Failure::Told { .. } | Failure::Escape(_)) = &answer {
            // Elasticsearch authenticates before it looks at a body (create-job.md §1): nobody without credentials is
            // told what is wrong with theirs.
            self.authenticate(&asked.caller, &asked.record).await?;
        }
        answer
    }

    /// Forwards a request that nobody claims.
    async fn pass_on(
        &self,
        target: Target,
        request: Request<ClientBody>,
        asked: &mut Asked,
    ) -> Result<Response<Content>, Failure> {
        match &self.protection {
            None => {
                let request = request.map(Outgoing::Streamed);
                self.forward(target, request, &asked.record).await
            }
            // In a box, so that without protection no request has the size of one with it.
            Some(protection) => Box::pin(self.forward_guarded(protection, target, request, asked)).await,
        }
    }

    /// Whether the body of a claimed request is read of callers only whom the cluster knows: it may take much memory, or does
    /// not come by itself. What is over the limit is refused unread, whoever sends it.
    async fn must_be_known(&self, request: &mut Request<ClientBody>, limit: usize, asked: &Asked) -> bool {
        let is_refused = request.body().size_hint().lower() > limit as u64;
        !is_refused && !self.arrives(request, asked).await
    }

    /// Reads a body that takes little memory, and says whether all of it is here.
    async fn arrives(&self, request: &mut Request<ClientBody>, asked: &Asked) -> bool {
        let announced = request.body().size_hint().exact();
        // What is compressed may become a thousand times as long.
        let may_grow = request.headers().contains_key(CONTENT_ENCODING);
        let is_cheap = !may_grow && announced.is_some_and(|length| length <= CHEAP_BODY);
        let body = request.body_mut();
        let arriving = body.arrives(&self.early_bodies, CHEAP_BODY_PATIENCE);
        is_cheap && asked.record.while_the_client_sends(arriving).await
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

/// Reads what a refused client is still sending, so that its connection can serve its next request. A client
/// that waits to be asked for its body is not asked.
async fn unread(request: Request<ClientBody>, asked: &mut Asked, failure: Failure) -> Failure {
    let draining = body::drain(request.into_body(), MOST_DRAINED);
    if !asked.waits_to_send && asked.record.while_the_client_sends(draining).await {
        asked.body_was_read();
    }
    failure
}
