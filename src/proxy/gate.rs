//! Which requests may pass as they are: those that nobody claims, that protection does not look into, and for which there is
//! room; and what is answered where one did not come through.

use std::convert::Infallible;
use std::sync::Arc;

use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response, Uri};
use http_body_util::Either;
use hyper::body::Incoming;

use super::Proxy;
use super::context::RequestContext;
use super::downstream_body::DownstreamBody;
use crate::http::target::Target;
use crate::lane::{Begun, Gate, Pass, PlainRequest};
use crate::upstream::Upstream;

impl Proxy {
    /// Answers a request that was sent to a node as it came, of which hyper has read the head only.
    pub fn resume(&self, request: &Request<Incoming>, begun: Begun) -> Result<Response<DownstreamBody>, Infallible> {
        let Begun {
            outcome,
            account,
            permit,
            body_is_unread,
        } = begun;
        let mut context = RequestContext::of(request, account.record());
        context.body_is_unread = body_is_unread;
        let answer = match outcome {
            Ok(answer) => answer.map(Either::Left),
            Err(failure) => self.error_response(failure.into(), context),
        };
        let mut answer = DownstreamBody::of(answer, account, permit);
        if body_is_unread {
            let close = HeaderValue::from_static("close");
            answer.headers_mut().insert(CONNECTION, close);
        }
        Ok(answer)
    }
}

impl Gate for Proxy {
    fn pass(&self, request: PlainRequest<'_>) -> Option<Pass> {
        let PlainRequest {
            method,
            target,
            path,
            is_whole,
        } = request;
        if self.shared.table.claim_path(method, path).is_some() {
            return None;
        }
        if let Some(protection) = &self.shared.protection {
            let target = Target::of(&target.parse::<Uri>().ok()?)?;
            protection.lets_pass(method, &target).then_some(())?;
        }
        let Some(permits) = &self.shared.permits else {
            return Some(Pass::default());
        };
        // Who is still sending has to be known to the cluster before it holds a permit.
        let permit = is_whole.then(|| Arc::clone(permits).try_acquire_owned());
        let permit = permit?.ok()?;
        Some(Pass { permit: Some(permit) })
    }

    fn upstream(&self) -> &Upstream {
        &self.upstream
    }
}
