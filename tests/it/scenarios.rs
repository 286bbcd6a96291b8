//! The scenario files of `tests/scenarios`: what users do, direct to a node and through the gateway before it. What the
//! node can do by itself it answers through the gateway byte for byte as without it.

use std::path::Path;

use cluster::Kind;
use scenarios::{Apis, Comparison, Outcome, Runner, Server, Suite, TestRun, Variation};

use crate::support::gateway::Gateway;
use crate::support::{node, wire};

/// What the gateway adds to a node, as scenarios name it.
const JOBS: &str = "anomaly_jobs";

fn run(server: Server, suites: &[Suite]) -> Vec<TestRun> {
    let apis = Apis::default();
    let mut runner = Runner::new(server, &apis, Variation::Plain);
    let runs = suites
        .iter()
        .flat_map(|suite| runner.run(suite).expect("a cluster that can be emptied"));
    runs.collect()
}

fn faults(runs: &[TestRun]) -> Vec<String> {
    let failed = runs.iter().filter(|run| matches!(run.outcome, Outcome::Failed(_)));
    failed.map(|run| format!("{}: {}", run.name, run.outcome)).collect()
}

#[test]
fn every_scenario_holds_direct_and_through_the_gateway() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let suites = Suite::all_in(&folder).expect("scenario files");
    // The cluster is emptied after each scenario, so it is not the one that tests share.
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
    let [first, second] = [run(direct.clone(), &suites), run(direct, &suites)];
    let through = run(through, &suites);

    assert!(faults(&first).is_empty(), "direct: {:#?}", faults(&first));
    assert!(
        faults(&through).is_empty(),
        "through the gateway: {:#?}",
        faults(&through)
    );
    assert!(
        through.iter().all(|run| run.outcome == Outcome::Passed),
        "through the gateway all are run"
    );

    let ran: Vec<bool> = first.iter().map(|run| run.outcome == Outcome::Passed).collect();
    let of_both = |runs: Vec<TestRun>| -> Vec<TestRun> {
        let runs = runs.into_iter().zip(&ran);
        runs.filter_map(|(run, ran)| ran.then_some(run)).collect()
    };
    let [first, second, through] = [first, second, through].map(of_both);
    assert!(first.len() > 30, "only {} scenarios were run on both", first.len());
    let comparison = Comparison::of([&first, &second], &through);
    assert!(
        comparison.is_equal(),
        "{comparison}\n{:#?}\n{:#?}",
        comparison.outcomes,
        comparison.differences
    );
}
