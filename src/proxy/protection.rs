//! Forwarding where an index is protected: a request that could write to it is refused, and one whose body says what it
//! writes to is looked through on its way.

use http::header::CONNECTION;
use http::{Method, Request, Response};
use http_body::Body as _;
use tokio::sync::watch;

use super::background_evaluation::Samples;
use super::context::RequestContext;
use super::failure::Failure;
use super::inspected_body::{Cause, InspectedBody, Stopped};
use super::own_body::Content;
use super::{MOST_DRAINED, Proxy, after_draining};
use crate::admission::now_millis;
use crate::guard::{BodyKind, IndexGuard, Inspector, Reason, Verdict};
use crate::http::caller::Caller;
use crate::http::client_body::{ClientBody, ClientBodyError};
use crate::http::target::Target;
use crate::http::{body, hop_by_hop};
use crate::telemetry::events::requests::ProtectedIndexRefusal;
use crate::upstream::{BodyError, ForwardError, Outgoing};

/// What protects an index, for one worker thread.
#[derive(Debug, Clone)]
pub struct Protection {
    guard: watch::Receiver<IndexGuard>,
    /// Which refusals are logged.
    samples: Samples,
}

impl Protection {
    /// By this guard, which follows what the cluster says of the index's names.
    #[must_use]
    pub fn new(guard: watch::Receiver<IndexGuard>) -> Self {
        Self {
            guard,
            samples: Samples::default(),
        }
    }

    /// Whether a request can be forwarded without its body being looked at.
    pub(super) fn lets_pass(&self, method: &Method, target: &Target) -> bool {
        self.guard.borrow().judge(method, target) == Verdict::Pass
    }

    /// Counts a refusal, and logs it if none was logged just now.
    fn count(&self, context: &RequestContext, reason: &Reason) {
        ProtectedIndexRefusal::count(reason.name());
        if let Some(unsaid) = self.samples.take(now_millis()) {
            let event = ProtectedIndexRefusal {
                asked: &context.asked(),
                reason,
                unsaid,
            };
            event.log();
        }
    }
}

impl Proxy {
    /// Forwards a request, unless it could write to what is protected.
    pub(super) async fn forward_guarded(
        &self,
        protection: &Protection,
        target: Target,
        request: Request<ClientBody>,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        let guard = protection.guard.borrow().clone();
        let screening = Screening { protection, guard };
        let verdict = screening.guard.judge(request.method(), &target);
        if verdict != Verdict::Pass {
            context.caller = Caller::from_headers(&hop_by_hop::end_to_end(request.headers()));
        }
        match verdict {
            Verdict::Pass => {
                self.forward(target, request.map(Outgoing::Streamed), &context.record)
                    .await
            }
            Verdict::Refuse(reason) => Err(self.refuse_unread(&screening, reason, request, context).await),
            Verdict::Inspect(kind) => self.inspect(&screening, kind, target, request, context).await,
        }
    }

    async fn inspect(
        &self,
        screening: &Screening<'_>,
        kind: BodyKind,
        target: Target,
        request: Request<ClientBody>,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        let inspector = if request.headers().contains_key(CONNECTION) {
            // A field that this one names does not go upstream, so it says nothing of the body.
            let headers = hop_by_hop::end_to_end(request.headers());
            Inspector::new(screening.guard.clone(), kind, &headers)
        } else {
            Inspector::new(screening.guard.clone(), kind, request.headers())
        };
        let inspector = match inspector {
            Ok(inspector) => inspector,
            Err(reason) => return Err(self.refuse_unread(screening, reason, request, context).await),
        };
        // What is held until its end has come is held for callers only whom the cluster knows.
        if !inspector.passes_as_it_comes()
            && !request.body().is_end_stream()
            && let Err(failure) = self.authenticate(&context.caller, &context.record).await
        {
            return Err(after_draining(request, context, failure).await);
        }
        let (head, mut body) = request.into_parts();
        body.keep_pace(self.shared.pace);
        let mut body = InspectedBody::new(body, inspector, self.shared.bodies.share());
        let stopped = body.stopped();
        match context.record.while_the_client_sends(body.begin()).await {
            Ok(()) => {}
            Err(BodyError::Withheld) => return Err(self.refuse_stopped(screening, &stopped, context).await),
            Err(BodyError::Client(ClientBodyError::Broken(error))) => {
                return Err(ForwardError::BrokenBody(error.into()).into());
            }
            Err(BodyError::Client(ClientBodyError::Stalled(stalled))) => {
                return Err(ForwardError::StalledBody(stalled).into());
            }
        }
        let request = Request::from_parts(head, Outgoing::Screened(Box::pin(body)));
        match self.forward(target, request, &context.record).await {
            Err(Failure::Forward(ForwardError::Withheld)) => {
                Err(self.refuse_stopped(screening, &stopped, context).await)
            }
            answered => answered,
        }
    }

    /// Refuses a request of whose body nothing was read.
    async fn refuse_unread(
        &self,
        screening: &Screening<'_>,
        reason: Reason,
        request: Request<ClientBody>,
        context: &mut RequestContext,
    ) -> Failure {
        let failure = self.refuse(screening, reason, context).await;
        after_draining(request, context, failure).await
    }

    /// Refuses a request whose body was stopped on its way.
    async fn refuse_stopped(
        &self,
        screening: &Screening<'_>,
        stopped: &Stopped,
        context: &mut RequestContext,
    ) -> Failure {
        let Some((cause, rest)) = stopped.take() else {
            return ForwardError::Withheld.into();
        };
        let failure = match cause {
            Cause::Guarded(reason) => self.refuse(screening, reason, context).await,
            Cause::Unread(error) => error.into(),
        };
        if body::drain(rest, MOST_DRAINED).await {
            context.body_was_read();
        }
        failure
    }

    /// Why a request is not forwarded. A caller whom the cluster does not know is told nothing but that.
    async fn refuse(&self, screening: &Screening<'_>, reason: Reason, context: &RequestContext) -> Failure {
        screening.protection.count(context, &reason);
        match self.authenticate(&context.caller, &context.record).await {
            Ok(()) => screening.guard.refused(reason).into(),
            Err(failure) => failure,
        }
    }
}

/// One request that is judged, and by what.
struct Screening<'p> {
    protection: &'p Protection,
    guard: IndexGuard,
}
