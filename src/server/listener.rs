//! The listening sockets: one for each worker, on one address.

use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

use super::ServerError;

/// How many connections the kernel may hold that no worker has accepted yet.
pub(super) const BACKLOG: i32 = 1024;

/// The sockets of all workers and the address they share.
#[derive(Debug)]
pub struct Listeners {
    /// The address, with the port that was chosen where 0 was asked for.
    pub address: SocketAddr,
    /// A socket for each worker.
    pub sockets: Vec<TcpListener>,
}

/// Binds `count` sockets to one address. The kernel deals connections out among them (`SO_REUSEPORT`).
pub fn bind(address: SocketAddr, count: usize) -> Result<Listeners, ServerError> {
    let refused = |source| ServerError::Bind { address, source };
    // Without SO_REUSEPORT first: with it, a second gateway could share the address of a first one unnoticed.
    if address.port() != 0 {
        drop(bind_one(address, false).map_err(refused)?);
    }
    let first = bind_one(address, true).map_err(refused)?;
    let address = first.local_addr().map_err(refused)?;
    let mut sockets = vec![first];
    while sockets.len() < count {
        sockets.push(bind_one(address, true).map_err(refused)?);
    }
    Ok(Listeners { address, sockets })
}

fn bind_one(address: SocketAddr, shared: bool) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restarted gateway takes its port again while old connections are still in TIME_WAIT.
    socket.set_reuse_address(true)?;
    if shared {
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    if shared {
        socket.listen(BACKLOG)?;
    }
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sockets_share_the_chosen_port() {
        let listeners = bind("127.0.0.1:0".parse().expect("an address"), 3).expect("a free port");
        assert_ne!(listeners.address.port(), 0);
        for socket in &listeners.sockets {
            assert_eq!(socket.local_addr().expect("bound"), listeners.address);
        }
        assert_eq!(listeners.sockets.len(), 3);
    }

    #[test]
    fn a_port_that_is_taken_is_refused() {
        let taken = bind("127.0.0.1:0".parse().expect("an address"), 1).expect("a free port");
        assert!(matches!(bind(taken.address, 1), Err(ServerError::Bind { .. })));
    }
}
