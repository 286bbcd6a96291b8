//! How connections leave the lane, and what one that is idle takes.

use std::cell::Cell;
use std::future;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, DuplexStream};

use super::*;
use crate::telemetry::traffic::Traffic;
use crate::tls::to_nodes::trusting_nobody;
use crate::tls::{NodeTls, current};
use crate::upstream::{Connector, Nodes, Timeouts, Upstream};

/// Lets nothing pass, and counts what it is asked.
struct Closed {
    upstream: Upstream,
    asked: Cell<usize>,
}

impl Gate for Closed {
    fn pass(&self, _: PlainRequest<'_>) -> Option<Pass> {
        self.asked.set(self.asked.get() + 1);
        None
    }

    fn upstream(&self) -> &Upstream {
        &self.upstream
    }
}

fn lane(stripped: &[HeaderName]) -> (Rc<Closed>, Option<Lane>) {
    let traffic = Traffic::new([], None).counters().on_this_thread();
    let tls = NodeTls {
        config: current(trusting_nobody().expect("a configuration")).1,
        server_name: None,
    };
    let connector = Connector::new(tls, Duration::from_secs(1));
    let timeouts = Timeouts {
        response: None,
        idle: Duration::from_secs(1),
    };
    let gate = Rc::new(Closed {
        upstream: Upstream::new(Nodes::new(Vec::new(), None), connector, timeouts, Rc::clone(&traffic)),
        asked: Cell::new(0),
    });
    let settings = Settings {
        longest_head: 1000,
        answer_pace: None,
        stripped: stripped.into(),
        forwarding: Arc::default(),
    };
    let lane = Lane::new(Rc::clone(&gate) as _, settings, traffic);
    (gate, lane)
}

/// Has a connection visit the lane of a gate that lets nothing pass, after a client has sent this and perhaps no more.
async fn visit(sent: &[u8], is_served: bool, ends: bool) -> (Left, usize) {
    let (gate, lane) = lane(&[]);
    let lane = lane.expect("there is one");
    let (mut near, mut far): (DuplexStream, DuplexStream) = tokio::io::duplex(64 * 1024);
    far.write_all(sent).await.expect("there is room");
    if ends {
        far.shutdown().await.expect("it is open");
    }
    let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let visit = Visit {
        origin: Origin {
            address: peer,
            tls: None,
        },
        peer,
        is_served: &|| is_served,
        is_stopping: &|| false,
    };
    let left = lane.serve(&mut near, &visit, future::ready(())).await;
    (left, gate.asked.get())
}

#[tokio::test]
async fn what_does_not_pass_leaves_with_every_byte() {
    let plain = b"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\n{}\r\n0\r\n\r\nGET /b HT";
    for (sent, is_served, asked) in [
        (plain.as_slice(), true, 1),
        (plain, false, 0),
        (plain.get(..20).unwrap_or_default(), true, 0),
        (
            b"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx",
            true,
            0,
        ),
        (b"\x16\x03\x01", true, 0),
    ] {
        let (left, was_asked) = visit(sent, is_served, false).await;
        assert!(matches!(left.next, Next::Hyper), "{}", sent.escape_ascii());
        assert_eq!((left.read.as_slice(), was_asked), (sent, asked));
    }
}

#[tokio::test]
async fn an_idle_connection_ends_with_its_client_or_the_gateway() {
    for ends in [true, false] {
        let (left, asked) = visit(b"", true, ends).await;
        assert!(matches!(left.next, Next::Close { is_sending: false }));
        assert_eq!((left.read.len(), asked), (0, 0));
    }
}

#[tokio::test]
async fn without_a_host_nothing_is_plain() {
    assert!(lane(&[HOST]).1.is_none());
    assert!(lane(&[HeaderName::from_static("x-user")]).1.is_some());
}

/// A thousand idle connections are to take less than 8 MiB, sockets and buffers of the system not counted.
#[tokio::test]
async fn an_idle_connection_takes_little() {
    let lane = lane(&[]).1.expect("there is one");
    let (mut near, _far) = tokio::io::duplex(64);
    let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let visit = Visit {
        origin: Origin {
            address: peer,
            tls: None,
        },
        peer,
        is_served: &|| true,
        is_stopping: &|| false,
    };
    let serving = lane.serve(&mut near, &visit, future::pending());
    let size = std::mem::size_of_val(&serving);
    assert!(size <= 4096, "{size} bytes");
}
