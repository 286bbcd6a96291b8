//! The pulse of a gateway's workers: plain requests at a fixed pace through all of them, how long each waited, and how
//! long a worker was busy meanwhile.
//!
//! How long a request waits depends on whatever else a machine of two cores is doing. So two figures are kept of each:
//! its time, from the moment at which it was due, and how much of that time a worker spent on a core without having
//! answered it. Linux counts the latter for each thread, and what other processes do does not add to it: a request that
//! waited long although no worker was busy was held up by the machine. Who asks for a time as clients see it measures it
//! beside a load of its own ([`Load`]) and compares.

use std::fs::File;
use std::net::SocketAddr;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::quantile::quantile;
use crate::exchange::{Answer, AnswerFraming, Exchange};
use crate::wire::{Framing, Reader};

/// How many connections there are: the kernel deals them out, and hardly ever all of so many to one worker of two.
const CONNECTIONS: u32 = 8;

/// How often each of them asks. All together they ask every 5 ms, so that each of two workers is asked every 10 ms.
const PACE: Duration = Duration::from_millis(40);

/// How long an answer may take before the gateway counts as stopped.
const PATIENCE: Duration = Duration::from_secs(120);

/// One request.
#[derive(Debug, Clone, Copy, Default)]
struct Beat {
    /// From when it was due until it was answered.
    waited: Duration,
    /// How long of that the busiest worker was on a core.
    busy: Duration,
}

/// What came of all requests.
#[derive(Debug, Clone, Default)]
pub struct Beats(Vec<Beat>);

impl Beats {
    /// How many there were.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The longest time that one waited.
    #[must_use]
    pub fn worst(&self) -> Duration {
        self.quantile(1.0)
    }

    /// The time that this part of them waited at most.
    #[must_use]
    pub fn quantile(&self, part: f64) -> Duration {
        quantile(self.0.iter().map(|beat| beat.waited), part)
    }

    /// The longest time that a worker was busy while one waited.
    #[must_use]
    pub fn longest_busy(&self) -> Duration {
        self.0.iter().map(|beat| beat.busy).max().unwrap_or_default()
    }
}

/// A client that keeps asking.
#[derive(Debug)]
pub struct Pulse {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<anyhow::Result<Beats>>,
}

impl Pulse {
    /// Begins to ask a gateway, which has these workers.
    #[must_use]
    pub fn start(gateway: SocketAddr, workers: Workers) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(ask(gateway, &Arc::new(workers), &stopped))
        });
        Self { stop, thread }
    }

    /// Ends once every request that was due has been answered.
    pub fn stop(self) -> anyhow::Result<Beats> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("the pulse panicked"))?
    }

    /// What a time has shown.
    pub fn of(gateway: SocketAddr, workers: Workers, time: Duration) -> anyhow::Result<Beats> {
        let pulse = Self::start(gateway, workers);
        thread::sleep(time);
        pulse.stop()
    }
}

async fn ask(gateway: SocketAddr, workers: &Arc<Workers>, stop: &Arc<AtomicBool>) -> anyhow::Result<Beats> {
    let begun = Instant::now();
    let connections = (0..CONNECTIONS).map(|number| {
        let first = begun + PACE / CONNECTIONS * number;
        tokio::spawn(keep_asking(gateway, first, Arc::clone(workers), Arc::clone(stop)))
    });
    let mut beats = Beats::default();
    for connection in connections.collect::<Vec<_>>() {
        beats.0.extend(connection.await??.0);
    }
    Ok(beats)
}

async fn keep_asking(
    gateway: SocketAddr,
    first: Instant,
    workers: Arc<Workers>,
    stop: Arc<AtomicBool>,
) -> anyhow::Result<Beats> {
    let mut stream = TcpStream::connect(gateway).await?;
    stream.set_nodelay(true)?;
    let mut beats = Beats::default();
    let mut due = first;
    loop {
        tokio::time::sleep_until(due.into()).await;
        if stop.load(Ordering::Relaxed) {
            return Ok(beats);
        }
        let before = workers.times()?;
        let asked = tokio::time::timeout(PATIENCE, ask_once(&mut stream));
        asked.await.context("the gateway answers no more")??;
        let waited = due.elapsed();
        let busy = workers
            .times()?
            .into_iter()
            .zip(before)
            .map(|(now, then)| now.saturating_sub(then));
        let busy = busy.max().unwrap_or_default().min(waited);
        beats.0.push(Beat { waited, busy });
        due += PACE;
    }
}

async fn ask_once(stream: &mut TcpStream) -> anyhow::Result<()> {
    let answer = Answer {
        framing: AnswerFraming::Sized,
        length: 100,
    };
    let exchange = Exchange { id: 0, body: 0, answer };
    let request = format!("GET {} HTTP/1.1\r\nHost: pulse\r\n\r\n", exchange.target());
    stream.write_all(request.as_bytes()).await?;
    let mut reader = Reader::new(stream);
    let head = reader
        .head()
        .await?
        .context("a plain request's connection was closed")?;
    reader.body(head.framing().unwrap_or(Framing::Closing), |_| {}).await?;
    if head.word(1) != "200" {
        bail!("a plain request was answered {}", head.start());
    }
    Ok(())
}

/// The worker threads of a gateway, whose time on a core Linux counts.
#[derive(Debug)]
pub struct Workers(Vec<File>);

impl Workers {
    /// Those of a process, which has so many.
    pub fn of(process: u32, count: usize) -> anyhow::Result<Self> {
        let begun = Instant::now();
        loop {
            let mut files = Vec::new();
            for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
                let folder: PathBuf = thread?.path();
                // Other threads may end meanwhile.
                let name = std::fs::read_to_string(folder.join("comm")).unwrap_or_default();
                if name.starts_with("worker-") {
                    files.push(File::open(folder.join("schedstat"))?);
                }
            }
            // A thread has its name once it runs.
            if files.len() == count {
                return Ok(Self(files));
            }
            if begun.elapsed() > PATIENCE {
                bail!("the gateway has {} workers in place of {count}", files.len());
            }
            thread::yield_now();
        }
    }

    /// How long each has been on a core so far.
    fn times(&self) -> anyhow::Result<Vec<Duration>> {
        let time = |file: &File| {
            let mut text = [0; 64];
            let length = file.read_at(&mut text, 0)?;
            let text = std::str::from_utf8(text.get(..length).unwrap_or_default())?;
            let nanos = text.split_whitespace().next().context("no time of a thread")?;
            Ok(Duration::from_nanos(nanos.parse()?))
        };
        self.0.iter().map(time).collect()
    }
}

/// Threads of this process that are always busy: what a gateway at work does to the machine, without the gateway.
#[derive(Debug)]
pub struct Load {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// So many threads, from now on.
    #[must_use]
    pub fn start(threads: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let spin = |stop: Arc<AtomicBool>| {
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            })
        };
        let threads = (0..threads).map(|_| spin(Arc::clone(&stop))).collect();
        Self { stop, threads }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
