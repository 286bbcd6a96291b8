//! The thread that writes the access log: in batches, so that a busy gateway takes one write for many lines, and at once
//! when nothing more waits.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Receiver;

use super::{Entry, Message, NotOpened};
use crate::telemetry::events::files::{AccessLogNotReopened, AccessLogNotWritten, AccessLogReopened};

/// How many bytes are gathered before they are written although more lines wait.
const BATCH: usize = 64 * 1024;

/// Who may read a file that is made: its owner and group.
const MODE: u32 = 0o640;

/// What workers, the thread that writes and those who look after it share.
#[derive(Debug, Default)]
pub(super) struct State {
    dropped: AtomicU64,
    /// How many writes there were, also those that failed.
    batches: AtomicU64,
    is_to_reopen: AtomicBool,
    is_to_end: AtomicBool,
}

impl State {
    pub(super) fn drop_one(&self) {
        self.drop_many(1);
    }

    fn drop_many(&self, lines: u64) {
        self.dropped.fetch_add(lines, Ordering::Relaxed);
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn batches(&self) -> u64 {
        self.batches.load(Ordering::Relaxed)
    }

    pub(super) fn ask_to_reopen(&self) {
        self.is_to_reopen.store(true, Ordering::Release);
    }

    pub(super) fn ask_to_end(&self) {
        self.is_to_end.store(true, Ordering::Release);
    }
}

/// Where lines go.
pub(super) struct Sink {
    file: Option<PathBuf>,
    out: Box<dyn Write + Send>,
    /// The last write failed, which was logged.
    is_failing: bool,
}

impl Sink {
    /// A file, made if there is none; standard output without one.
    pub(super) fn open(file: Option<PathBuf>) -> Result<Self, NotOpened> {
        let out: Box<dyn Write + Send> = match &file {
            None => Box::new(io::stdout()),
            Some(path) => Box::new(append_to(path).map_err(|source| NotOpened {
                file: path.clone(),
                source,
            })?),
        };
        Ok(Self {
            file,
            out,
            is_failing: false,
        })
    }

    /// Opens the file again. If that fails the lines go on to where they went.
    fn reopen(&mut self) {
        let Some(path) = &self.file else { return };
        match append_to(path) {
            Ok(file) => {
                self.out = Box::new(file);
                AccessLogReopened { file: &path.display() }.log();
            }
            Err(error) => AccessLogNotReopened {
                error: &error,
                file: &path.display(),
            }
            .log(),
        }
    }

    fn write(&mut self, lines: &Lines, state: &State) {
        let written = self
            .out
            .write_all(lines.text.as_bytes())
            .and_then(|()| self.out.flush());
        match written {
            Ok(()) => self.is_failing = false,
            Err(error) => {
                state.drop_many(lines.count);
                if !std::mem::replace(&mut self.is_failing, true) {
                    AccessLogNotWritten { error: &error }.log();
                }
            }
        }
    }
}

fn append_to(path: &PathBuf) -> io::Result<File> {
    // What people search for is nobody else's business.
    OpenOptions::new().create(true).append(true).mode(MODE).open(path)
}

/// Lines that are written together.
#[derive(Default)]
struct Lines {
    text: String,
    count: u64,
}

/// Writes until nobody can hand anything over any more, or until all is written after that was asked for.
pub(super) fn write(mut sink: Sink, messages: &Receiver<Message>, state: &State, line: impl Fn(&Entry) -> String) {
    let mut lines = Lines::default();
    while let Ok(first) = messages.recv() {
        let more = std::iter::from_fn(|| messages.try_recv().ok());
        for message in std::iter::once(first).chain(more) {
            if let Message::Entry(entry) = message {
                lines.text.push_str(&line(&entry));
                lines.count += 1;
            }
            if lines.text.len() >= BATCH || state.is_to_reopen.load(Ordering::Acquire) {
                write_out(&mut sink, &mut lines, state);
            }
        }
        write_out(&mut sink, &mut lines, state);
        if state.is_to_end.load(Ordering::Acquire) {
            return;
        }
    }
}

/// Writes what was gathered, and then opens the file again if somebody wants that.
fn write_out(sink: &mut Sink, lines: &mut Lines, state: &State) {
    if lines.count > 0 {
        sink.write(lines, state);
        state.batches.fetch_add(1, Ordering::Relaxed);
        *lines = Lines::default();
    }
    if state.is_to_reopen.swap(false, Ordering::AcqRel) {
        sink.reopen();
    }
}
