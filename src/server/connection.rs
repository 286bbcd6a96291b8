//! One client's connection: requests in, answers out, until either side has enough.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, HeaderValue};
use http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::ProtocolVersion;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{sleep, timeout};

use super::client_stream::{ClientLimits, ClientStream, REFUSED_METHOD};
use super::handshake::Handshake;
use super::peer::Peer;
use super::phase::{Phase, PhaseWatch};
use crate::http::forwarded::Forwarding;
use crate::lane::{Begun, Lane, Left, Next, Visit};
use crate::proxy::{Proxy, TurnedAway};
use crate::telemetry::request_record::{Account, Origin};
use crate::telemetry::traffic::WorkerTraffic;
use crate::upstream::OwnSockets;
use crate::upstream::connection::MOST_HEADER_FIELDS;
use crate::upstream::connector::keepalive;

/// How much longer than a head hyper's buffers are, in bytes. It refuses what fills them; the stream does so first.
const BUFFER_SLACK: usize = 8 * 1024;

/// How long a connection for which there is no room is kept, to be told so.
const TURN_AWAY_LIMIT: Duration = Duration::from_secs(5);

/// How long a connection is kept that no request uses when the gateway takes no new ones. A client that asks in this time
/// is answered and told that its connection ends; if it were closed at once, the request could be lost on its way.
const FAREWELL: Duration = Duration::from_millis(500);

/// What all connections of a worker have in common.
pub(super) struct Connections {
    pub(super) proxy: Rc<Proxy>,
    /// Where plain requests pass, if they do not take hyper's way.
    pub(super) lane: Option<Lane>,
    /// TLS, if clients are met with it.
    pub(super) tls: Option<Handshake>,
    /// What is asked of clients.
    pub(super) limits: ClientLimits,
    /// The connections by which the gateway may come back to itself.
    pub(super) own_sockets: OwnSockets,
    /// How nodes are told the addresses of clients.
    pub(super) forwarding: Arc<Forwarding>,
    pub(super) phase: PhaseWatch,
    /// Where connections and requests are counted.
    pub(super) traffic: Rc<WorkerTraffic>,
}

/// A request that hyper has read.
enum Asked {
    /// A node has answered it, or will not.
    Begun(Box<Begun>),
    /// Nothing was done for it.
    Fresh(Account, Option<TurnedAway>),
}

/// Whether there is room for a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    Enough,
    None,
}

impl Connections {
    /// Closes the connections to nodes that nobody has used for too long.
    pub(super) fn close_idle(&self) {
        self.proxy.close_idle();
        if let Some(lane) = &self.lane {
            lane.close_idle();
        }
    }

    /// Serves a connection to its end. Its permit is free again then.
    pub(super) async fn serve(self: Rc<Self>, stream: TcpStream, peer: Peer, permit: OwnedSemaphorePermit) {
        self.run(stream, peer, Room::Enough).await;
        drop(permit);
    }

    /// Tells a client that there is no room for its connection.
    pub(super) async fn turn_away(self: Rc<Self>, stream: TcpStream, peer: Peer) {
        // A client that does not ask is not told.
        let _ = timeout(TURN_AWAY_LIMIT, self.run(stream, peer, Room::None)).await;
    }

    async fn run(&self, stream: TcpStream, peer: Peer, room: Room) {
        let socket = SockRef::from(&stream);
        // A client that has lost its power says nothing any more, and its connection would stay for ever.
        if let Err(error) = socket.set_tcp_nodelay(true).and(socket.set_tcp_keepalive(&keepalive())) {
            tracing::debug!(%error, "the connection stays without TCP_NODELAY or TCP keep-alive");
        }
        let _counted = self.traffic.client_connected();
        match &self.tls {
            None => self.answer(stream, peer, None, room).await,
            // In a box, so that without TLS no connection has the size of one with it.
            Some(tls) => {
                Box::pin(async move {
                    match tls.accept(stream, peer.address(), self.phase.clone()).await {
                        Ok(stream) => {
                            let version = stream.get_ref().1.protocol_version().and_then(tls_version);
                            self.answer(stream, peer, version, room).await;
                        }
                        Err(failure) => self.traffic.handshake_failed(failure),
                    }
                })
                .await;
            }
        }
    }

    /// Answers the requests that come on a stream.
    async fn answer<S>(&self, mut stream: S, peer: Peer, tls: Option<&'static str>, room: Room)
    where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let origin = Origin {
            address: peer.address(),
            tls,
        };
        let (mut read, mut begun) = (Vec::new(), None);
        if let Some(lane) = self.lane.as_ref().filter(|_| room == Room::Enough) {
            let left = self.visit(lane, &mut stream, &peer, origin).await;
            match left.next {
                Next::Hyper => {}
                Next::Resume(request) => begun = Some(request),
                Next::Drop => return,
                Next::Close { is_sending } => {
                    let mut stream = ClientStream::new(stream, self.limits.clone()).after(Vec::new(), is_sending);
                    let _ = stream.shutdown().await; // It has ended, however its end goes.
                    return;
                }
            }
            read = left.read;
        }
        // In a box, so that no connection whose requests are plain has the size of one that hyper serves.
        Box::pin(self.answer_by_hyper(stream, (peer, origin), (read, begun), room)).await;
    }

