//! Puts what is hostile to a gateway, each to one of its own, and measures what that costs: memory, and the time of others.

use std::fmt;
use std::num::NonZero;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::hostile::{Hostile, Memory};
use super::pulse::{Beats, Load, Pulse, Workers};
use crate::gateway::Gateway;
use crate::nodes::Nodes;

/// How much longer a plain request may wait beside a hostile one.
pub const LONGEST_DELAY: Duration = Duration::from_millis(50);

/// How long the pulse is taken before and after a hostile request.
const MARGIN: Duration = Duration::from_millis(100);

/// How often a row is measured that does not hold: what the gateway does, it does every time, and what the machine does
/// meanwhile it does not.
const ATTEMPTS: u32 = 3;

/// How many times the memory of the row that it is compared with one may take.
const MORE_MEMORY: f64 = 1.3;

/// What allocators, stacks and tables may add to any memory, in bytes.
const ANY_MEMORY: u64 = 8 * 1024 * 1024;

/// What one of them cost.
#[derive(Debug)]
pub struct Row {
    name: String,
    took: Duration,
    /// Beside what the idle gateway had, in bytes.
    memory: u64,
    most_memory: Option<u64>,
    alone: Beats,
    beside: Beats,
}

impl Row {
    /// Whether all of it holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.memory_holds() && self.workers_hold() && self.clients_hold()
    }

    /// Whether it took no more memory than it may.
    #[must_use]
    pub fn memory_holds(&self) -> bool {
        self.most_memory.is_none_or(|most| self.memory <= most)
    }

    /// Whether no worker was busy for long while a plain request waited. What else the machine does has no part in it.
    #[must_use]
    pub fn workers_hold(&self) -> bool {
        self.beside.longest_busy() <= LONGEST_DELAY
    }

    /// Whether no plain request waited much longer than without it, by the clock.
    #[must_use]
    pub fn clients_hold(&self) -> bool {
        self.beside.worst() <= self.alone.worst() + LONGEST_DELAY
    }
}

/// All that was measured.
#[derive(Debug)]
pub struct Table(pub Vec<Row>);

impl Table {
    /// Whether all holds, by the clock too.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.0.iter().all(Row::holds)
    }
}

/// How rows are measured.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'p> {
    /// The gateway's program.
    pub gateway: &'p Path,
    /// The program whose process the node is; without one it is a thread.
    pub node: Option<&'p Path>,
    /// How long the pulse is taken without a hostile request.
    pub alone: Duration,
    /// Whether a row is good. One that is not is measured again, some times.
    pub holds: fn(&Row) -> bool,
}

/// Measures each.
pub fn measure(plan: Plan<'_>, hostile: &[Hostile]) -> anyhow::Result<Table> {
    let mut nodes = Nodes::places(1, plan.node)?;
    nodes.start(0)?;
    let mut table = Table(Vec::new());
    for hostile in hostile {
        let most_memory = match &hostile.memory {
            Memory::Shown => None,
            Memory::Bytes(bytes) => Some(*bytes),
            Memory::As(name) => table.0.iter().find(|row| row.name == *name).map(|row| more(row.memory)),
        };
        let mut row = measure_one(plan, &nodes.urls(), hostile, most_memory)?;
        for _ in 1..ATTEMPTS {
            if (plan.holds)(&row) {
                break;
            }
            println!("{row} again:");
            row = measure_one(plan, &nodes.urls(), hostile, most_memory)?;
        }
        println!("{row}");
        table.0.push(row);
    }
    nodes.end()?;
    Ok(table)
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a size of memory"
)]
fn more(memory: u64) -> u64 {
    (memory as f64 * MORE_MEMORY) as u64 + ANY_MEMORY
}

fn measure_one(plan: Plan<'_>, nodes: &[String], hostile: &Hostile, most_memory: Option<u64>) -> anyhow::Result<Row> {
    let gateway = Gateway::start(plan.gateway, nodes, hostile.settings, hostile.policies.as_deref())?;
    let workers = || Workers::of(gateway.process(), gateway.workers);
    Pulse::of(gateway.address, workers()?, MARGIN)?; // Everything has been used once.
    let idle = gateway.memory("VmRSS")? * 1024;
    let load = Load::start(thread::available_parallelism().map_or(1, NonZero::get));
    let alone = Pulse::of(gateway.address, workers()?, plan.alone)?;
    drop(load);
    let pulse = Pulse::start(gateway.address, workers()?);
    thread::sleep(MARGIN);
    let begun = Instant::now();
    let attacked = (hostile.attack)(&gateway);
    let took = begun.elapsed();
    thread::sleep(MARGIN);
    let beside = pulse.stop()?;
    attacked.map_err(|error| error.context(hostile.name.clone()))?;
    Ok(Row {
        name: hostile.name.clone(),
        took,
        memory: (gateway.memory("VmHWM")? * 1024).saturating_sub(idle),
        most_memory,
        alone,
        beside,
    })
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = |bytes: u64| format!("{} MiB", bytes.div_ceil(1024 * 1024));
        let millis = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
        let most = self.most_memory.map_or_else(|| "-".to_owned(), mebibytes);
        write!(
            f,
            "| {} | {:.2} s | {} | {most} | {} | {} | {} |",
            self.name,
            self.took.as_secs_f64(),
            mebibytes(self.memory),
            millis(self.alone.worst()),
            millis(self.beside.worst()),
            millis(self.beside.longest_busy()),
        )?;
        let broken: Vec<&str> = [
            (self.memory_holds(), "memory"),
            (self.workers_hold(), "workers"),
            (self.clients_hold(), "clients"),
        ]
        .into_iter()
        .filter_map(|(holds, what)| (!holds).then_some(what))
        .collect();
        let verdict = if broken.is_empty() {
            "yes".to_owned()
        } else {
            format!("NO: {}", broken.join(", "))
        };
        write!(f, " {verdict} |")
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| request | took | memory above idle | at most | slowest GET alone | slowest GET meanwhile | worker busy | holds |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        self.0.iter().try_for_each(|row| writeln!(f, "{row}"))?;
        writeln!(f, "holds: {}", self.holds())
    }
}
