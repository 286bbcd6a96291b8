//! What the clients were told, and whether it is true: held against what the nodes saw.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::journal::Journal;

/// How many faults are shown of each kind.
const SHOWN: usize = 5;

/// Longer than a node is frozen and an answer is late.
const SLOW: Duration = Duration::from_secs(10);

/// A request, as far as it matters whether its answer is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) id: u64,
    /// Whether to ask twice is to ask once.
    pub(crate) is_safe: bool,
}

/// What a client was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// The whole answer, every byte of it right.
    Done,
    /// The client left before it could be told.
    Left,
    /// An error of the gateway's own, by status and type.
    Refused(u16, String),
    /// A part of an answer, seen to be one.
    CutOff,
    /// A part of an answer that looks whole.
    Short,
    /// Bytes that no node has sent for this request.
    WrongBytes(String),
    /// Nothing, or nothing whole.
    Nothing(String),
}

/// A request whose client was not told what it asked for.
#[derive(Debug, Clone)]
struct Failure {
    asked: Asked,
    begun: Instant,
    ended: Instant,
    told: Told,
}

/// A time in which requests may fail, and why.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trouble {
    pub(crate) from: Instant,
    pub(crate) to: Instant,
    pub(crate) cause: Cause,
}

/// Why requests may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// A node is being killed: what it was doing is lost.
    Kill,
    /// The nodes make faults.
    Faults,
    /// No node is there.
    NoNode,
}

#[derive(Debug, Default)]
struct Entries {
    /// How many were told what they asked for, and the ids of those whose writes were acknowledged.
    done: u64,
    left: u64,
    acknowledged: Vec<u64>,
    failures: Vec<Failure>,
    slowest: Duration,
    /// Those that took longer than anything that happens to nodes.
    slow: Vec<(Asked, Duration, Told)>,
}

/// What all clients were told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Entries>>);

/// What came out. Faults are what must not be.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// How many requests were answered whole and right.
    pub done: u64,
    /// Of how many requests the client has left.
    pub left: u64,
    /// How many requests were not answered whole, by what their clients were told.
    pub failed: BTreeMap<String, u64>,
    /// The longest time that an answer took.
    pub slowest: Duration,
    /// Some of those that took longer than anything that happens to nodes.
    pub slow: Vec<String>,
    /// What must not be, by kind: how often, and some of them.
    pub faults: BTreeMap<&'static str, (u64, Vec<String>)>,
}

impl Ledger {
    pub(crate) fn enter(&self, asked: Asked, begun: Instant, told: Told) {
        let ended = Instant::now();
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let took = ended - begun;
        entries.slowest = entries.slowest.max(took);
        if took > SLOW {
            entries.slow.push((asked, took, told.clone()));
        }
        match told {
            Told::Done => {
                entries.done += 1;
                if !asked.is_safe {
                    entries.acknowledged.push(asked.id);
                }
            }
            Told::Left => entries.left += 1,
            told => entries.failures.push(Failure {
                asked,
                begun,
                ended,
                told,
            }),
        }
    }

    /// How many requests were answered so far.
    pub(crate) fn done(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).done
    }

    /// Holds everything against what the nodes saw of the requests up to `last`, and when there was trouble.
    pub(crate) fn judge(&self, journal: &Journal, last: u64, troubles: &[Trouble]) -> Verdict {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut verdict = Verdict {
            done: entries.done,
            left: entries.left,
            slowest: entries.slowest,
            ..Verdict::default()
        };
        let slow = entries.slow.iter().take(SHOWN);
        verdict.slow = slow
            .map(|(asked, took, told)| format!("{took:?} {asked:?} {told:?} {:?}", journal.record(asked.id)))
            .collect();
        for id in 0..last {
            let record = journal.record(id);
            if record.heads > 1 + u8::from(record.is_repeatable) {
                verdict.fault("a request reached nodes more than once", || format!("{id}: {record:?}"));
            }
            if record.wrong_bytes {
                verdict.fault("wrong bytes at a node", || id.to_string());
            }
        }
        for id in &entries.acknowledged {
            if journal.record(*id).whole != 1 {
                verdict.fault("a write was acknowledged that no node has", || id.to_string());
            }
        }
        for failure in &entries.failures {
            verdict.failure(failure, journal, troubles);
        }
        verdict
    }
}

impl Verdict {
    /// Whether nothing was found that must not be.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    pub(crate) fn fault(&mut self, kind: &'static str, example: impl FnOnce() -> String) {
        let (count, examples) = self.faults.entry(kind).or_default();
        *count += 1;
        if examples.len() < SHOWN {
            examples.push(example());
        }
    }

    fn failure(&mut self, failure: &Failure, journal: &Journal, troubles: &[Trouble]) {
        let Failure {
            asked,
            begun,
            ended,
            told,
        } = failure;
        let record = journal.record(asked.id);
        let describe = || format!("{asked:?} {told:?} {record:?}");
        let name = match told {
            Told::Refused(status, name) => format!("{status} {name}"),
            Told::CutOff => "cut off, and seen to be".to_owned(),
            Told::Nothing(error) => format!("no answer: {error}"),
            other => format!("{other:?}"),
        };
        *self.failed.entry(name).or_default() += 1;
        match told {
            Told::WrongBytes(_) => self.fault("wrong bytes at a client", describe),
            Told::Short => self.fault("a part of an answer looked whole", describe),
            Told::Nothing(_) => self.fault("a client was told nothing", describe),
            // Clients repeat these by themselves: nothing of a write may have reached a node.
            Told::Refused(502..=504, _) if !asked.is_safe && record.heads > 0 => {
                self.fault("a client may repeat a write that a node has", describe);
            }
            // Nothing was sent, it says.
            Told::Refused(503, _) if record.heads > 0 => self.fault("told to be unsent, but a node has it", describe),
            _ => {}
        }
        let overlaps = |cause| {
            let mut troubles = troubles.iter().filter(|trouble| trouble.cause == cause);
            troubles.any(|trouble| *begun <= trouble.to && *ended >= trouble.from)
        };
        let is_unavailable = matches!(told, Told::Refused(503, _));
        let is_excused = if is_unavailable {
            overlaps(Cause::NoNode)
        } else {
            // A fault that a node has made to this request, or to its connection before it read anything.
            record.broken || overlaps(Cause::Kill) || (overlaps(Cause::Faults) && record.heads == 0)
        };
        if !is_excused {
            self.fault("a request failed without a reason", describe);
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "answered whole and right: {}", self.done)?;
        writeln!(f, "left by their clients:    {}", self.left)?;
        for (told, count) in &self.failed {
            writeln!(f, "told honestly:            {count} × {told}")?;
        }
        writeln!(f, "slowest answer:           {:?}", self.slowest)?;
        for slow in &self.slow {
            writeln!(f, "slow:                     {slow}")?;
        }
        if self.faults.is_empty() {
            return writeln!(f, "what must not be:         nothing");
        }
        for (kind, (count, examples)) in &self.faults {
            writeln!(f, "MUST NOT BE: {count} × {kind}")?;
            for example in examples {
                writeln!(f, "    {example}")?;
            }
        }
        Ok(())
    }
}
