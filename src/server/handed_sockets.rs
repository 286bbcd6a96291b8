//! Sockets that listen before the process starts: the service manager makes them and hands them over (socket activation, as in
//! `sd_listen_fds(3)`).
//!
//! They outlive the process. Connections that nobody has accepted wait in them for the process that comes next, or are accepted
//! by one that has the same socket, so that a gateway can be exchanged without a refused connection.

use std::net::{SocketAddr, TcpListener};
use std::{env, io, process};

use listenfd::ListenFd;
use socket2::SockRef;

use crate::config::{Config, OptionalAddress};
use crate::telemetry::events::life::SocketHandedOver;

/// The names that sockets may have, by the keys whose place they take.
const LISTEN: &str = "listen";
const ADMIN: &str = "admin";

/// What the names are where nobody has chosen any: systemd-socket-activate(1) has this one.
const UNNAMED: [&str; 2] = ["", "unknown"];

/// Why a socket that was handed over cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// Usual cause: a socket unit of systemd without `FileDescriptorName`, so that the socket has the name of the unit.
    #[error(
        "the service manager hands over a socket with the name `{0}`, which the gateway has no use for: name it `listen` or \
         `admin` (`FileDescriptorName` in a socket unit of systemd)"
    )]
    UnknownName(String),
    /// Usual cause: a second `ListenStream` in a socket unit.
    #[error(
        "the service manager hands over more than one socket for `{0}`: leave one of them out; `[::]:9280` takes connections \
         of IPv4 as well"
    )]
    Twice(&'static str),
    /// Usual cause: a socket unit with the path of a Unix socket, with `ListenDatagram`, or with `Accept=yes`.
    #[error(
        "the socket that the service manager hands over for `{name}` cannot be used: it takes one that listens for TCP \
         connections (`ListenStream` with a port, and `Accept=no`)"
    )]
    Unusable {
        /// For what it is.
        name: &'static str,
        /// What is wrong with it.
        source: io::Error,
    },
}

/// A socket that listens already.
#[derive(Debug)]
pub(super) struct HandedSocket {
    pub(super) socket: TcpListener,
    pub(super) address: SocketAddr,
}

/// The sockets that were handed over, if any were.
#[derive(Debug, Default)]
pub(super) struct HandedSockets {
    /// In the place of `listen`.
    pub(super) listen: Option<HandedSocket>,
    /// In the place of `admin.listen`.
    pub(super) admin: Option<HandedSocket>,
}

impl HandedSockets {
    /// Takes them; their addresses take the place of those that are configured. To be called once, and before there are other
    /// threads: it changes the environment.
    pub(super) fn take(mut config: Config) -> Result<(Config, Self), HandOverError> {
        let sockets = Self::found()?;
        if let Some(HandedSocket { address, .. }) = &sockets.listen {
            SocketHandedOver { name: LISTEN, address }.log();
            config.listen = *address;
        }
        if let Some(HandedSocket { address, .. }) = &sockets.admin {
            SocketHandedOver { name: ADMIN, address }.log();
            config.admin.listen = OptionalAddress(Some(*address));
        }
        Ok((config, sockets))
    }

    fn found() -> Result<Self, HandOverError> {
        // A process that was started by the one that they are for has inherited the variables, but not the sockets.
        if variable("LISTEN_PID").parse() != Ok(process::id()) {
            return Ok(Self::default());
        }
        let names = variable("LISTEN_FDNAMES");
        let mut names = names.split(':');
        let mut descriptors = ListenFd::from_env();
        let mut sockets = Self::default();
        for number in 0..descriptors.len() {
            let (name, place) = sockets.place(names.next().unwrap_or_default())?;
            if place.is_some() {
                return Err(HandOverError::Twice(name));
            }
            let taken = descriptors.take_tcp_listener(number);
            *place = taken
                .and_then(|socket| socket.map(listening).transpose())
                .map_err(|source| HandOverError::Unusable { name, source })?;
        }
        Ok(sockets)
    }

    /// What a socket of this name is for.
    fn place(&mut self, name: &str) -> Result<(&'static str, &mut Option<HandedSocket>), HandOverError> {
        match name {
            ADMIN => Ok((ADMIN, &mut self.admin)),
            name if name == LISTEN || UNNAMED.contains(&name) => Ok((LISTEN, &mut self.listen)),
            name => Err(HandOverError::UnknownName(name.to_owned())),
        }
    }
}

/// The socket, if connections can be accepted from it.
fn listening(socket: TcpListener) -> io::Result<HandedSocket> {
    let address = socket.local_addr()?;
    if SockRef::from(&socket).is_listener()? {
        return Ok(HandedSocket { socket, address });
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it does not listen"))
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
