//! Reads the body of a claimed request, within the room that there is, and gathers what is judged with it.

use std::sync::Arc;

use bytes::Bytes;
use http::header::HeaderMap;
use http::request::Parts;

use super::Proxy;
use super::context::RequestContext;
use super::evaluate::Submission;
use super::failure::Failure;
use crate::admission::now_millis;
use crate::admission::policy::PolicySets;
use crate::es::percent::decode_segment;
use crate::http::body;
use crate::http::body_budget::BodyShare;
use crate::http::client_body::ClientBody;
use crate::http::target::Target;
use crate::route::PluginClaim;
use crate::xcontent::format::Format;

impl Proxy {
    /// What a client submits, and the policies that are in use now.
    pub(super) async fn read(
        &self,
        claim: PluginClaim<'_>,
        target: &Target,
        head: &Parts,
        body: ClientBody,
        format: Format,
        context: &mut RequestContext,
    ) -> Result<Submission, Failure> {
        let limit = claim.plugin.body_limit();
        let (body, share) = self.read_body(&head.headers, body, limit, context).await?;
        let policies = if claim.plugin.heeds_policies() {
            self.shared.policies.borrow().clone()
        } else {
            PolicySets::default()
        };
        let product = context.product()?;
        let user = if policies.active.asks_for_user() {
            let asking = self.user(claim.plugin.permission(), product, &context.caller);
            context.record.while_the_cluster_works(asking).await?
        } else {
            None
        };
        if let Some(user) = &user {
            context.is_asked_by(user);
        }
        Ok(Submission {
            id: decode_segment(claim.raw_id)?,
            asked: context.asked(),
            query: target.query().to_owned(),
            path: decode_segment(target.path())?,
            body,
            share: Arc::new(share),
            format,
            api: context.api,
            caller: context.caller.clone(),
            user,
            policies,
            now_millis: now_millis(),
            current: None,
        })
    }

    /// A body of `limit` bytes at most, decoded, and the room that is held for it: as long as anything is held that has the
    /// body's size, to the last byte of the answer.
    pub(super) async fn read_body(
        &self,
        headers: &HeaderMap,
        body: ClientBody,
        limit: usize,
        context: &mut RequestContext,
    ) -> Result<(Bytes, BodyShare), Failure> {
        let (body, share) = match body.whole() {
            Ok(whole) => whole,
            Err(body) => {
                let mut share = self.shared.bodies.share();
                let reading = body::read_bounded(body, limit, &mut share);
                let body = context.record.while_the_client_sends(reading).await?;
                (body, share)
            }
        };
        context.body_was_read();
        self.decode(headers, body, limit, share).await
    }
}
