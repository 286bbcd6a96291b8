//! A request that passes: what is noted of it, and what a node is sent.

use std::net::SocketAddr;

use http::Method;
use http::header::{HeaderMap, HeaderValue};
use tokio::sync::OwnedSemaphorePermit;

use super::body::Body;
use super::buffer::Buffer;
use super::chunked::Trailers;
use super::gate::Pass;
use super::head::{Framing, RequestHead};
use super::render::Changes;
use super::up::Up;
use super::{Lane, Visit};
use crate::http::hop_by_hop;
use crate::telemetry::request_record::Account;
use crate::upstream::NodeUrl;
use crate::upstream::probing::is_like_a_probe;

/// A request that is about to be sent.
pub(super) struct Request<'r> {
    pub(super) head: &'r RequestHead,
    /// The bytes of its head, and what has come of its body.
    pub(super) bytes: &'r [u8],
    pub(super) account: Account,
    pub(super) permit: Option<OwnedSemaphorePermit>,
    /// Whether an answer says how a probe would be answered.
    pub(super) is_like_a_probe: bool,
    /// The field that says from which address it comes, and its value.
    pub(super) forwarded: Option<(&'static str, Vec<u8>)>,
}

impl Request<'_> {
    /// Whether it has a body of at least one byte, or may have.
    pub(super) const fn has_body(&self) -> bool {
        !matches!(self.head.framing(), Framing::None | Framing::Sized(0))
    }
}

impl Lane {
    /// A request that passes, with what is said of it on its way.
    pub(super) fn request<'r>(
        &self,
        head: &'r RequestHead,
        bytes: &'r [u8],
        pass: Pass,
        visit: &Visit<'_>,
    ) -> Request<'r> {
        let account = Account::of_plain(&self.traffic, visit.origin, head.method(), || head.to_request(bytes));
        Request {
            head,
            bytes,
            account,
            permit: pass.permit,
            is_like_a_probe: self.is_like_a_probe(head, bytes),
            forwarded: self.forwarded(head, bytes, visit.peer),
        }
    }

    fn is_like_a_probe(&self, head: &RequestHead, bytes: &[u8]) -> bool {
        let may_be = head.path(bytes) == "/" && matches!(*head.method(), Method::GET | Method::HEAD);
        let request = may_be.then(|| head.to_request(bytes)).flatten();
        request.is_some_and(|mut request| {
            let fields = request.headers_mut();
            hop_by_hop::remove_named(fields, &self.stripped);
            hop_by_hop::remove_from_request(fields);
            is_like_a_probe(head.method(), "/", request.headers())
        })
    }

    /// The field that tells nodes a client's address, if one does, and its value.
    fn forwarded(&self, head: &RequestHead, bytes: &[u8], peer: SocketAddr) -> Option<(&'static str, Vec<u8>)> {
        let (name, field) = (self.forwarding.field.header()?, self.forwarding.field.name());
        let sent = head.lines().filter(|line| line.is_named(bytes, field));
        let mut fields = HeaderMap::new();
        for line in sent {
            fields.append(name.clone(), HeaderValue::from_bytes(line.value(bytes)).ok()?);
        }
        self.forwarding.add(&mut fields, peer);
        let value = fields.get(&name)?.as_bytes().to_vec();
        Some((field, value))
    }

    /// A request on its way to a node.
    pub(super) fn up(&self, request: &Request<'_>, node: &NodeUrl) -> Up {
        let Request {
            head, bytes, account, ..
        } = request;
        let host = self.gate.upstream().connector().host().instead_of_the_clients(node);
        let changes = Changes {
            stripped: &self.stripped,
            host: host.as_ref().map(HeaderValue::as_bytes),
            forwarded: request
                .forwarded
                .as_ref()
                .map(|(name, value)| (*name, value.as_slice())),
        };
        let mut out = Buffer::default();
        self.buffers.make_room(&mut out);
        let written = out.bytes_mut();
        head.write(bytes, &changes, written);
        let start = written.len();
        written.extend_from_slice(bytes.get(head.length()..).unwrap_or_default());
        let mut body = Body::new(head.framing(), Trailers::Drop);
        // It was followed before, and was no fault.
        let followed = body
            .follow(written.get_mut(start..).unwrap_or_default())
            .unwrap_or_default();
        written.truncate(start + followed.passed);
        account.received(followed.content);
        if followed.content > 0 && body.has_ended() {
            account.body_was_sent();
        }
        Up::new(out, body)
    }
}
