//! Measures what clients that misbehave cost one that does not: its time alone and beside them, and the gateway's memory
//! and files before and after.

mod abusers;
mod claimed;
mod codings;
mod held;
mod honest;
pub mod hostile;
mod judged;
pub mod pulse;
mod quantile;
pub mod request;
pub mod rows;
pub mod shapes;

use std::fmt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::gateway::Gateway;
use crate::nodes::Nodes;
use abusers::Abusers;
use honest::Sample;

/// How long one measurement takes.
const TIME: Duration = Duration::from_secs(12);

/// How long it may take at the end until all that was opened is closed.
const SETTLING: Duration = Duration::from_secs(60);

/// How many times its time alone the honest client may take, at the 99th of 100.
const MOST: f64 = 2.0;

/// How much more memory than before a gateway may have at the end, in KiB: what the tables for so many connections keep.
const MEMORY_TOLERANCE: u64 = 5 * 1024;

/// A gateway's files and memory in KiB.
#[derive(Debug, Clone, Copy)]
struct Figures {
    files: usize,
    memory: u64,
}

/// What was measured.
#[derive(Debug)]
pub struct Report {
    alone: Sample,
    beside: Sample,
    by_round: Vec<(Duration, Duration)>,
    before: Figures,
    most: Figures,
    after: Figures,
}

/// Measures in turn, so many times, the honest client alone and beside the others.
pub fn measure(gateway: &Path, node: &Path, rounds: u32) -> anyhow::Result<Report> {
    // This process and the gateway hold both ends of some thousands of connections.
    rlimit::increase_nofile_limit(rlimit::INFINITY)?;
    let mut nodes = Nodes::places(1, Some(node))?;
    nodes.start(0)?;
    let gateway = Gateway::start(gateway, &nodes.urls(), "upstream: {idle_timeout: 2s}\n", None)?;
    honest::ask(gateway.address, TIME / 4)?; // Everything has been used once.
    let before = settled(&gateway, usize::MAX)?;
    let mut report = Report {
        alone: Sample::default(),
        beside: Sample::default(),
        by_round: Vec::new(),
        before,
        most: before,
        after: before,
    };
    for round in 1..=rounds {
        let alone = honest::ask(gateway.address, TIME)?;
        let abusers = Abusers::start(gateway.address)?;
        let beside = honest::ask(gateway.address, TIME)?;
        let now = figures(&gateway)?;
        let vanished = abusers.stop()?;
        settled(&gateway, before.files)?;
        report.most.files = report.most.files.max(now.files);
        report.most.memory = report.most.memory.max(now.memory);
        let (p99_alone, p99_beside) = (alone.quantile(0.99), beside.quantile(0.99));
        println!("{round}: p99 alone {p99_alone:?}, beside {p99_beside:?} ({vanished} vanished); {now:?}");
        report.by_round.push((p99_alone, p99_beside));
        report.alone.add(alone);
        report.beside.add(beside);
    }
    report.after = given_back(&gateway, before)?;
    nodes.end()?;
    Ok(report)
}

fn figures(gateway: &Gateway) -> anyhow::Result<Figures> {
    Ok(Figures {
        files: gateway.open_files()?,
        memory: gateway.memory("VmRSS")?,
    })
}

/// The figures once no more than so many files are open and idle connections to nodes have been closed, or when that does
/// not come about.
fn settled(gateway: &Gateway, files: usize) -> anyhow::Result<Figures> {
    let begun = Instant::now();
    let mut last = figures(gateway)?;
    let mut since = Instant::now();
    while begun.elapsed() < SETTLING && (last.files > files || since.elapsed() < Duration::from_secs(4)) {
        thread::sleep(Duration::from_millis(100));
        let now = figures(gateway)?;
        if now.files != last.files {
            since = Instant::now();
        }
        last = now;
    }
    Ok(last)
}

/// The figures once no more is taken than was before, or when a minute has passed: the allocator gives back what was
/// freed over some ten seconds.
fn given_back(gateway: &Gateway, before: Figures) -> anyhow::Result<Figures> {
    let begun = Instant::now();
    loop {
        let now = figures(gateway)?;
        let is_back = now.files <= before.files && now.memory <= before.memory;
        if is_back || begun.elapsed() > SETTLING {
            println!("after {:?}: {now:?}", begun.elapsed());
            return Ok(now);
        }
        thread::sleep(Duration::from_millis(500));
    }
}

impl Report {
    fn ratio(&self) -> f64 {
        self.beside.quantile(0.99).as_secs_f64() / self.alone.quantile(0.99).as_secs_f64()
    }

    /// Whether the honest client was served as well as is asked for, and all that was taken was given back.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.ratio() <= MOST
            && self.beside.failed() == 0
            && self.after.files <= self.before.files
            && self.after.memory <= self.before.memory + MEMORY_TOLERANCE
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "alone:  {}", self.alone)?;
        writeln!(f, "beside: {}", self.beside)?;
        writeln!(f, "p99 beside / p99 alone: {:.2} (at most {MOST})", self.ratio())?;
        for (name, figures) in [("before", self.before), ("beside", self.most), ("after", self.after)] {
            writeln!(f, "{name}: {} files, {} KiB of memory", figures.files, figures.memory)?;
        }
        writeln!(f, "holds: {}", self.holds())
    }
}
