//! A run: clients, gateways and nodes, for so long, and what came of it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use fastrand::Rng;
use tokio::task::JoinSet;

use crate::client::{self, Shared};
use crate::gateway::Gateway;
use crate::ledger::{Ledger, Verdict};
use crate::nodes::Nodes;
use crate::schedule::Schedule;

/// How long the gateway keeps idle connections to nodes in a run, so that one does not have to wait for long to see
/// whether it closes them.
const IDLE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long it may take at the end until all that was opened is closed.
const SETTLING: Duration = Duration::from_secs(30);

/// For how long nothing may have been opened or closed at the start.
const STEADY: Duration = Duration::from_secs(1);

/// How much more memory than after the first round a gateway may have at the end, in KiB: the allocator's leftovers.
const MEMORY_TOLERANCE: u64 = 16 * 1024;

/// How many nodes there are.
const NODES: usize = 3;

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The gateway's program.
    pub gateway: PathBuf,
    /// The program of a node, this crate's own; without one nodes live on threads.
    pub node: Option<PathBuf>,
    /// For how long.
    pub time: Duration,
    /// How long a second of the schedule lasts.
    pub pace: f64,
    /// How many gateways there are.
    pub gateways: usize,
    /// How many clients there are of each gateway.
    pub clients: usize,
}

/// A gateway's figures at some time.
#[derive(Debug, Clone, Copy, Default)]
struct Figures {
    files: usize,
    memory: u64,
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// What the clients were told, and whether it was true.
    pub verdict: Verdict,
    /// How many requests were made.
    requests: u64,
    rounds: u32,
    /// Of each gateway: when it had started, after the first round, at the end with all nodes there, after it without.
    figures: Vec<[Figures; 4]>,
}

/// Does it.
pub fn run(plan: &Plan) -> anyhow::Result<Report> {
    let nodes = Nodes::places(NODES, plan.node.as_deref())?;
    let settings = format!("upstream: {{idle_timeout: {}s}}\n", IDLE_TIMEOUT.as_secs());
    let gateways = (0..plan.gateways).map(|_| Gateway::start(&plan.gateway, &nodes.urls(), &settings, None));
    let gateways = gateways.collect::<anyhow::Result<Vec<_>>>()?;
    // Before the nodes are there: none of these files is a connection to one.
    let at_start = steady(&gateways)?;
    let mut schedule = Schedule::new(nodes, plan.pace);
    schedule.start()?;

    let shared = Shared {
        ledger: Ledger::default(),
        next_id: Arc::new(AtomicU64::new(0)),
        stop: Arc::new(AtomicBool::new(false)),
    };
    let clients = start_clients(plan, &gateways, &shared);
    let begun = Instant::now();
    let mut rounds = 0;
    let mut warm = None;
    while begun.elapsed() < plan.time {
        schedule.round()?;
        rounds += 1;
        let now = figures(&gateways)?;
        println!(
            "{:>5.0} s  {:>9} answered  {now:?}",
            begun.elapsed().as_secs_f64(),
            shared.ledger.done()
        );
        warm.get_or_insert(now);
    }
    shared.stop.store(true, Ordering::Relaxed);
    clients.join().map_err(|_| anyhow!("the clients panicked"))??;

    // Each node is probed on a connection that is never idle for long.
    let with_nodes = settled(&gateways, &at_start, NODES)?;
    schedule.nodes.end()?;
    let without_nodes = settled(&gateways, &at_start, 0)?;
    let requests = shared.next_id.load(Ordering::Relaxed);
    let mut report = Report {
        verdict: shared
            .ledger
            .judge(schedule.nodes.journal(), requests, &schedule.troubles),
        requests,
        rounds,
        figures: Vec::new(),
    };
    let warm = warm.unwrap_or_else(|| at_start.clone());
    for (((start, warm), with_nodes), end) in at_start.into_iter().zip(warm).zip(with_nodes).zip(without_nodes) {
        report.hold_figures([start, warm, with_nodes, end]);
    }
    Ok(report)
}

/// The clients of all gateways, on a thread of their own.
fn start_clients(plan: &Plan, gateways: &[Gateway], shared: &Shared) -> JoinHandle<anyhow::Result<()>> {
    let addresses: Vec<_> = gateways.iter().map(|gateway| gateway.address).collect();
    let (shared, count) = (shared.clone(), plan.clients);
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut clients = JoinSet::new();
            for seed in 0..count as u64 {
                for address in &addresses {
                    clients.spawn(client::run(*address, shared.clone(), Rng::with_seed(seed)));
                }
            }
            while let Some(ended) = clients.join_next().await {
                ended?;
            }
            Ok(())
        })
    })
}

fn figures(gateways: &[Gateway]) -> anyhow::Result<Vec<Figures>> {
    let figures = gateways.iter().map(|gateway| {
        Ok(Figures {
            files: gateway.open_files()?,
            memory: gateway.memory("VmRSS")?,
        })
    });
    figures.collect()
}

/// The figures once a gateway has opened all that it opens by itself: its threads are not all at work when it listens.
fn steady(gateways: &[Gateway]) -> anyhow::Result<Vec<Figures>> {
    let mut last = figures(gateways)?;
    let mut since = Instant::now();
    while since.elapsed() < STEADY {
        thread::sleep(STEADY / 20);
        let now = figures(gateways)?;
        let is_same = now.iter().zip(&last).all(|(now, last)| now.files == last.files);
        if !is_same {
            since = Instant::now();
        }
        last = now;
    }
    Ok(last)
}

/// The figures once no more files than at the start and these are open, or when that does not come about.
fn settled(gateways: &[Gateway], start: &[Figures], more: usize) -> anyhow::Result<Vec<Figures>> {
    let begun = Instant::now();
    loop {
        let now = figures(gateways)?;
        let is_settled = now
            .iter()
            .zip(start)
            .all(|(now, start)| now.files <= start.files + more);
        if is_settled || begun.elapsed() > SETTLING {
            return Ok(now);
        }
        thread::sleep(Duration::from_millis(100));
    }
}

impl Report {
    fn hold_figures(&mut self, figures: [Figures; 4]) {
        let [start, warm, with_nodes, end] = figures;
        if with_nodes.files > start.files + NODES || end.files > start.files {
            self.verdict.fault("files are left open", || format!("{figures:?}"));
        }
        if end.memory > warm.memory + MEMORY_TOLERANCE {
            self.verdict.fault("memory grows", || format!("{figures:?}"));
        }
        self.figures.push(figures);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "requests:                 {} in {} rounds",
            self.requests, self.rounds
        )?;
        self.verdict.fmt(f)?;
        for [start, warm, with_nodes, end] in &self.figures {
            writeln!(
                f,
                "open files:               {} at the start, {} at the end with the nodes there, {} without",
                start.files, with_nodes.files, end.files
            )?;
            writeln!(
                f,
                "memory in KiB:            {} at the start, {} after the first round, {} at the end",
                start.memory, warm.memory, end.memory
            )?;
        }
        Ok(())
    }
}
