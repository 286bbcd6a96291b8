//! Has the cluster itself do what was admitted, and keeps a record of it where one is wanted.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::header::WARNING;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use tokio::task::spawn_local;
use tokio::time::timeout;

use super::admit::Admission;
use super::confirmation::Confirmation;
use super::context::RequestContext;
use super::failure::Failure;
use super::offload::Panicked;
use super::own_body::Content;
use super::record::Record;
use super::turns::Turn;
use super::{CommitMode, Proxy, rewrite};
use crate::http::target::Target;
use crate::plugin::Forwarded;
use crate::upstream::{ForwardError, Outgoing};

/// How long an answer waits for the check of what was made of a document. Clients give up after 10 s (Python).
const PATIENCE: Duration = Duration::from_secs(2);

/// What follows once the cluster has done what it was asked for.
struct FollowUp {
    record: Option<Record>,
    confirmation: Option<Confirmation>,
    /// The request's turn among those about one document.
    turn: Option<Rc<Turn>>,
}

impl FollowUp {
    fn is_nothing(&self) -> bool {
        self.record.is_none() && self.confirmation.is_none() && self.turn.is_none()
    }
}

/// Returns once the client may have its answer.
async fn follow(record: Option<Record>, confirmation: Option<Confirmation>) {
    if let Some(record) = record {
        record.keep().await;
    }
    if let Some(confirmation) = confirmation {
        let _ = timeout(PATIENCE, spawn_local(confirmation.confirm())).await;
    }
}

/// Whether the cluster may still be at work on a request: its answer was lost, or something before the cluster has none.
fn may_be_under_way(answer: &Result<Response<Content>, Failure>) -> bool {
    match answer {
        Ok(answer) => matches!(answer.status(), StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT),
        Err(Failure::Forward(ForwardError::Unreachable(_))) => false,
        Err(_) => true,
    }
}

impl Proxy {
    /// Sends what was admitted to the cluster, on the client's own target and with its fields. The cluster sees who asks, and
    /// its answer is the client's.
    pub(super) async fn delegate(
        self: &Rc<Self>,
        admission: Admission<'_>,
        target: &Target,
        head: Parts,
        context: &RequestContext,
    ) -> Result<Response<Content>, Failure> {
        let plugin = admission.plugin();
        let Admission {
            claim,
            submission,
            admitted,
            warnings,
            background,
            change,
            ..
        } = admission;
        let target = target.with_query(&submission.query).ok_or(Failure::NoTarget)?;
        let (maker, length) = (Arc::clone(claim.plugin), admitted.documents.length());
        let write = move || (maker.request(&admitted), admitted);
        let written = self.shared.offload.run(length, write).await;
        let (body, admitted) = written.map_err(|Panicked| Failure::PluginPanicked(plugin))?;
        let request = match body {
            Forwarded::Written(body) => rewrite::request(head, body, context.api),
            Forwarded::AsSent => rewrite::as_sent(head, submission.body.clone()),
        };
        let warnings = context.warning_fields(warnings.iter().map(String::as_str));
        self.evaluate_in_background(background, context.product()?);
        let confirmation = change.as_ref().map(|change| Confirmation {
            plugin: Arc::clone(claim.plugin),
            wanted: change.wanted.clone(),
            submission: submission.clone(),
            judged: admitted.documents.clone(),
            cluster: Arc::clone(&self.cluster),
            offload: self.shared.offload.clone(),
        });
        let turn = match &change {
            Some(change) => Some(Rc::clone(change.turn)),
            None if claim.plugin.takes_turns() => {
                let turn = self.turn(&**claim.plugin, &submission.id, false, context).await?;
                Some(Rc::new(turn))
            }
            None => None,
        };
        let record = (self.shared.commit_mode == CommitMode::Both).then(|| Record {
            plugin: Arc::clone(claim.plugin),
            admitted,
            acting: self.acting(context),
            lost: self.shared.lost_records.clone(),
            _share: submission.into_share(),
        });
        let follow_up = FollowUp {
            record,
            confirmation,
            turn,
        };
        let mut answer = if follow_up.is_nothing() {
            self.forward(target, request, &context.record).await?
        } else {
            self.forward_to_its_end(target, request, follow_up, context).await?
        };
        answer
            .headers_mut()
            .extend(warnings.into_iter().map(|warning| (WARNING, warning)));
        Ok(answer)
    }

    /// Forwards a request, and does what follows if the cluster has done what it asks for.
    async fn forward_to_its_end(
        self: &Rc<Self>,
        target: Target,
        request: Request<Outgoing>,
        follow_up: FollowUp,
        context: &RequestContext,
    ) -> Result<Response<Content>, Failure> {
        let (proxy, account) = (Rc::clone(self), Rc::clone(&context.record));
        // On a task of its own: the client may leave before the cluster has answered, and the job will be there.
        let forwarding = spawn_local(async move {
            let FollowUp {
                record,
                confirmation,
                turn,
            } = follow_up;
            if !turn.as_ref().is_none_or(|turn| turn.is_sole()) {
                return Err(Failure::NoTurn);
            }
            let answer = proxy.forward(target, request, &account).await;
            if answer.as_ref().is_ok_and(|answer| answer.status().is_success()) {
                account.while_the_cluster_works(follow(record, confirmation)).await;
            }
            if let Some(turn) = turn {
                if may_be_under_way(&answer) {
                    turn.leave();
                }
                turn.release().await;
            }
            answer
        });
        forwarding.await.unwrap_or(Err(Failure::Panicked(Panicked)))
    }
}
