//! What happens to the nodes, and when requests may therefore fail.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::ledger::{Cause, Trouble};
use crate::node;
use crate::nodes::Nodes;

/// How long after a node was killed, or was told to behave, requests may still meet what it left: the gateway reads of
/// the end of a connection when it comes to it.
const AFTERMATH: Duration = Duration::from_millis(500);

/// The nodes, what has happened to them so far, and how fast it happens.
pub(crate) struct Schedule {
    pub(crate) nodes: Nodes,
    pub(crate) troubles: Vec<Trouble>,
    /// How long a second lasts.
    pub(crate) pace: f64,
    round: usize,
}

impl Schedule {
    pub(crate) fn new(nodes: Nodes, pace: f64) -> Self {
        Self {
            nodes,
            troubles: Vec::new(),
            pace,
            round: 0,
        }
    }

    /// Starts all nodes.
    pub(crate) fn start(&mut self) -> anyhow::Result<()> {
        (0..self.nodes.len()).try_for_each(|place| self.nodes.start(place))
    }

    /// Everything that can happen, once, in some 35 seconds.
    pub(crate) fn round(&mut self) -> anyhow::Result<()> {
        let place = self.round % self.nodes.len();
        self.round += 1;
        self.quiet(3.0);
        self.one_is_killed(place)?;
        self.quiet(3.0);
        self.all_fail()?;
        self.quiet(2.0);
        self.one_is_frozen((place + 1) % self.nodes.len())?;
        self.quiet(2.0);
        self.all_are_killed()?;
        self.quiet(3.0);
        Ok(())
    }

    fn quiet(&self, seconds: f64) {
        sleep(Duration::from_secs_f64(seconds * self.pace));
    }

    /// Of what the node was not doing nothing may fail while it is away: the others are there.
    fn one_is_killed(&mut self, place: usize) -> anyhow::Result<()> {
        let from = Instant::now();
        self.nodes.kill(place)?;
        self.note(Cause::Kill, from);
        self.quiet(5.0);
        self.nodes.start(place)
    }

    fn all_fail(&mut self) -> anyhow::Result<()> {
        let from = Instant::now();
        self.nodes.order(node::FAIL)?;
        self.quiet(12.0);
        self.nodes.order(node::BEHAVE)?;
        self.note(Cause::Faults, from);
        Ok(())
    }

    /// A node that does nothing for a while fails nothing: it answers later.
    fn one_is_frozen(&mut self, place: usize) -> anyhow::Result<()> {
        if self.nodes.are_processes() {
            self.nodes.freeze(place, true)?;
            self.quiet(3.0);
            self.nodes.freeze(place, false)?;
        }
        Ok(())
    }

    fn all_are_killed(&mut self) -> anyhow::Result<()> {
        let from = Instant::now();
        (0..self.nodes.len()).try_for_each(|place| self.nodes.kill(place))?;
        self.note(Cause::Kill, from);
        self.quiet(2.0);
        self.start()?;
        self.note(Cause::NoNode, from);
        Ok(())
    }

    fn note(&mut self, cause: Cause, from: Instant) {
        let to = Instant::now() + AFTERMATH;
        self.troubles.push(Trouble { from, to, cause });
    }
}
