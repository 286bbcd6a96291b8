//! The listening sockets: the gateway's own, one for each worker on one address, or one that was handed over.

use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

use super::ServerError;
use super::handed_sockets::HandedSocket;

/// How many connections the kernel may hold that no worker has accepted yet.
pub(super) const BACKLOG: i32 = 1024;

/// Which processes accept connections at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// This one alone.
    None,
    /// Others may as well, from sockets of their own: connections that wait in one of them end with it.
    Address,
    /// Others may as well, from the same socket: connections that wait in it are there for as long as any process has it.
    Socket,
}

/// The sockets of all workers and the address they share.
#[derive(Debug)]
pub struct Listeners {
    /// The address, with the port that was chosen where 0 was asked for.
    pub address: SocketAddr,
    /// A socket for each worker.
    pub sockets: Vec<TcpListener>,
    /// Who else accepts connections there.
    pub sharing: Sharing,
}

/// The sockets for `count` workers: the one that was handed over, or else ones that are bound to this address.
pub(super) fn open(
    address: SocketAddr,
    handed: Option<HandedSocket>,
    count: usize,
    reuse_port: bool,
) -> Result<Listeners, ServerError> {
    match handed {
        Some(handed) => share(&handed, count),
        None => bind(address, count, reuse_port),
    }
}

/// One socket for `count` workers, which all accept from its one queue.
fn share(handed: &HandedSocket, count: usize) -> Result<Listeners, ServerError> {
    let HandedSocket { socket, address } = handed;
    let address = *address;
    let refused = |source| ServerError::Bind { address, source };
    socket.set_nonblocking(true).map_err(refused)?;
    let sockets = (0..count).map(|_| socket.try_clone());
    Ok(Listeners {
        address,
        sockets: sockets.collect::<Result<_, _>>().map_err(refused)?,
        sharing: Sharing::Socket,
    })
}

/// Binds `count` sockets to one address. The kernel deals connections out among them (`SO_REUSEPORT`), and, if they are to have
/// company, among those of other processes too.
pub fn bind(address: SocketAddr, count: usize, reuse_port: bool) -> Result<Listeners, ServerError> {
    let refused = |source| ServerError::Bind { address, source };
    // Without SO_REUSEPORT first: with it, a second gateway could share the address of a first one unnoticed.
    if address.port() != 0 && !reuse_port {
        drop(bind_one(address, false).map_err(refused)?);
    }
    let first = bind_one(address, true).map_err(refused)?;
    let address = first.local_addr().map_err(refused)?;
    let mut sockets = vec![first];
    while sockets.len() < count {
        sockets.push(bind_one(address, true).map_err(refused)?);
    }
    let sharing = if reuse_port { Sharing::Address } else { Sharing::None };
    Ok(Listeners {
        address,
        sockets,
        sharing,
    })
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
        let listeners = bind("127.0.0.1:0".parse().expect("an address"), 3, false).expect("a free port");
        assert_ne!(listeners.address.port(), 0);
        for socket in &listeners.sockets {
            assert_eq!(socket.local_addr().expect("bound"), listeners.address);
        }
        assert_eq!(listeners.sockets.len(), 3);
    }

    #[test]
    fn a_port_that_is_taken_is_refused_unless_it_is_to_be_shared() {
        let taken = bind("127.0.0.1:0".parse().expect("an address"), 1, false).expect("a free port");
        assert!(matches!(bind(taken.address, 1, false), Err(ServerError::Bind { .. })));
        let shared = bind(taken.address, 1, true).expect("an address that is shared");
        assert_eq!((shared.address, shared.sharing), (taken.address, Sharing::Address));
    }
}
