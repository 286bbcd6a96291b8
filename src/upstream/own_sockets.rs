//! The gateway's own connections to nodes, by which it knows a request that it has sent to itself.
//!
//! A gateway whose `upstream.nodes` lead to itself would forward each request to itself until no file is left. Nothing is
//! added to requests to find that out, as every node would see it: a connection is known by its two ends, which are the
//! same seen from either side, unless something in between translates addresses.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The two ends of a connection: who has opened it, and who has accepted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Ends {
    opened: SocketAddr,
    accepted: SocketAddr,
}

impl Ends {
    fn of(opened: SocketAddr, accepted: SocketAddr) -> Self {
        // A listener for both versions of IP sees addresses of version 4 as ones of version 6.
        let plain = |address: SocketAddr| SocketAddr::new(address.ip().to_canonical(), address.port());
        Self {
            opened: plain(opened),
            accepted: plain(accepted),
        }
    }
}

/// Every connection to a node that is open, of all threads.
#[derive(Debug, Clone, Default)]
pub struct OwnSockets(Arc<Mutex<HashSet<Ends>>>);

/// One of them, for as long as it is open.
#[derive(Debug)]
pub(super) struct OwnSocket {
    all: OwnSockets,
    ends: Ends,
}

impl OwnSockets {
    /// Notes a connection, before anything is written to it: who accepts it can look for it from its first byte on.
    pub(super) fn note(&self, local: SocketAddr, node: SocketAddr) -> OwnSocket {
        let ends = Ends::of(local, node);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(ends);
        let all = self.clone();
        OwnSocket { all, ends }
    }

    /// Whether a connection that was accepted at `local` from `peer` was opened by this gateway.
    #[must_use]
    pub fn contain(&self, peer: SocketAddr, local: SocketAddr) -> bool {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.contains(&Ends::of(peer, local))
    }
}

impl Drop for OwnSocket {
    fn drop(&mut self) {
        let mut open = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&self.ends);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_connection_is_known_from_its_other_end_while_it_is_open() {
        let own = OwnSockets::default();
        let (local, node) = (address("127.0.0.1:40000"), address("127.0.0.1:9280"));
        let open = own.note(local, node);
        assert!(own.contain(local, node));
        assert!(own.contain(address("[::ffff:127.0.0.1]:40000"), address("[::ffff:127.0.0.1]:9280")));
        // Another program may have the same port of its own, as long as it connects to something else.
        assert!(!own.contain(local, address("127.0.0.1:9281")));
        assert!(!own.contain(address("127.0.0.1:40001"), node));
        drop(open);
        assert!(!own.contain(local, node));
    }
}
