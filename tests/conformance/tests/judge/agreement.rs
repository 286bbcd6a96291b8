//! The product agrees with Elasticsearch's own job parser on generated requests.

use std::io::Write;

use conformance::{Plan, Release, run};

const PLAN: Plan = Plan {
    cases: 3000,
    seed: 1,
    show: 0,
};

fn agrees_with(version: &str) {
    let release: Release = version.parse().expect("a published version");
    let outcome = run(release, PLAN).expect("a run");
    // Written past the test harness, which shows it only after a failure: these are figures to be seen.
    let _ = writeln!(
        std::io::stderr(),
        "== Elasticsearch {release}, {:.1} s: {}",
        outcome.took.as_secs_f64(),
        outcome.agreement
    );
    // Else the agreement says little: most cases have to reach the last rule.
    let admitted = outcome.agreement.admitted() * 100 / outcome.agreement.compared();
    assert!(admitted >= 25, "only {admitted} % of the cases were admitted");
    assert!(outcome.agreement.compared() * 100 >= PLAN.cases * 95);
    let disagreements = outcome.agreement.disagreements();
    if disagreements > 0 {
        // Minimising asks the oracle a thousand times, so only now.
        let again = run(release, Plan { show: 10, ..PLAN }).expect("a run");
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
