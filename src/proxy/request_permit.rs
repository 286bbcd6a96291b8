//! What a request is permitted before it is known what it wants: to be under way beside others, and to have its body read
//! before the cluster is asked who sends it.

use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http::header::CONTENT_ENCODING;
use http_body::Body as _;
use tokio::sync::OwnedSemaphorePermit;

use super::Proxy;
use super::context::RequestContext;
use super::failure::Failure;
use crate::http::caller::Caller;
use crate::http::client_body::ClientBody;
use crate::http::hop_by_hop;

/// The longest body that is read before the cluster is asked who sends it, in bytes. Jobs have a few thousand.
const CHEAP_BODY: u64 = 64 * 1024;

/// How long it is waited for such a body. Clients that send it behind the head, in a packet of its own, may wait 40 ms for
/// the first one to be acknowledged (RFC 896, RFC 1122 §4.2.3.2).
const CHEAP_BODY_PATIENCE: Duration = Duration::from_millis(100);

/// What a caller whom the cluster knows is permitted: to have a request under way.
const UNDER_WAY: &str = "a request under way";

impl Proxy {
    /// A permit to have a request under way, if they are counted. Nobody waits for one, and nobody has one who may make
    /// the gateway wait: all of the request is here, or the cluster knows who sends it, and they keep pace.
    pub(super) async fn permit(
        &self,
        request: &mut Request<ClientBody>,
        context: &RequestContext,
    ) -> Result<Option<OwnedSemaphorePermit>, Failure> {
        let Some(permits) = &self.shared.permits else {
            return Ok(None);
        };
        if permits.available_permits() == 0 {
            return Err(Failure::TooManyRequests);
        }
        request.body_mut().keep_pace(self.shared.pace);
        let is_here = request.body().is_end_stream()
            // Who waits to be asked for its body is asked when a node wants it.
            || !context.waits_to_send && self.arrives(request, context).await;
        if !is_here {
            // It is not yet known whether the request is claimed, so its own fields stay as they came.
            let mut end_to_end = hop_by_hop::end_to_end(request.headers());
            hop_by_hop::remove_named(&mut end_to_end, &self.shared.stripped);
            let caller = Caller::from_headers(&end_to_end);
            let known = self.shared.known_callers.of(UNDER_WAY, &caller);
            if known.said().is_none() {
                self.authenticate(&caller, &context.record).await?;
                known.keep(());
            }
        }
        let permit = Arc::clone(permits).try_acquire_owned();
        permit.map(Some).map_err(|_| Failure::TooManyRequests)
    }

    /// Whether the body of a claimed request may be read before the cluster is asked who sends it: it takes little memory, and
    /// all of it is here. What is over the limit is refused unread, whoever sends it.
    pub(super) async fn may_read_first(
        &self,
        request: &mut Request<ClientBody>,
        limit: usize,
        context: &RequestContext,
    ) -> bool {
        let is_refused = request.body().size_hint().lower() > limit as u64;
        is_refused || self.arrives(request, context).await
    }

    /// Reads a body that takes little memory, and says whether all of it is here.
    async fn arrives(&self, request: &mut Request<ClientBody>, context: &RequestContext) -> bool {
        let announced = request.body().size_hint().exact();
        // What is compressed may become a thousand times as long.
        let may_grow = request.headers().contains_key(CONTENT_ENCODING);
        let is_cheap = !may_grow && announced.is_some_and(|length| length <= CHEAP_BODY);
        let body = request.body_mut();
        let arriving = body.arrives(&self.shared.early_bodies, CHEAP_BODY_PATIENCE);
        is_cheap && context.record.while_the_client_sends(arriving).await
    }
}
