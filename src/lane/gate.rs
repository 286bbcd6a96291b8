//! What the lane asks of whoever knows what requests mean: whether one may pass as it is.

use http::Method;
use http::Response;
use tokio::sync::OwnedSemaphorePermit;

use crate::telemetry::request_record::Account;
use crate::upstream::{ForwardError, Upstream, UpstreamBody};

/// A plain request whose head has come.
#[derive(Debug, Clone, Copy)]
pub struct PlainRequest<'r> {
    /// Its method.
    pub method: &'r Method,
    /// Its target, in origin-form, in the bytes that would be sent on.
    pub target: &'r str,
    /// What of that is before the first `?`.
    pub path: &'r str,
    /// Whether all of its body has come, too, of the length that its head says.
    pub is_whole: bool,
}

/// Leave for a request to pass.
#[derive(Debug, Default)]
pub struct Pass {
    /// Its permit to be under way, if they are counted.
    pub permit: Option<OwnedSemaphorePermit>,
}

/// Says which requests pass. One that does not is hyper's, and is looked at again there.
pub trait Gate {
    /// Leave for a request to pass, if it is beyond doubt that nobody claims it, judges it, or has to wait for it.
    fn pass(&self, request: PlainRequest<'_>) -> Option<Pass>;

    /// Where it passes to.
    fn upstream(&self) -> &Upstream;
}

/// A request that was sent to a node, and which is to be answered by hyper.
pub struct Begun {
    /// The node's answer, if hyper reads that, or why there is none.
    pub outcome: Result<Response<UpstreamBody>, ForwardError>,
    /// Its account.
    pub account: Account,
    /// Its permit to be under way.
    pub permit: Option<OwnedSemaphorePermit>,
    /// It has a body, of which the client may be sending the rest.
    pub body_is_unread: bool,
}
