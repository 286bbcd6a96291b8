//! A claimed request, from its body to what is done with it: judged, and then refused, tried out, handed over to the
//! cluster or committed.

use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HeaderMap, WARNING};
use http::{Request, Response};
use tokio::task::spawn_local;

use super::access::Acting;
use super::answer_body::{Content, OwnBody};
use super::beside::Beside;
use super::dry_run::Tried;
use super::failure::Failure;
use super::judge::{self, Question};
use super::offload::{self, Panicked};
use super::record::Record;
use super::rescue::Asked;
use super::{CommitMode, Proxy, decision_event, resending};
use crate::admission::policy::Revision;
use crate::admission::{Admitted, Decision, now_millis};
use crate::es::answer_form::{AnswerForm, Written};
use crate::es::error::Refusal;
use crate::es::format::Format;
use crate::es::percent::decode_segment;
use crate::http::body;
use crate::http::body_budget::BodyShare;
use crate::http::client_body::ClientBody;
use crate::http::excerpt::Excerpt;
use crate::http::target::Target;
use crate::route::Claim;
use crate::telemetry::events::requests::{Committed, HandedOver};
use crate::upstream::Outgoing;

impl Proxy {
    /// Reads, judges and commits a claimed request.
    pub(super) async fn admit(
        self: &Rc<Self>,
        claim: Claim<'_>,
        target: &Target,
        request: Request<ClientBody>,
        format: Format,
        asked: &mut Asked,
    ) -> Result<Response<Content>, Failure> {
        let (head, body) = request.into_parts();
        let (body, share) = self.read(&head.headers, body, claim.plugin.body_limit(), asked).await?;
        let policies = self.policies.borrow().clone();
        let permission = claim.plugin.permission();
        let product = asked.product()?;
        let user = if policies.active.asks_for_user() {
            let asking = self.user(permission, product, &asked.caller);
            asked.record.while_the_cluster_works(asking).await?
        } else {
            None
        };
        let share = Arc::new(share);
        let mut question = Question {
            id: decode_segment(claim.raw_id)?,
            query: target.query().to_owned(),
            path: decode_segment(target.path())?,
            body,
            _share: Arc::clone(&share),
            format,
            api: asked.api,
            caller: asked.caller.clone(),
            user,
            policies,
            now_millis: now_millis(),
        };
        let panicked = |_: Panicked| Failure::PluginPanicked(claim.plugin.name());
        let dry_run = self.dry_run(&mut question, asked);
        let judged = judge::judge(&self.offload, claim.plugin, question).await;
        let (ruling, mut question) = judged.map_err(panicked)?;
        decision_event::log(claim.plugin.name(), &question, &ruling, &asked.record);
        let beside = match dry_run {
            Ok(true) => None,
            _ => Beside::of(claim.plugin, &question, &ruling),
        };
        let warnings = ruling.warnings();
        let admitted = match ruling.decision {
            Decision::Admitted(admitted) => admitted,
            Decision::Refused(refusal) => {
                self.judge_beside(beside, product);
                drop(question);
                // Whoever tries a job out wants to look the rule up; otherwise the answer is Elasticsearch's.
                let refusal = if dry_run == Ok(true) {
                    refusal.naming_rule()
                } else {
                    refusal
                };
                return Err(self.refused(refusal, asked, share).await);
            }
        };
        let is_dry = dry_run.map_err(Refusal::from)?;
        if !is_dry {
            // From here on there is the admitted document in its place.
            question.body = Bytes::new();
        }
        let revision = question.policies.active.revision().clone();
        if self.commit_mode != CommitMode::Store && !is_dry {
            let target = target.with_query(&question.query).ok_or(Failure::NoTarget)?;
            let (plugin, length) = (Arc::clone(claim.plugin), admitted.documents.length());
            let write = move || (plugin.request(&admitted), admitted);
            let (body, admitted) = self.offload.run(length, write).await.map_err(panicked)?;
            let request = resending::request(head, body?, asked.api);
            let told = asked.warning_fields(warnings.iter().map(String::as_str));
            self.judge_beside(beside, product);
            let mut answer = self.hand_over(claim, target, request, admitted, asked, share).await?;
            answer
                .headers_mut()
                .extend(told.into_iter().map(|warning| (WARNING, warning)));
            let status = answer.status().as_u16();
            let event = HandedOver {
                plugin: claim.plugin.name(),
                id: claim.raw_id,
                revision: &revision,
                status,
            };
            event.log();
            return Ok(answer);
        }
        self.authorize(permission, asked).await?;
        let acting = self.acting(asked);
        asked.warn(admitted.warnings.iter().map(String::as_str));
        let form = asked.form.clone();
        let written = if is_dry {
            let tried = Tried {
                question,
                admitted,
                filled: ruling.filled,
                form,
            };
            self.rehearse(&**claim.plugin, tried, acting.store(), &asked.record)
                .await?
        } else {
            self.judge_beside(beside, product);
            let document = self.commit(claim, admitted, &acting, &revision, asked).await?;
            self.write(document, form).await?
        };
        Ok(asked.done(OwnBody::document(written, &self.offload, Some(share))))
    }

