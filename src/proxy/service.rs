//! A request that a service answers: authenticated, read, begun, authorised, and then worked on, call by call, within the room
//! that there is.

use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use super::context::RequestContext;
use super::failure::Failure;
use super::offload::Panicked;
use super::own_body::{Content, OwnBody};
use super::{Proxy, after_draining};
use crate::admission::{Candidate, now_millis};
use crate::es::percent::decode_segment;
use crate::es::version::Version;
use crate::http::body::ReadBodyError;
use crate::http::body_budget::BodyShare;
use crate::http::client_body::ClientBody;
use crate::http::target::Target;
use crate::plugin::{Begun, Handler, Route, Service, Work};
use crate::route::Claim;
use crate::xcontent::format::Format;

/// What a client asks for, owned, so that it can go to another thread.
struct Inquiry {
    id: String,
    query: String,
    path: String,
    body: Bytes,
    format: Format,
    api: Version,
}

impl Inquiry {
    fn candidate(&self) -> Candidate<'_> {
        Candidate {
            id: &self.id,
            query: &self.query,
            path: &self.path,
            body: &self.body,
            format: self.format,
            api: self.api,
            now_millis: now_millis(),
            current: None,
        }
    }
}

impl Proxy {
    /// Answers a request that a service claims.
    pub(super) async fn ask(
        self: &Rc<Self>,
        service: &Arc<dyn Service>,
        claim: Claim<'_>,
        target: &Target,
        request: Request<ClientBody>,
        format: Format,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        let handler = match self.handler(service, claim.route, target, context).await {
            Ok(handler) => handler,
            Err(failure) => return Err(after_draining(request, context, failure).await),
        };
        let (head, body) = request.into_parts();
        let profile = service.profile();
        let (body, mut share) = self.read_body(&head.headers, body, profile.body_limit, context).await?;
        let inquiry = Inquiry {
            id: decode_segment(claim.raw_id)?,
            query: target.query().to_owned(),
            path: decode_segment(target.path())?,
            body,
            format,
            api: context.api,
        };
        let length = inquiry.body.len();
        let handle = move || {
            let candidate = inquiry.candidate();
            (handler.warnings(&candidate), handler.begin(&candidate))
        };
        let begun = self.shared.offload.run(length, handle).await;
        let (warnings, begun) = begun.map_err(|Panicked| Failure::PluginPanicked(profile.name))?;
        context.warn(warnings);
        let begun = begun?;
        self.authorize(profile.permission, context).await?;
        let document = match begun {
            Begun::Answered(document) => document,
            Begun::Work(work) => self.work(profile.name, work, &mut share, context).await?,
        };
        let written = self.write(document.into(), context.form.clone()).await?;
        let body = OwnBody::document(written, &self.shared.offload, Some(Arc::new(share)));
        Ok(context.done(body))
    }

    /// What handles the request. Fails if the cluster does not know the caller, or nobody is answered. Elasticsearch
    /// authenticates before it looks at anything else, and nobody without credentials learns what is served here.
    async fn handler(
        &self,
        service: &Arc<dyn Service>,
        route: &Route,
        target: &Target,
        context: &RequestContext,
    ) -> Result<Arc<dyn Handler>, Failure> {
        self.authenticate(&context.caller, &context.record).await?;
        let target = target.clone().into_uri().to_string();
        Ok(Arc::clone(service).handler(context.product()?, route, &target)?)
    }

    /// Works on a request to its end. What it holds is counted as bodies are.
    async fn work(
        &self,
        name: &'static str,
        mut work: Box<dyn Work>,
        share: &mut BodyShare,
        context: &RequestContext,
    ) -> Result<String, Failure> {
        let acting = self.acting(context);
        let mut held = 0;
        loop {
            let called = context.record.while_the_cluster_works(work.call(acting.store())).await;
            called.map_err(|error| self.uncommitted(error))?;
            let more = work.held().saturating_sub(held);
            share.grow(more).map_err(ReadBodyError::from)?;
            held += more;
            let unread = work.unread();
            let reading = self.shared.offload.run(unread, move || (work.read(), work));
            let (read, again) = reading.await.map_err(|Panicked| Failure::PluginPanicked(name))?;
            if let Some(document) = read.map_err(|error| self.uncommitted(error))? {
                return Ok(document);
            }
            work = again;
        }
    }
}
