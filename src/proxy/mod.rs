//! One request, from its head to its answer: a plugin claims it and it is admitted, or it is forwarded.
//!
//! This is the one place that knows both. A body is read only after a plugin has claimed its request; everything else
//! streams through untouched.

mod admit;
mod answer_body;
mod background;
mod beside;
mod commit_mode;
mod decision_event;
mod failure;
mod judge;
mod record;
mod relay;
mod rescue;
mod resending;

use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_ENCODING, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::Either;
use hyper::body::Incoming;
use tokio::sync::{Semaphore, watch};

use crate::admission::policy::PolicySets;
use crate::es::caller::Caller;
use crate::es::version::Version;
use crate::http::body_budget::BodyBudget;
use crate::http::target::Target;
use crate::http::{body, framing};
use crate::plugin::Permission;
use crate::route::Table;
use crate::store::identity::{IdentityCache, IdentityError};
use crate::store::{Cluster, Identity, privileges};
use crate::telemetry::turned_away::{Reason, turned_away};
use crate::upstream::{Outgoing, Upstream};
pub use answer_body::AnswerBody;
use answer_body::Content;
pub use background::Background;
pub use beside::Samples;
pub use commit_mode::CommitMode;
use failure::Failure;
pub use record::LostRecords;
use rescue::Asked;

/// The longest body that is read before the cluster is asked who sends it, in bytes. Jobs have some thousand.
const CHEAP_BODY: u64 = 64 * 1024;

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
    pub cluster: Rc<Cluster>,
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
    /// Places for requests under way, of all threads together; as many as come when `None`.
    pub places: Option<Arc<Semaphore>>,
    /// Room for the bodies of claimed requests, of all threads together.
    pub bodies: BodyBudget,
}

impl Proxy {
    /// Answers one request, whatever happens.
    pub async fn answer(self: &Rc<Self>, request: Request<Incoming>) -> Result<Response<AnswerBody>, Infallible> {
        let mut asked = Asked::of(&request);
        let places = self.places.as_ref();
        let place = places.map(|places| Arc::clone(places).try_acquire_owned());
        let answer = match place {
            Some(Err(_)) => Err(unread(request, &mut asked, Failure::TooManyRequests).await),
            None | Some(Ok(_)) => self.route(request, &mut asked).await,
        };
        let answer = answer.unwrap_or_else(|failure| self.rescue(failure, asked));
        let place = place.and_then(Result::ok);
        Ok(answer.map(|content| AnswerBody::new(content, place)))
    }

    /// Answers a request on a connection for which there is no room.
    pub fn turn_away(&self, request: &Request<Incoming>) -> Result<Response<AnswerBody>, Infallible> {
        Ok(self.close(request, Failure::TooManyConnections))
    }

    /// Answers a request that the gateway has sent to itself.
    pub fn refuse_loop(&self, request: &Request<Incoming>) -> Result<Response<AnswerBody>, Infallible> {
        static IS_TOLD: AtomicBool = AtomicBool::new(false);
        if !IS_TOLD.swap(true, Ordering::Relaxed) {
            tracing::error!("requests come back to the gateway: an address in `upstream.nodes` leads to itself");
        }
        turned_away(Reason::Loop);
        Ok(self.close(request, Failure::Loop))
    }

    /// Answers a request of which nothing is done, and ends its connection.
    fn close(&self, request: &Request<Incoming>, failure: Failure) -> Response<AnswerBody> {
        let asked = Asked::of(request);
        let mut answer = self.rescue(failure, asked);
        answer
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
        answer.map(|content| AnswerBody::new(content, None))
    }

    /// Closes the connections to nodes that nobody has used for too long.
    pub fn close_idle(&self) {
        self.upstream.close_idle();
        self.cluster.close_idle();
    }

    /// The answer to a request that was not done, in the words of the cluster as far as it is known.
    fn rescue(&self, failure: Failure, mut asked: Asked) -> Response<Content> {
        asked.recall(|| self.identities.last_seen(Duration::MAX), self.api);
        rescue::answer(failure, &asked)
    }