    /// Does what was admitted, and says what a client is answered.
    async fn commit(
        &self,
        claim: Claim<'_>,
        admitted: Admitted,
        acting: &Acting,
        revision: &Revision,
        asked: &Asked,
    ) -> Result<Excerpt, Failure> {
        let committing = claim.plugin.commit(admitted, acting.store());
        let committed = asked.record.while_the_cluster_works(committing).await;
        let document = committed.map_err(|error| self.uncommitted(error))?;
        let event = Committed {
            plugin: claim.plugin.name(),
            id: claim.raw_id,
            revision,
        };
        event.log();
        Ok(document)
    }

    /// A document as an answer has it.
    async fn write(&self, document: Excerpt, form: AnswerForm) -> Result<Written, Failure> {
        if form.leaves_as_it_is() {
            return Ok(Written::Whole(document.into_bytes()));
        }
        let length = document.length();
        let write = move || form.writing(document.into_whole());
        Ok(self.offload.run(length, write).await?)
    }

    /// A body of `limit` bytes at most, decoded, and the room that is held for it: as long as anything is held that has the
    /// body's size, to the last byte of the answer.
    async fn read(
        &self,
        headers: &HeaderMap,
        body: ClientBody,
        limit: usize,
        asked: &mut Asked,
    ) -> Result<(Bytes, BodyShare), Failure> {
        let (body, share) = match body.whole() {
            Ok(whole) => whole,
            Err(body) => {
                let mut share = self.bodies.share();
                let reading = body::read_bounded(body, limit, &mut share);
                let body = asked.record.while_the_client_sends(reading).await?;
                (body, share)
            }
        };
        asked.body_was_read();
        self.decode(headers, body, limit, share).await
    }

    /// Why a request is not done, written beforehand where that is long.
    async fn refused(&self, refusal: Refusal, asked: &Asked, share: Arc<BodyShare>) -> Failure {
        let length = refusal.length();
        if length <= offload::SHORTEST {
            return refusal.into();
        }
        let (form, status) = (asked.form.clone(), refusal.status());
        match self.offload.run(length, move || form.writing_refusal(&refusal)).await {
            Ok(written) => Failure::Told {
                status,
                body: OwnBody::document(written, &self.offload, Some(share)),
            },
            Err(panicked) => panicked.into(),
        }
    }

    /// Has the cluster itself do what was admitted, and keeps a record if it has done it and one is wanted. The cluster
    /// sees who asks, and its answer is the client's.
    async fn hand_over(
        self: &Rc<Self>,
        claim: Claim<'_>,
        target: Target,
        request: Request<Outgoing>,
        admitted: Admitted,
        asked: &Asked,
        share: Arc<BodyShare>,
    ) -> Result<Response<Content>, Failure> {
        if self.commit_mode != CommitMode::Both {
            return self.forward(target, request, &asked.record).await;
        }
        let record = Record {
            plugin: Arc::clone(claim.plugin),
            admitted,
            acting: self.acting(asked),
            lost: self.lost_records.clone(),
            _share: share,
        };
        let (proxy, record_of_request) = (Rc::clone(self), Rc::clone(&asked.record));
        // On a task of its own: the client may leave before the cluster has answered, and the job will be there.
        let asking = spawn_local(async move {
            let answer = proxy.forward(target, request, &record_of_request).await?;
            if answer.status().is_success() {
                record_of_request.while_the_cluster_works(record.keep()).await;
            }
            Ok(answer)
        });
        match asking.await {
            Ok(answer) => answer,
            Err(_) => Err(Failure::PluginPanicked(claim.plugin.name())),
        }
    }
}
