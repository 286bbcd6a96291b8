//! Sends a request to a node and hands its answer back, both streamed.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::header::HOST;
use http::{Request, Response, Version};
use http_body::Body as _;

use super::answer_body::UpstreamBody;
use super::attempts::Attempts;
use super::connector::Connector;
use super::forward_error::ForwardError;
use super::hyper_sender::HyperSender;
use super::nodes::Nodes;
use super::pool::Pool;
use super::probing::is_like_a_probe;
use super::request_body::{Outgoing, RequestBody, ResponseTimer};
use crate::http::target::Target;
use crate::http::{framing, hop_by_hop};
use crate::telemetry::request_record::RequestRecord;
use crate::telemetry::traffic::WorkerTraffic;

/// How long nodes may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To begin an answer, once they have the request.
    pub response: Option<Duration>,
    /// To be asked again, until an idle connection to them is closed.
    pub idle: Duration,
}

/// The cluster, for one worker thread.
pub struct Upstream {
    nodes: Arc<Nodes>,
    pool: Rc<Pool>,
    connector: Connector,
    timeouts: Timeouts,
    next: Cell<usize>,
    traffic: Rc<WorkerTraffic>,
}

impl Upstream {
    /// The cluster of these nodes.
    #[must_use]
    pub fn new(nodes: Arc<Nodes>, connector: Connector, timeouts: Timeouts, traffic: Rc<WorkerTraffic>) -> Self {
        let pool = Rc::new(Pool::new(nodes.count(), timeouts.idle, Rc::clone(&traffic)));
        Self {
            nodes,
            pool,
            connector,
            timeouts,
            next: Cell::new(0),
            traffic,
        }
    }

    /// The nodes.
    #[must_use]
    pub fn nodes(&self) -> &Nodes {
        &self.nodes
    }

    /// What makes connections to them.
    #[must_use]
    pub const fn connector(&self) -> &Connector {
        &self.connector
    }

    /// How long they may take.
    #[must_use]
    pub const fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// From which node on one is chosen for the next request.
    pub fn next_turn(&self) -> usize {
        self.next.replace(self.next.get().wrapping_add(1))
    }

    /// Closes the connections that no request has used for too long.
    pub fn close_idle(&self) {
        self.pool.close_idle();
    }

    /// Forwards a request to `target` unchanged but for its hop-by-hop fields, and returns the answer, likewise.
    pub async fn forward(
        &self,
        target: Target,
        request: Request<Outgoing>,
        record: &Rc<RequestRecord>,
    ) -> Result<Response<UpstreamBody>, ForwardError> {
        let method = request.method().clone();
        // HTTP/1.0 knows no `Host`, and the version that the request is sent on in has none without (RFC 9112 §3.2).
        let lacks_host = request.version() < Version::HTTP_11 && !request.headers().contains_key(HOST);
        let has_body = !request.body().is_end_stream();
        let (request, timer) = upstream_request(target, request, self.timeouts.response, record);
        let mut sender = HyperSender {
            nodes: &self.nodes,
            pool: &self.pool,
            connector: &self.connector,
            traffic: &self.traffic,
            record,
            method: &method,
            lacks_host,
            is_like_a_probe: is_like_a_probe(&method, request.uri().path(), request.headers()),
            timer: timer.as_ref(),
        };
        let attempts = Attempts {
            nodes: &self.nodes,
            traffic: &self.traffic,
            record,
            method: &method,
            has_body,
        };
        attempts.make(&mut sender, request, self.next_turn()).await?
    }
}

fn upstream_request(
    target: Target,
    mut request: Request<Outgoing>,
    limit: Option<Duration>,
    record: &Rc<RequestRecord>,
) -> (Request<RequestBody>, Option<ResponseTimer>) {
    *request.uri_mut() = target.into_uri();
    *request.version_mut() = Version::HTTP_11;
    let (mut head, body) = request.into_parts();
    hop_by_hop::remove_from_request(&mut head.headers);
    framing::frame_request(&mut head.headers, &body);
    let record = (!body.is_end_stream()).then(|| Rc::clone(record));
    let (body, timer) = RequestBody::new(body, limit, record);
    (Request::from_parts(head, body), timer)
}
