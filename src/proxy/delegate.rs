//! Has the cluster itself do what was admitted, and keeps a record of it where one is wanted.

use std::rc::Rc;
use std::sync::Arc;

use http::header::WARNING;
use http::request::Parts;
use http::{Request, Response};
use tokio::task::spawn_local;

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
use crate::upstream::Outgoing;

/// What follows once the cluster has done what it was asked for.
struct FollowUp {
    record: Option<Record>,
    confirmation: Option<Confirmation>,
    /// The turn of a change, which ends when it is known what has come of it.
    turn: Option<Rc<Turn>>,
}

impl FollowUp {
    fn is_nothing(&self) -> bool {
        self.record.is_none() && self.confirmation.is_none()
    }

    /// Returns once the client may have its answer.
    async fn follow(self) {
        if let Some(record) = self.record {
            record.keep().await;
        }
        if let Some(confirmation) = self.confirmation {
            let turn = self.turn;
            spawn_local(async move {
                confirmation.confirm().await;
                drop(turn);
            });
        }
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
            turn: change.map(|change| Rc::clone(change.turn)),
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
            let answer = proxy.forward(target, request, &account).await?;
            if answer.status().is_success() {
                account.while_the_cluster_works(follow_up.follow()).await;
            }
            Ok(answer)
        });
        forwarding.await.unwrap_or(Err(Failure::Panicked(Panicked)))
    }
}