    /// Answers the requests that come on a stream, after these bytes of it: the first one perhaps of a node that has it.
    async fn answer_by_hyper<S>(
        &self,
        stream: S,
        (peer, origin): (Peer, Origin),
        (read, begun): (Vec<u8>, Option<Box<Begun>>),
        room: Room,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        let proxy = Rc::clone(&self.proxy);
        let (own_sockets, forwarding) = (self.own_sockets.clone(), Arc::clone(&self.forwarding));
        let (mut draining, phase) = (self.phase.clone(), Rc::new(self.phase.clone()));
        let (traffic, counted) = (Rc::clone(&self.traffic), Rc::clone(&self.traffic));
        let longest_head = self.limits.head;
        let is_sending = begun.as_ref().is_some_and(|begun| begun.body_is_unread);
        let stream = ClientStream::new(stream, self.limits.clone()).after(read, is_sending);
        let refused_head = stream.refusal();
        let begun = Cell::new(begun);
        // No Date and names as they came: Elasticsearch sends none and clients see no difference (http.md §2.6,
        // §6.3). No header timeout: hyper's runs on idle connections too (§6.5); the stream has its own.
        let connection = http1::Builder::new()
            .preserve_header_case(true)
            .auto_date_header(false)
            .header_read_timeout(None)
            .max_headers(MOST_HEADER_FIELDS)
            .max_buf_size(longest_head.saturating_add(BUFFER_SLACK))
            .serve_connection(
                TokioIo::new(stream),
                service_fn(move |mut request: Request<Incoming>| {
                    forwarding.add(request.headers_mut(), peer.address());
                    let (proxy, phase) = (Rc::clone(&proxy), Rc::clone(&phase));
                    let refused = refused_head
                        .get()
                        .filter(|_| request.method().as_str() == REFUSED_METHOD);
                    let account = || match refused {
                        None => Account::of(&counted, origin, &request),
                        Some(_) => Account::of_refused_head(&counted, origin),
                    };
                    let refusal = || match room {
                        _ if peer.is_gateway(&own_sockets) => Some(TurnedAway::Loop),
                        Room::Enough => refused,
                        Room::None => Some(TurnedAway::TooManyConnections),
                    };
                    let asked = begun.take().map(Asked::Begun);
                    let asked = asked.unwrap_or_else(|| Asked::Fresh(account(), refusal()));
                    async move {
                        let Ok(mut answer) = match asked {
                            Asked::Begun(begun) => proxy.resume(&request, *begun),
                            Asked::Fresh(account, None) => proxy.answer(request, account).await,
                            Asked::Fresh(account, Some(refusal)) => proxy.turn_away(&request, refusal, account),
                        };
                        if phase.is_stopping() {
                            let close = HeaderValue::from_static("close");
                            answer.headers_mut().insert(CONNECTION, close);
                        }
                        Ok::<_, Infallible>(answer)
                    }
                }),
            );
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = draining.reached(Phase::Draining) => tokio::select! {
                // A request that has come already is read first, however late this thread gets to it.
                biased;
                ended = connection.as_mut() => ended,
                () = sleep(FAREWELL) => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            },
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a client's connection ended");
            if error.is_parse() {
                Account::unreadable(&traffic, origin, answered_by_hyper(&error));
            }
        }
    }
}

impl Connections {
    /// Has requests pass as they are, for as long as they are plain.
    async fn visit<S>(&self, lane: &Lane, stream: &mut S, peer: &Peer, origin: Origin) -> Left
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let visit = Visit {
            origin,
            peer: peer.address(),
            is_served: &|| !peer.is_gateway(&self.own_sockets),
            is_stopping: &|| self.phase.is_stopping(),
        };
        let mut phase = self.phase.clone();
        let farewell = async move {
            phase.reached(Phase::Draining).await;
            sleep(FAREWELL).await;
        };
        lane.serve(stream, &visit, farewell).await
    }
}

/// What hyper answers to a head that it cannot read, without asking anybody. To the beginning of HTTP/2 it says nothing.
fn answered_by_hyper(error: &hyper::Error) -> Option<StatusCode> {
    let status = if error.is_parse_too_large() {
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE
    } else {
        StatusCode::BAD_REQUEST
    };
    Some(status).filter(|_| !error.is_parse_version_h2())
}

/// A version of TLS as the access log has it.
const fn tls_version(version: ProtocolVersion) -> Option<&'static str> {
    match version {
        ProtocolVersion::TLSv1_2 => Some("1.2"),
        ProtocolVersion::TLSv1_3 => Some("1.3"),
        _ => None,
    }
}
