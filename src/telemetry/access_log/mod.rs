//! The access log: one line a request, written by a thread of its own. A worker hands an entry over or drops it, and never
//! waits: a disk or a pipe that does not take lines costs lines and no request.

mod entry;
mod line;
pub mod redaction;
mod writer;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use std::{fmt, thread};

pub(super) use self::entry::{Entry, RequestHead};
use self::writer::{Sink, State};
use super::events::files::AccessLogUnfinished;

/// How many entries wait for the thread at most. With targets of the greatest length they take about 20 MB.
const QUEUE: usize = 4096;

/// How long the last entries may take to be written when the gateway stops.
const LAST_LINES: Duration = Duration::from_secs(10);

/// How long nothing may be written in that time.
const MAX_STALL: Duration = Duration::from_secs(2);

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs, with the names of the Elastic Common Schema.
    Json,
}

/// What is logged of requests, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How lines are written; without a format there are none.
    pub format: Option<Format>,
    /// The file that they are appended to; standard output if there is none.
    pub file: Option<PathBuf>,
    /// The query parameters whose values are not logged.
    pub redact: Vec<String>,
}

/// The access log could not be opened. Usual cause: the folder is not there, or belongs to somebody else.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the access log to {}", .file.display())]
pub struct NotOpened {
    /// The file.
    pub file: PathBuf,
    /// What the operating system said.
    pub source: io::Error,
}

/// Where entries are handed over.
#[derive(Clone)]
pub struct AccessLog {
    queue: SyncSender<Message>,
    state: Arc<State>,
}

/// What the thread that writes is given.
enum Message {
    Entry(Entry),
    /// There is something to see in [`State`].
    Wake,
}

/// The thread that writes.
pub struct AccessLogThread {
    log: AccessLog,
    /// Is closed when the thread has ended.
    ended: Receiver<()>,
}

impl AccessLog {
    /// Opens the log and starts to write, if lines are wanted.
    pub fn start(settings: &Settings) -> Result<Option<(Self, AccessLogThread)>, NotOpened> {
        let Some(format) = settings.format else {
            return Ok(None);
        };
        let sink = Sink::open(settings.file.clone())?;
        let (queue, entries) = sync_channel(QUEUE);
        let (end, ended) = sync_channel(1);
        let log = Self {
            queue,
            state: Arc::default(),
        };
        let (state, secrets) = (Arc::clone(&log.state), settings.redact.clone());
        let write = move || {
            writer::write(sink, &entries, &state, |entry| line::line(entry, format, &secrets));
            drop(end);
        };
        let thread = thread::Builder::new().name("access-log".to_owned()).spawn(write);
        thread.map_err(|source| NotOpened {
            file: settings.file.clone().unwrap_or_default(),
            source,
        })?;
        let thread = AccessLogThread {
            log: log.clone(),
            ended,
        };
        Ok(Some((log, thread)))
    }

    /// Hands an entry over, or drops it where too many wait.
    pub(super) fn write(&self, entry: Entry) {
        if self.queue.try_send(Message::Entry(entry)).is_err() {
            self.state.drop_one();
        }
    }

    /// How many lines could not be written.
    pub(super) fn dropped(&self) -> u64 {
        self.state.dropped()
    }

    /// Opens the file again: it was renamed, and another one is to be written to.
    pub fn reopen(&self) {
        self.state.ask_to_reopen();
        let _ = self.queue.try_send(Message::Wake); // A thread that has work to do looks anyway.
    }
}

impl AccessLogThread {
    /// Waits until what was handed over is written, as long as that goes on and does not take too long.
    pub fn finish(self) {
        let state = &self.log.state;
        state.ask_to_end();
        let _ = self.log.queue.try_send(Message::Wake);
        let deadline = Instant::now() + LAST_LINES;
        loop {
            let before = state.batches();
            if self.ended.recv_timeout(MAX_STALL) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            if state.batches() == before || Instant::now() > deadline {
                AccessLogUnfinished {}.log();
                return;
            }
        }
    }
}

impl fmt::Debug for AccessLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessLog").finish_non_exhaustive()
    }
}
