//! The nodes of a run: started, killed, frozen and started again, each always on its own port.

use std::io::{PipeWriter, Write, pipe};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, ensure};
use socket2::Socket;

use crate::journal::Journal;
use crate::node;

/// How long a node may take to listen.
const START_LIMIT: Duration = Duration::from_secs(30);

/// Where a node lives.
enum Running {
    /// In a process: it can be killed and frozen.
    Process { child: Child, orders: ChildStdin },
    /// On a thread of this process. It ends with its orders.
    Thread {
        orders: PipeWriter,
        thread: JoinHandle<anyhow::Result<()>>,
    },
}

/// A node's port, and the node if it runs.
struct Member {
    port: u16,
    _place: Socket,
    running: Option<Running>,
}

/// All nodes of a run.
pub(crate) struct Nodes {
    members: Vec<Member>,
    program: Option<PathBuf>,
    journal: Journal,
    readers: Vec<JoinHandle<()>>,
}

impl Nodes {
    /// Ports for so many nodes, none of which runs yet. Without a program to start them by they live on threads.
    pub(crate) fn places(count: usize, program: Option<&Path>) -> anyhow::Result<Self> {
        let mut members = Vec::new();
        for _ in 0..count {
            let place = node::bind(0, false)?;
            let address = place.local_addr()?.as_socket().context("a port of its own")?;
            members.push(Member {
                port: address.port(),
                _place: place,
                running: None,
            });
        }
        Ok(Self {
            members,
            program: program.map(Path::to_owned),
            journal: Journal::default(),
            readers: Vec::new(),
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether nodes can be frozen.
    pub(crate) fn are_processes(&self) -> bool {
        self.program.is_some()
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(crate) fn urls(&self) -> Vec<String> {
        let ports = self.members.iter().map(|member| member.port);
        ports.map(|port| format!("http://127.0.0.1:{port}")).collect()
    }

    /// Starts a node that does not run, and waits until it listens.
    pub(crate) fn start(&mut self, place: usize) -> anyhow::Result<()> {
        let member = self.members.get_mut(place).context("no such node")?;
        let port = member.port;
        let (told, is_ready) = mpsc::channel();
        let journal = self.journal.clone();
        let ready = move || {
            let _ = told.send(());
        };
        let (running, reader) = if let Some(program) = &self.program {
            let mut child = Command::new(program)
                .args(["node", "--port", &port.to_string()])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .with_context(|| format!("{} cannot be started", program.display()))?;
            let orders = child.stdin.take().context("a node has orders")?;
            let entries = child.stdout.take().context("a node has entries")?;
            let reader = thread::spawn(move || journal.follow(entries, ready));
            (Running::Process { child, orders }, reader)
        } else {
            let (read_orders, orders) = pipe()?;
            let (entries, write_entries) = pipe()?;
            let thread = thread::spawn(move || node::serve(port, read_orders, write_entries));
            let reader = thread::spawn(move || journal.follow(entries, ready));
            (Running::Thread { orders, thread }, reader)
        };
        member.running = Some(running);
        self.readers.push(reader);
        is_ready.recv_timeout(START_LIMIT).context("a node does not listen")
    }

    /// Kills a node. When this returns its connections are gone.
    pub(crate) fn kill(&mut self, place: usize) -> anyhow::Result<()> {
        match self.members.get_mut(place).and_then(|member| member.running.take()) {
            Some(Running::Process { mut child, .. }) => {
                child.kill()?;
                child.wait()?;
            }
            Some(Running::Thread { orders, thread }) => {
                drop(orders);
                thread.join().map_err(|_| anyhow::anyhow!("a node panicked"))??;
            }
            None => {}
        }
        Ok(())
    }

    /// Freezes a node that is a process, or thaws it: frozen, it accepts connections and does nothing.
    pub(crate) fn freeze(&self, place: usize, is_frozen: bool) -> anyhow::Result<()> {
        if let Some(Running::Process { child, .. }) = self.running(place) {
            let signal = if is_frozen { "-STOP" } else { "-CONT" };
            let sent = Command::new("kill").args([signal, &child.id().to_string()]).status()?;
            ensure!(sent.success(), "a node cannot be frozen");
        }
        Ok(())
    }

    /// Gives an order to every node.
    pub(crate) fn order(&mut self, order: &str) -> anyhow::Result<()> {
        for member in &mut self.members {
            match &mut member.running {
                Some(Running::Process { orders, .. }) => writeln!(orders, "{order}")?,
                Some(Running::Thread { orders, .. }) => writeln!(orders, "{order}")?,
                None => {}
            }
        }
        Ok(())
    }

    /// Ends all nodes, and waits for the last of their entries.
    pub(crate) fn end(&mut self) -> anyhow::Result<()> {
        for place in 0..self.members.len() {
            self.kill(place)?;
        }
        for reader in self.readers.drain(..) {
            reader
                .join()
                .map_err(|_| anyhow::anyhow!("a node's entries cannot be read"))?;
        }
        Ok(())
    }

    fn running(&self, place: usize) -> Option<&Running> {
        self.members.get(place)?.running.as_ref()
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        // Whatever went wrong before is told; no process is left.
        let _ = self.end();
    }
}
