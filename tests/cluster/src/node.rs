//! A running JVM with one or more nodes in it.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Seek, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, ExitStatus},
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    Builder, Certificates, Kind,
    error::{Doing, Error},
    guarded,
};

/// More than the launcher's own patience, so that it is the launcher that says what was missing.
const ANSWER_PATIENCE: Duration = Duration::from_secs(150);
/// More than the launcher gives its nodes for closing.
const CLOSING_PATIENCE: Duration = Duration::from_secs(15);

/// Nodes that answer, in a JVM of their own.
///
/// The JVM ends with this value, and with this process however that ends. Dropping it does not wait for an orderly end
/// if the data is temporary and nobody can want it any more.
#[derive(Debug)]
pub struct Node {
    pub(crate) kind: Kind,
    jvm: Child,
    /// Its end tells the launcher to end.
    commands: Option<ChildStdin>,
    answers: Mutex<Receiver<String>>,
    urls: Vec<String>,
    home: Home,
    log: Log,
    certificates: Option<Certificates>,
}

/// The folder that the nodes' data is in.
#[derive(Debug)]
pub(crate) enum Home {
    Kept(PathBuf),
    Temporary(TempDir),
}

impl Home {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Home::Kept(path) => path,
            Home::Temporary(folder) => folder.path(),
        }
    }
}

/// What the JVM writes to its standard error.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    /// Kept open, as a JVM that could not start removes its temporary folder with the file in it.
    file: File,
}

impl Log {
    pub(crate) fn begin(home: &Path) -> io::Result<Log> {
        let path = home.join("launcher.log");
        // Appending, so that reading here does not move where the JVM writes.
        let file = File::options().read(true).append(true).create(true).open(&path)?;
        file.set_len(0)?;
        Ok(Log { path, file })
    }

    pub(crate) fn for_the_jvm(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    fn last_lines(&self) -> String {
        let mut file = &self.file;
        file.rewind()
            .map_or_else(|error| error.to_string(), |()| guarded::last_lines(file))
    }
}

impl Node {
    /// Says what to start and how.
    pub fn builder(kind: Kind) -> Builder {
        Builder::new(kind)
    }

    /// Takes over a launcher that was just started and waits until its nodes answer.
    pub(crate) fn awaited(
        kind: Kind,
        mut jvm: Child,
        home: Home,
        log: Log,
        certificates: Option<Certificates>,
    ) -> Result<Node, Error> {
        let commands = jvm.stdin.take();
        let answers = Mutex::new(lines_of(jvm.stdout.take()));
        let mut node = Node {
            kind,
            jvm,
            commands,
            answers,
            urls: Vec::new(),
            home,
            log,
            certificates,
        };
        let ready = node.answer()?;
        node.take_urls(&ready);
        Ok(node)
    }

    /// What runs.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Where the first node answers: `http://127.0.0.1:PORT`, or `https://…` where it has TLS.
    #[must_use]
    pub fn url(&self) -> &str {
        self.urls.first().map_or("", String::as_str)
    }

    /// The first node's HTTP port, to start it there again.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.url()
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok())
            .unwrap_or_default()
    }

    /// Where each node answers, or did before it was stopped.
    #[must_use]
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// The JVM's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.jvm.id()
    }

    /// The file that the JVM's output goes to; it begins anew with every start.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log.path
    }

    /// The folder that the data of all nodes is in.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.home.path()
    }

    /// The certificates of a kind with users and roles.
    #[must_use]
    pub fn certificates(&self) -> Option<&Certificates> {
        self.certificates.as_ref()
    }

    /// Closes the node of this number, from 0 on; the others go on.
    pub fn stop_one(&mut self, number: u32) -> Result<(), Error> {
        self.tell(&format!("stop {number}")).map(|_| ())
    }

    /// Starts a node again that was stopped, with its data and its port, and waits until all that run answer.
    pub fn start_one(&mut self, number: u32) -> Result<(), Error> {
        let answer = self.tell(&format!("start {number}"))?;
        self.take_urls(&answer);
        Ok(())
    }

    /// Ends the JVM as a power cut would, with SIGKILL, and waits until it is gone. A new one can then be started with
    /// its data and its port.
    pub fn kill(mut self) -> Result<(), Error> {
        self.kill_and_wait()
    }

    /// Closes the nodes and waits until the JVM has ended.
    pub fn stop(mut self) -> Result<(), Error> {
        self.close_and_wait()
    }

    fn kill_and_wait(&mut self) -> Result<(), Error> {
        let kind = self.kind;
        self.jvm.kill().doing(|| format!("killing {kind}"))?;
        self.jvm.wait().doing(|| format!("waiting for {kind}"))?;
        Ok(())
    }

    fn close_and_wait(&mut self) -> Result<(), Error> {
        self.commands = None;
        let deadline = Instant::now() + CLOSING_PATIENCE;
        while Instant::now() < deadline {
            if self.ended()?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.kill_and_wait()
    }

    fn ended(&mut self) -> Result<Option<ExitStatus>, Error> {
        let kind = self.kind;
        self.jvm.try_wait().doing(|| format!("asking after {kind}"))
    }

    fn tell(&mut self, command: &str) -> Result<String, Error> {
        if let Some(commands) = &mut self.commands {
            // A launcher that has ended says so by the end of its answers.
            let _ = writeln!(commands, "{command}");
        }
        let answer = self.answer()?;
        match answer.strip_prefix("failed ") {
            None => Ok(answer),
            Some(reason) => Err(Error::Refused {
                command: command.to_owned(),
                reason: reason.to_owned(),
            }),
        }
    }

    fn answer(&mut self) -> Result<String, Error> {
        let answers = self.answers.get_mut().unwrap_or_else(PoisonError::into_inner);
        match answers.recv_timeout(ANSWER_PATIENCE) {
            Ok(answer) => Ok(answer),
            Err(RecvTimeoutError::Timeout) => Err(Error::NoAnswer {
                kind: self.kind,
                seconds: ANSWER_PATIENCE.as_secs(),
                last_lines: self.log.last_lines(),
            }),
            Err(RecvTimeoutError::Disconnected) => {
                let kind = self.kind;
                let status = self.jvm.wait().doing(|| format!("waiting for {kind}"))?;
                Err(Error::Ended {
                    kind,
                    status,
                    last_lines: self.log.last_lines(),
                })
            }
        }
    }

    fn take_urls(&mut self, ready: &str) {
        self.urls = ready.split(' ').skip(1).map(str::to_owned).collect();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if !matches!(self.ended(), Ok(None)) {
            return;
        }
        // A drop has nobody to give an error to, and what is left of the JVM ends with this process.
        let _ = match self.home {
            Home::Kept(_) => self.close_and_wait(),
            Home::Temporary(_) => self.kill_and_wait(),
        };
    }
}

/// Read on a thread, as waiting for a line with a deadline is not possible otherwise.
fn lines_of(output: Option<ChildStdout>) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    if let Some(output) = output {
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
    }
    lines
}
