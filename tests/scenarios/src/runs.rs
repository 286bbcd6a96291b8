//! The runs that are compared: the same tests twice direct and once through the gateway, each on a node of its own that
//! was just started.

use std::{net::SocketAddr, path::Path, thread, time::Instant};

use anyhow::anyhow;
use cluster::{Kind, Node};
use tempfile::TempDir;

use scenarios::{Apis, Comparison, Outcome, Runner, Server, Suite, TestRun, Variation};

use crate::gateway::Gateway;

/// How often a progress is told, in files.
const TOLD_EVERY: usize = 50;

/// A node counts the connections that are made to it, and shows how many there were. So only requests make some.
const CONFIGURATION: &str = "upstream: {probe: off}\n";

/// What is run, and how.
#[derive(Clone, Copy)]
pub(crate) struct Plan<'a> {
    pub(crate) suites: &'a [Suite],
    pub(crate) apis: &'a Apis,
    pub(crate) variation: Variation,
    /// The gateway's program.
    pub(crate) gateway: &'a Path,
}

/// What came of it.
pub(crate) struct Runs {
    pub(crate) direct: [Vec<TestRun>; 2],
    pub(crate) through: Vec<TestRun>,
}

impl Runs {
    /// All runs side by side, which takes a third of the time.
    pub(crate) fn side_by_side(plan: Plan<'_>) -> anyhow::Result<Self> {
        // All are there before the first test is run, as two runs without the third are in vain.
        let servers = [Started::direct()?, Started::direct()?, Started::through(plan.gateway)?];
        thread::scope(|scope| {
            let started = servers.each_ref().map(|server| scope.spawn(move || plan.run(server)));
            let [first, second, through] = started.map(|run| run.join().map_err(|_| anyhow!("a run has panicked"))?);
            Ok(Self {
                direct: [first?, second?],
                through: through?,
            })
        })
    }

    /// One run after the other, that through the gateway between the others: what only grows, such as the time and the
    /// machine's load, and is alike in both of them, has been so in it, too.
    pub(crate) fn in_turn(plan: Plan<'_>) -> anyhow::Result<Self> {
        let first = plan.run(&Started::direct()?)?;
        let through = plan.run(&Started::through(plan.gateway)?)?;
        let second = plan.run(&Started::direct()?)?;
        Ok(Self {
            direct: [first, second],
            through,
        })
    }

    pub(crate) fn comparison(&self) -> Comparison {
        let [first, second] = &self.direct;
        Comparison::of([first, second], &self.through)
    }

    pub(crate) fn summaries(&self) -> [String; 3] {
        let [first, second] = &self.direct;
        [
            summary("direct", first),
            summary("direct again", second),
            summary("through the gateway", &self.through),
        ]
    }
}

impl Plan<'_> {
    fn run(self, started: &Started) -> anyhow::Result<Vec<TestRun>> {
        let since = Instant::now();
        let mut runner = Runner::new(started.server()?, self.apis, self.variation);
        let mut runs = Vec::new();
        for (number, suite) in self.suites.iter().enumerate() {
            runs.extend(runner.run(suite)?);
            if (number + 1).is_multiple_of(TOLD_EVERY) {
                eprintln!(
                    "{}: {} tests after {} s",
                    started.name(),
                    runs.len(),
                    since.elapsed().as_secs()
                );
            }
        }
        Ok(runs)
    }
}

/// A node, and what stands before it.
struct Started {
    node: Node,
    gateway: Option<Gateway>,
    /// Where the node's snapshots go.
    _repositories: TempDir,
}

impl Started {
    fn direct() -> anyhow::Result<Self> {
        let repositories = tempfile::tempdir()?;
        Ok(Self {
            node: node(repositories.path())?,
            gateway: None,
            _repositories: repositories,
        })
    }

    fn through(gateway: &Path) -> anyhow::Result<Self> {
        let direct = Self::direct()?;
        let gateway = Gateway::start(gateway, direct.node.url(), CONFIGURATION)?;
        Ok(Self {
            gateway: Some(gateway),
            ..direct
        })
    }

    fn name(&self) -> &'static str {
        match self.gateway {
            Some(_) => "through the gateway",
            None => "direct",
        }
    }

    fn server(&self) -> anyhow::Result<Server> {
        let node: SocketAddr = format!("127.0.0.1:{}", self.node.port()).parse()?;
        Ok(Server {
            address: self.gateway.as_ref().map_or(node, |gateway| gateway.address),
            node,
            version: self.node.kind().version().to_owned(),
            features: Vec::new(),
        })
    }
}

/// A node as the vendor's own instructions for the tests demand it.
fn node(repositories: &Path) -> Result<Node, cluster::Error> {
    Node::builder(Kind::default_for_this_machine()?)
        .setting("path.repo", repositories.display().to_string())
        .setting("node.attr.testattr", "test")
        .setting("repositories.url.allowed_urls", "http://snapshot.*")
        .start()
}

fn summary(name: &str, runs: &[TestRun]) -> String {
    let count = |wanted: fn(&Outcome) -> bool| runs.iter().filter(|run| wanted(&run.outcome)).count();
    let passed = count(|outcome| *outcome == Outcome::Passed);
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
    let exchanges: usize = runs.iter().map(TestRun::exchanges).sum();
    format!("{name}: {passed} passed, {failed} failed, {skipped} skipped, {exchanges} exchanges")
}
