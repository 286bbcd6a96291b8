//! The runs that are compared: the same tests twice direct and once through the gateway, side by side, each on a node
//! of its own that was just started.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

use anyhow::anyhow;
use cluster::{Kind, Node};
use scenarios::{Apis, Comparison, Outcome, Runner, Server, Suite, TestRun, Variation};

use crate::gateway::Gateway;

/// How often a progress is told, in files.
const TOLD_EVERY: usize = 50;

/// What is run, and how.
#[derive(Clone, Copy)]
pub(crate) struct Plan<'a> {
    pub(crate) suites: &'a [Suite],
    pub(crate) apis: &'a Apis,
    pub(crate) variation: Variation,
    /// The gateway's program.
    pub(crate) gateway: &'a PathBuf,
}

/// What came of it.
pub(crate) struct Runs {
    pub(crate) direct: [Vec<TestRun>; 2],
    pub(crate) through: Vec<TestRun>,
}

impl Runs {
    pub(crate) fn of(plan: Plan<'_>) -> anyhow::Result<Self> {
        thread::scope(|scope| {
            let direct = || scope.spawn(move || plan.run("direct", None));
            let started = [direct(), direct()];
            let through = plan.run("through the gateway", Some(plan.gateway))?;
            let [first, second] = started.map(|run| run.join().map_err(|_| anyhow!("a run has panicked"))?);
            Ok(Self {
                direct: [first?, second?],
                through,
            })
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
    fn run(self, name: &str, gateway: Option<&PathBuf>) -> anyhow::Result<Vec<TestRun>> {
        let started = Instant::now();
        let kind = Kind::default_for_this_machine()?;
        let repositories = tempfile::tempdir()?;
        let node = node(kind, repositories.path())?;
        let gateway = gateway.map(|program| Gateway::start(program, node.url())).transpose()?;
        let address: SocketAddr = format!("127.0.0.1:{}", node.port()).parse()?;
        let server = Server {
            address: gateway.as_ref().map_or(address, |gateway| gateway.address),
            node: address,
            version: kind.version().to_owned(),
            features: Vec::new(),
        };
        let mut runner = Runner::new(server, self.apis, self.variation);
        let mut runs = Vec::new();
        for (number, suite) in self.suites.iter().enumerate() {
            runs.extend(runner.run(suite)?);
            if (number + 1).is_multiple_of(TOLD_EVERY) {
                let seconds = started.elapsed().as_secs();
                eprintln!("{name}: {} tests after {seconds} s", runs.len());
            }
        }
        Ok(runs)
    }
}

/// A node as the vendor's own instructions for the tests demand it.
fn node(kind: Kind, repositories: &Path) -> Result<Node, cluster::Error> {
    Node::builder(kind)
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
