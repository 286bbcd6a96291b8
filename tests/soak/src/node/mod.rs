//! A node: it answers with bytes that are known beforehand, writes down what it sees, and fails when it is told to.
//!
//! It lives in a process of its own, to be killed, or on a thread, where there is no program to start it by.

mod cluster_calls;
mod connection;
mod fault;

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::LocalSet;

use crate::journal::JournalWriter;
use connection::serve_connection;

/// What tells a node to make faults, on a line of its own.
pub(crate) const FAIL: &str = "fail";

/// What tells it to make none any more.
pub(crate) const BEHAVE: &str = "behave";

/// What the connections of a node have in common.
struct Shared {
    journal: RefCell<JournalWriter>,
    fails: Cell<bool>,
}

/// Serves until the commands end.
pub fn serve(
    port: u16,
    commands: impl Read + Send + 'static,
    journal: impl Write + Send + 'static,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (told, mut orders) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in BufReader::new(commands).lines().map_while(Result::ok) {
            if told.send(line).is_err() {
                break;
            }
        }
    });
    LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::from_std(bind(port, true)?.into())?;
        let mut journal = JournalWriter::new(journal);
        journal.ready()?;
        let shared = Rc::new(Shared {
            journal: RefCell::new(journal),
            fails: Cell::new(false),
        });
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    let (stream, _) = accepted?;
                    tokio::task::spawn_local(serve_connection(stream, Rc::clone(&shared)));
                }
                order = orders.recv() => match order.as_deref() {
                    Some(FAIL) => shared.fails.set(true),
                    Some(BEHAVE) => shared.fails.set(false),
                    Some(other) => anyhow::bail!("[{other}] is no order"),
                    None => return Ok(()),
                },
            }
        }
    })
}

/// A socket at a port of this machine. One that does not listen only keeps the port for its node: nobody else is given
/// it while the node is down, and nobody can connect.
pub(crate) fn bind(port: u16, listens: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    if listens {
        socket.listen(1024)?;
    }
    Ok(socket)
}
