//! What users do, direct to a node and through the gateway before it: the scenario files of `tests/scenarios`, and some
//! of the vendor's own REST tests. What the node can do by itself it answers through the gateway byte for byte as
//! without it.

use std::path::Path;

use cluster::Kind;
use scenarios::{Apis, Comparison, Outcome, Published, Runner, Server, Suite, TestRun, Variation};

use crate::support::gateway::Gateway;
use crate::support::{node, wire};

/// What the gateway adds to a node, as scenarios name it.
const JOBS: &str = "anomaly_jobs";

/// The files of the vendor's that are run here; `cargo xtask rest-suite` runs all.
const VENDORS: [&str; 4] = ["create/", "exists/", "get/", "msearch/"];

/// The runs of the same tests, twice direct and once through the gateway.
struct Runs {
    direct: [Vec<TestRun>; 2],
    through: Vec<TestRun>,
}

impl Runs {
    /// On a node of their own, as the cluster is emptied after each test.
    fn of(suites: &[Suite], apis: &Apis, variation: Variation) -> Self {
        let kind = Kind::default_for_this_machine().expect("a node to test with");
        let node = node::start(kind);
        let gateway = Gateway::before(&[node.url()]);
        let address = wire::address_of(node.url());
        let direct = Server {
            address,
            node: address,
            version: kind.version().to_owned(),
            features: Vec::new(),
        };
        let through = Server {
            address: gateway.address,
            features: vec![JOBS.to_owned()],
            ..direct.clone()
        };
        let run = |server: &Server| -> Vec<TestRun> {
            let mut runner = Runner::new(server.clone(), apis, variation);
            let runs = suites.iter().map(|suite| runner.run(suite));
            runs.flat_map(|runs| runs.expect("a cluster that can be emptied"))
                .collect()
        };
        Self {
            direct: [run(&direct), run(&direct)],
            through: run(&through),
        }
    }

    /// Fails unless every test passed, where it was run.
    fn must_pass(&self) {
        for runs in self.direct.iter().chain([&self.through]) {
            let failed = runs.iter().filter(|run| matches!(run.outcome, Outcome::Failed(_)));
            let failed: Vec<String> = failed.map(|run| format!("{}: {}", run.name, run.outcome)).collect();
            assert!(failed.is_empty(), "{failed:#?}");
        }
        assert!(
            self.through.iter().all(was_run),
            "there is nothing that the gateway has not"
        );
    }

    /// What differs through the gateway in the tests that were run direct too, of which there are so many.
    fn comparison(self, at_least: usize) -> Comparison {
        let ran: Vec<bool> = self.direct[0].iter().map(was_run).collect();
        let of_both = |runs: Vec<TestRun>| -> Vec<TestRun> {
            let runs = runs.into_iter().zip(&ran);
            runs.filter_map(|(run, ran)| ran.then_some(run)).collect()
        };
        let [first, second] = self.direct.map(of_both);
        assert!(first.len() >= at_least, "only {} tests were run on both", first.len());
        Comparison::of([&first, &second], &of_both(self.through))
    }
}

/// Runs the tests, all of which must pass, and fails if anything is answered otherwise through the gateway. A body
/// counts if it differs again: a time may happen to be alike in two direct runs. Gives how many tests were not run.
fn must_be_alike(suites: &[Suite], apis: &Apis, variation: Variation, at_least: usize) -> usize {
    let runs = Runs::of(suites, apis, variation);
    runs.must_pass();
    let skipped = runs.through.iter().filter(|run| !was_run(run)).count();
    let mut comparison = runs.comparison(at_least);
    let doubtful = comparison.doubtful();
    let again: Vec<Suite> = suites.iter().filter_map(|suite| suite.only(&doubtful)).collect();
    if !again.is_empty() {
        comparison.confirm(&Runs::of(&again, apis, variation).comparison(1));
    }
    let told: Vec<String> = comparison.differences.iter().map(ToString::to_string).collect();
    assert!(
        comparison.is_equal(),
        "{comparison}\n{:#?}\n{}",
        comparison.outcomes,
        told.join("\n")
    );
    skipped
}

fn was_run(run: &TestRun) -> bool {
    !matches!(run.outcome, Outcome::Skipped(_))
}

#[test]
fn every_scenario_holds_direct_and_through_the_gateway() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let suites = Suite::all_in(&folder).expect("scenario files");
    let skipped = must_be_alike(&suites, &Apis::default(), Variation::Plain, 35);
    assert_eq!(skipped, 0, "the gateway has what every scenario requires");
}

/// With bodies in gzip and in chunks, and oddly spelled paths.
#[test]
fn the_vendors_tests_are_answered_alike() {
    let published = Published::fetch().expect("the vendor's tests");
    let apis = Apis::read(&published.apis).expect("the vendor's APIs");
    let mut suites = Suite::all_in(&published.tests).expect("the vendor's tests");
    suites.retain(|suite| VENDORS.iter().any(|folder| suite.name.starts_with(folder)));
    must_be_alike(&suites, &apis, Variation::Together, 20);
}
