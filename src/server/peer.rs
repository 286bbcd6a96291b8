//! Who is at the other end of a client's connection.

use std::cell::OnceCell;
use std::net::SocketAddr;

use tokio::net::TcpStream;

use crate::upstream::OwnSockets;

/// The other end of one connection.
pub(super) struct Peer {
    address: SocketAddr,
    /// The address at which the connection was accepted, if the system tells it.
    local: Option<SocketAddr>,
    is_gateway: OnceCell<bool>,
}

impl Peer {
    /// The other end of a connection that was accepted from this address.
    pub(super) fn of(stream: &TcpStream, address: SocketAddr) -> Self {
        Self {
            address,
            local: stream.local_addr().ok(),
            is_gateway: OnceCell::new(),
        }
    }

    /// Its address.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether this gateway itself has opened the connection. To be asked once a request has come: an accepted connection
    /// may be older than the note of who has opened it, but not its first byte.
    pub(super) fn is_gateway(&self, own: &OwnSockets) -> bool {
        let look = || self.local.is_some_and(|local| own.contain(self.address, local));
        *self.is_gateway.get_or_init(look)
    }
}
