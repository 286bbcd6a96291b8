//! Runs tests against a server, one after the other, each on an empty cluster.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    net::SocketAddr,
};

use anyhow::Context;

use crate::{
    apis::Apis,
    cleaning::Cleaning,
    session::Session,
    suite::{Suite, Test},
    transcript::{Outcome, TestRun},
    variation::Variation,
    wire::Connection,
};

/// Who is asked.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where it answers: the node, or what stands before it.
    pub address: SocketAddr,
    /// The node itself, by which the cluster is emptied between tests.
    pub node: SocketAddr,
    /// What `GET /` says of it.
    pub version: String,
    /// What it can beyond a plain node, as tests name it in `requires`.
    pub features: Vec<String>,
}

/// Runs tests against one server.
pub struct Runner<'a> {
    server: Server,
    apis: &'a Apis,
    variation: Variation,
    connection: Connection,
    cleaning: Cleaning,
}

impl<'a> Runner<'a> {
    /// A runner that sends requests in one way.
    #[must_use]
    pub fn new(server: Server, apis: &'a Apis, variation: Variation) -> Self {
        Self {
            connection: Connection::to(server.address),
            cleaning: Cleaning::of(server.node),
            server,
            apis,
            variation,
        }
    }

    /// Runs the tests of a file. Fails only if the cluster cannot be emptied, as nothing after that would say anything.
    pub fn run(&mut self, suite: &Suite) -> anyhow::Result<Vec<TestRun>> {
        suite.tests.iter().map(|test| self.run_test(suite, test)).collect()
    }

    fn run_test(&mut self, suite: &Suite, test: &Test) -> anyhow::Result<TestRun> {
        let name = test.name.clone();
        let skipped = [&suite.condition, &test.condition]
            .into_iter()
            .find_map(|condition| condition.reason_to_skip(&self.server.version, &self.server.features));
        if let Some(reason) = skipped {
            return Ok(TestRun {
                name,
                outcome: Outcome::Skipped(reason),
                own_words: Vec::new(),
                exchanges: Vec::new(),
            });
        }
        let mut session = Session::new(
            &mut self.connection,
            self.apis,
            self.variation,
            &self.server,
            hash(&name),
        );
        let ran = session.run(&suite.setup).and_then(|()| session.run(&test.steps));
        // What was set up is taken down however the test ended.
        let ran = ran.and(session.run(&suite.teardown));
        let (exchanges, own_words) = session.into_seen();
        self.cleaning
            .run()
            .with_context(|| format!("emptying the cluster after {name}"))?;
        let outcome = ran.map_or_else(|why| Outcome::Failed(format!("{why:#}")), |()| Outcome::Passed);
        Ok(TestRun {
            name,
            outcome,
            own_words,
            exchanges,
        })
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}
