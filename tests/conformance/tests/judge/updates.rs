//! The product merges updates as Elasticsearch's own parser and merge do, on jobs that Elasticsearch has created.

use std::io::Write;

use anomaly_gateway::xcontent::format::Format;
use conformance::{Plan, Release, run_updates};

const PLAN: Plan = Plan {
    format: Format::Json,
    cases: 1500,
    seed: 1,
    damaged: None,
    show: 0,
};

fn agrees_with(version: &str) {
    agrees(version, PLAN);
}

fn agrees(version: &str, plan: Plan) {
    let release: Release = version.parse().expect("a published version");
    let outcome = run_updates(release, plan).expect("a run");
    // Written past the test harness, which shows it only after a failure: these are figures to be seen.
    let _ = writeln!(
        std::io::stderr(),
        "== Updates, Elasticsearch {release}, {}, {:.1} s: {}",
        plan.format.name(),
        outcome.took.as_secs_f64(),
        outcome.agreement
    );
    let admitted = outcome.agreement.admitted() * 100 / outcome.agreement.compared();
    assert!(admitted >= 30, "only {admitted} % of the updates were admitted");
    assert!(outcome.agreement.compared() * 100 >= plan.cases * 95);
    let disagreements = outcome.agreement.disagreements();
    if disagreements > 0 {
        let again = run_updates(release, Plan { show: 10, ..plan }).expect("a run");
        let shown: Vec<String> = again.shown.iter().map(ToString::to_string).collect();
        panic!("{disagreements} updates differ\n{}", shown.join("\n"));
    }
}

#[test]
fn as_7_0_with_6_8_23() {
    agrees_with("6.8.23");
}

#[test]
fn as_7_8_1() {
    agrees_with("7.8.1");
}

#[test]
fn as_7_10_2() {
    agrees_with("7.10.2");
}

#[test]
fn as_7_17_28() {
    agrees_with("7.17.28");
}

#[test]
fn as_8_19_21() {
    agrees_with("8.19.21");
}

#[test]
fn as_9_5_3() {
    agrees_with("9.5.3");
}

#[test]
fn as_9_5_3_in_cbor() {
    let plan = Plan {
        format: Format::Cbor,
        cases: 500,
        ..PLAN
    };
    agrees("9.5.3", plan);
}

#[test]
fn as_7_17_28_in_yaml() {
    let plan = Plan {
        format: Format::Yaml,
        cases: 500,
        ..PLAN
    };
    agrees("7.17.28", plan);
}
