//! The product agrees with Elasticsearch's own job parser on generated requests.

use std::io::Write;

use anomaly_gateway::xcontent::format::Format;
use conformance::{Outcome, Plan, Release, run};

const PLAN: Plan = Plan {
    format: Format::Json,
    cases: 3000,
    seed: 1,
    damaged: None,
    show: 0,
};

fn agrees_with(version: &str) {
    agrees(version, PLAN);
}

/// The same with bodies, and half of the answers, in another format.
fn agrees_in(format: Format, version: &str) {
    let plan = Plan {
        format,
        cases: 1000,
        ..PLAN
    };
    agrees(version, plan);
}

fn agrees(version: &str, plan: Plan) {
    assert_agrees(version, plan, "", run, 20);
}

/// Puts generated requests to both sides by `run`, of which Elasticsearch has to admit so many of a hundred.
pub(crate) fn assert_agrees(
    version: &str,
    plan: Plan,
    what: &str,
    run: fn(Release, Plan) -> anyhow::Result<Outcome>,
    least_admitted: usize,
) {
    let release: Release = version.parse().expect("a published version");
    let outcome = run(release, plan).expect("a run");
    // Written past the test harness, which shows it only after a failure: these are figures to be seen.
    let _ = writeln!(
        std::io::stderr(),
        "== {what}Elasticsearch {release}, {}, {:.1} s: {}",
        plan.format.name(),
        outcome.took.as_secs_f64(),
        outcome.agreement
    );
    // Else the agreement says little: most cases have to reach the last rule.
    let admitted = outcome.agreement.admitted() * 100 / outcome.agreement.compared();
    assert!(
        admitted >= least_admitted,
        "only {admitted} % of the cases were admitted"
    );
    assert!(outcome.agreement.compared() * 100 >= plan.cases * 95);
    let disagreements = outcome.agreement.disagreements();
    if disagreements > 0 {
        // Minimising asks the oracle a thousand times, so only now.
        let again = run(release, Plan { show: 10, ..plan }).expect("a run");
        let shown: Vec<String> = again.shown.iter().map(ToString::to_string).collect();
        panic!("{disagreements} cases differ\n{}", shown.join("\n"));
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
fn as_7_0_with_6_8_23_in_cbor() {
    agrees_in(Format::Cbor, "6.8.23");
}

#[test]
fn as_7_8_1_in_cbor() {
    agrees_in(Format::Cbor, "7.8.1");
}

#[test]
fn as_7_10_2_in_cbor() {
    agrees_in(Format::Cbor, "7.10.2");
}

#[test]
fn as_7_17_28_in_cbor() {
    agrees_in(Format::Cbor, "7.17.28");
}

#[test]
fn as_8_19_21_in_cbor() {
    agrees_in(Format::Cbor, "8.19.21");
}

#[test]
fn as_9_5_3_in_cbor() {
    agrees_in(Format::Cbor, "9.5.3");
}

#[test]
fn as_7_0_with_6_8_23_in_smile() {
    agrees_in(Format::Smile, "6.8.23");
}

#[test]
fn as_7_8_1_in_smile() {
    agrees_in(Format::Smile, "7.8.1");
}

#[test]
fn as_7_10_2_in_smile() {
    agrees_in(Format::Smile, "7.10.2");
}

#[test]
fn as_7_17_28_in_smile() {
    agrees_in(Format::Smile, "7.17.28");
}

#[test]
fn as_8_19_21_in_smile() {
    agrees_in(Format::Smile, "8.19.21");
}

#[test]
fn as_9_5_3_in_smile() {
    agrees_in(Format::Smile, "9.5.3");
}

#[test]
fn as_7_0_with_6_8_23_in_yaml() {
    agrees_in(Format::Yaml, "6.8.23");
}

#[test]
fn as_7_8_1_in_yaml() {
    agrees_in(Format::Yaml, "7.8.1");
}

#[test]
fn as_7_10_2_in_yaml() {
    agrees_in(Format::Yaml, "7.10.2");
}

#[test]
fn as_7_17_28_in_yaml() {
    agrees_in(Format::Yaml, "7.17.28");
}

#[test]
fn as_8_19_21_in_yaml() {
    agrees_in(Format::Yaml, "8.19.21");
}

#[test]
fn as_9_5_3_in_yaml() {
    agrees_in(Format::Yaml, "9.5.3");
}