    async fn route(
        self: &Rc<Self>,
        request: Request<Incoming>,
        asked: &mut Asked,
    ) -> Result<Response<Content>, Failure> {
        // CONNECT asks for a tunnel, whatever its target looks like, and in a tunnel nothing is seen (RFC 9110 §9.3.6).
        let target = Target::of(request.uri()).filter(|_| request.method() != Method::CONNECT);
        let target = target.ok_or(Failure::NoTarget)?;
        framing::check_transfer_coding(request.headers())?;
        framing::check_expectation(request.version(), request.headers())?;
        let Some(claim) = self.table.claim(request.method(), &target) else {
            return self.forward(target, request.map(Outgoing::Streamed)).await;
        };
        match self.identity(&asked.caller).await {
            Ok(identity) => asked.identify(identity, self.api),
            Err(error) => return Err(unread(request, asked, error.into()).await),
        }
        if !claim.is_served(asked.api, request.headers()) {
            return self.forward(target.clone(), request.map(Outgoing::Streamed)).await;
        }
        asked.warn(claim.route.warning());
        let format = match asked.settle(&target, &request) {
            Ok(format) => format,
            Err(refusal) => {
                self.authenticate(&asked.caller).await?;
                return Err(unread(request, asked, refusal.into()).await);
            }
        };
        let is_known = is_costly(&request, claim.plugin.body_limit());
        if is_known && let Err(error) = self.authenticate(&asked.caller).await {
            return Err(unread(request, asked, error.into()).await);
        }
        let answer = self.admit(claim, &target, request, format, asked).await;
        if !is_known && let Err(Failure::Refused(_)) = &answer {
            // Elasticsearch authenticates before it looks at a body (contract job.md §1): nobody without credentials is
            // told what is wrong with theirs.
            self.authenticate(&asked.caller).await?;
        }
        answer
    }

    async fn forward(&self, target: Target, request: Request<Outgoing>) -> Result<Response<Content>, Failure> {
        Ok(self.upstream.forward(target, request).await?.map(Either::Left))
    }

    /// Who the cluster is. A caller whom it will not tell may still be served, by what it told another one before.
    async fn identity(&self, caller: &Caller) -> Result<Option<Identity>, IdentityError> {
        match self.identities.identity(&self.cluster, caller).await {
            Ok(identity) => Ok(Some(identity)),
            Err(IdentityError::Refused(reply)) if reply.status == StatusCode::FORBIDDEN => {
                let before = self.identities.last_seen(Duration::MAX);
                if before.is_some() || self.api.is_some() {
                    Ok(before)
                } else {
                    Err(IdentityError::Refused(reply))
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Fails if the caller may not do this. OpenSearch knows no such privilege: there, as for everything that is stored,
    /// what the caller may do with the index decides.
    async fn authorize(&self, permission: Permission, asked: &Asked) -> Result<(), Failure> {
        if !asked.is_elasticsearch() {
            return Ok(());
        }
        let checked = privileges::check(&self.cluster, permission.privilege, &asked.caller).await;
        checked.map_err(|reason| Failure::NotPermitted { permission, reason })
    }

    /// Fails if the cluster does not know the caller.
    async fn authenticate(&self, caller: &Caller) -> Result<(), IdentityError> {
        match self.identities.ask(&self.cluster, caller).await {
            // Known, but not allowed to see the cluster's page.
            Err(IdentityError::Refused(reply)) if reply.status == StatusCode::FORBIDDEN => Ok(()),
            answered => answered.map(|_| ()),
        }
    }
}

/// Whether a claimed body may take so much memory that it is read of callers only whom the cluster knows: it is long, or
/// nobody knows how long it is. What is over the limit is refused unread, whoever sends it.
fn is_costly(request: &Request<Incoming>, limit: usize) -> bool {
    let announced = request.body().size_hint();
    let is_long = announced.exact().is_none_or(|length| length > CHEAP_BODY);
    // What is compressed may become a thousand times as long.
    let may_grow = request.headers().contains_key(CONTENT_ENCODING);
    (is_long || may_grow) && announced.lower() <= limit as u64
}

/// Reads what a refused client is still sending, so that its connection can serve its next request. A client
/// that waits to be asked for its body is not asked.
async fn unread(request: Request<Incoming>, asked: &mut Asked, failure: Failure) -> Failure {
    let is_sending = !request.headers().contains_key(http::header::EXPECT);
    if is_sending && body::drain(request.into_body(), MOST_DRAINED).await {
        asked.body_was_read();
    }
    failure
}
