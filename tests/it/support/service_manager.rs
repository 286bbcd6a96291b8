//! What a service manager does: it hands sockets over to a gateway that it starts, and is notified of what the gateway does.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use tempfile::TempDir;

use super::gateway::BINARY;
use super::wire::PATIENCE;

/// A command that starts the gateway with these sockets, one or two, and with their names, separated by colons.
///
/// They come to a shell as its standard input and output; it moves them to where they are looked for, and becomes the
/// gateway, so that the process's number is known to it before.
pub fn handing_over(names: &str, sockets: impl IntoIterator<Item = OwnedFd>) -> Command {
    let mut sockets = sockets.into_iter();
    let mut command = Command::new("sh");
    command.stdin(Stdio::from(sockets.next().expect("a socket")));
    let (count, moves) = match sockets.next() {
        None => ("1", "3<&0 0</dev/null"),
        Some(second) => {
            command.stdout(Stdio::from(second));
            ("2", "3<&0 4<&1 0</dev/null 1>/dev/null")
        }
    };
    let script = format!("export LISTEN_PID=$$; exec \"$0\" \"$@\" {moves}");
    command.args(["-c", &script, BINARY]);
    command.env("LISTEN_FDS", count).env("LISTEN_FDNAMES", names);
    command
}

/// The messages of a gateway that has this as its `NOTIFY_SOCKET`.
pub struct Notifications {
    folder: TempDir,
    messages: Receiver<String>,
}

impl Notifications {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = UnixDatagram::bind(folder.path().join("notify")).expect("a socket");
        let (heard, messages) = mpsc::channel();
        // Always read, as a gateway waits while many messages are unread. The thread ends with the test.
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length) = socket.recv(&mut buffer) {
                let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
                if heard.send(message).is_err() {
                    return;
                }
            }
        });
        Self { folder, messages }
    }

    /// Where they are sent to.
    pub fn path(&self) -> String {
        let path = self.folder.path().join("notify");
        path.to_str().expect("a plain path").to_owned()
    }

    /// The next one, whose lines are `NAME=value`.
    pub fn next(&self) -> String {
        self.messages.recv_timeout(PATIENCE).expect("a message comes")
    }
}
