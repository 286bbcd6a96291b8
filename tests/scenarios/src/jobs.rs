//! The vendors' tests of jobs, before each OpenSearch with a gateway that serves jobs.

use std::{collections::BTreeSet, fmt, net::SocketAddr, path::Path};

use anyhow::{Context, ensure};
use cluster::{Kind, Node};

use scenarios::{Apis, JobTest, Outcome, Published, Runner, Server, Suite, TestRun, Variation};

use crate::gateway::Gateway;

/// What jobs are served before.
const KINDS: [Kind; 2] = [Kind::OpenSearch3, Kind::OpenSearch2];

/// Which tests are run, and how.
pub(crate) struct Plan<'a> {
    /// Where the tests are.
    pub(crate) folder: &'a Path,
    /// Only files whose name has this in it.
    pub(crate) only: &'a str,
    /// The version that jobs are served as, for tests that no other is right for.
    pub(crate) api: &'a str,
    /// The gateway's program.
    pub(crate) gateway: &'a Path,
}

impl Plan<'_> {
    /// Runs the tests, prints what came of each, and returns whether none failed.
    pub(crate) fn run(&self) -> anyhow::Result<bool> {
        let apis = Apis::read(&Published::fetch()?.apis)?.with_jobs()?;
        let mut suites = Suite::all_in(self.folder)?;
        suites.retain(|suite| suite.name.contains(self.only));
        let tests = JobTest::all_of(&suites);
        let is_any_run = tests.iter().any(|test| test.run.is_some());
        ensure!(is_any_run, "no test in {} can be run", self.folder.display());
        let mut has_failed = false;
        for kind in KINDS {
            let results = self.results(kind, &tests, &apis)?;
            println!("== {kind}, jobs as {}\n", self.api);
            println!("| test | |\n|---|---|");
            for result in &results {
                println!("{result}");
            }
            println!("\n{}\n", Totals::of(&results));
            has_failed |= results.iter().any(Result::has_failed);
        }
        Ok(!has_failed)
    }

    fn results<'t>(&self, kind: Kind, tests: &'t [JobTest], apis: &Apis) -> anyhow::Result<Vec<Result<'t>>> {
        let node = Node::builder(kind).start()?;
        let mut results: Vec<Result> = tests.iter().map(|test| Result { test, run: None }).collect();
        let versions: BTreeSet<&str> = tests.iter().map(|test| self.version(test)).collect();
        for version in versions {
            let configuration =
                format!("upstream: {{probe: off}}\njobs: {{serve: all, updates: judge, api: '{version}'}}\n");
            let gateway = Gateway::start(self.gateway, node.url(), &configuration)?;
            let mut runner = Runner::new(server(&node, gateway.address)?, apis, Variation::Plain);
            for result in &mut results {
                if self.version(result.test) != version {
                    continue;
                }
                if let Some(suite) = &result.test.run {
                    result.run = runner.run(suite)?.pop();
                }
            }
        }
        Ok(results)
    }

    fn version<'v>(&'v self, test: &'v JobTest) -> &'v str {
        test.older.map_or(self.api, |(version, _)| version)
    }
}

fn server(node: &Node, gateway: SocketAddr) -> anyhow::Result<Server> {
    Ok(Server {
        address: gateway,
        node: format!("127.0.0.1:{}", node.port())
            .parse()
            .context("the node's address")?,
        version: node.kind().version().to_owned(),
        features: Vec::new(),
    })
}

/// What came of a test.
struct Result<'t> {
    test: &'t JobTest,
    run: Option<TestRun>,
}

impl Result<'_> {
    fn has_failed(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.outcome != Outcome::Passed)
    }
}

impl fmt::Display for Result<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let omitted: Vec<String> = self.test.omitted.iter().map(ToString::to_string).collect();
        let omitted = omitted.join(", ");
        write!(formatter, "| {} | ", self.test.name)?;
        let Some(run) = &self.run else {
            let why = if omitted.is_empty() {
                "no call is about jobs"
            } else {
                &omitted
            };
            return write!(formatter, "left out: {why} |");
        };
        write!(formatter, "{}", run.outcome)?;
        if let Some((version, why)) = self.test.older {
            write!(formatter, "; as {version}, {why}")?;
        }
        if !run.own_words.is_empty() {
            let calls = run.own_words.join(", ");
            write!(
                formatter,
                "; status and types, but not the words, of a refusal: {calls}"
            )?;
        }
        if !omitted.is_empty() {
            write!(formatter, "; without {omitted}")?;
        }
        formatter.write_str(" |")
    }
}

/// How many tests ended in which way.
#[derive(Default)]
struct Totals {
    passed: usize,
    but_for_words: usize,
    passed_in_part: usize,
    failed: usize,
    left_out: usize,
    exchanges: usize,
}

impl Totals {
    fn of(results: &[Result<'_>]) -> Self {
        let mut totals = Self::default();
        for result in results {
            let Some(run) = &result.run else {
                totals.left_out += 1;
                continue;
            };
            totals.exchanges += run.exchanges();
            let count = match &run.outcome {
                Outcome::Passed if !result.test.omitted.is_empty() => &mut totals.passed_in_part,
                Outcome::Passed if !run.own_words.is_empty() => &mut totals.but_for_words,
                Outcome::Passed => &mut totals.passed,
                _ => &mut totals.failed,
            };
            *count += 1;
        }
        totals
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} passed, {} but for words, {} without some calls, {} failed, {} left out; {} exchanges",
            self.passed, self.but_for_words, self.passed_in_part, self.failed, self.left_out, self.exchanges
        )
    }
}
