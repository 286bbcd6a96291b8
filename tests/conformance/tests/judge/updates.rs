//! The product merges updates as Elasticsearch's own parser and merge do, on jobs that Elasticsearch has created.

use anomaly_gateway::xcontent::format::Format;
use conformance::{Plan, run_updates};

use crate::agreement::assert_agrees;

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
    assert_agrees(version, plan, "Updates, ", run_updates, 30);
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
