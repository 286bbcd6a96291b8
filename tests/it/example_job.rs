//! The example of Elasticsearch's documentation is one job, wherever it is shown or sent.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::job::TOTAL_REQUESTS;

fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a file")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn the_example_is_the_same_everywhere() {
    let example = json(TOTAL_REQUESTS);
    let readme = text("README.md");
    let (_, call) = readme
        .split_once("_ml/anomaly_detectors/total-requests?pretty' -d '")
        .expect("a call");
    let (body, _) = call.split_once('\'').expect("its end");
    assert_eq!(json(body), example, "README.md");
    assert_eq!(
        json(&text("tests/clients/jobs.json"))["complete"],
        example,
        "the official clients"
    );
    let scenarios = text("tests/scenarios/010-create-a-job.yaml");
    let of_example = |document: &&str| document.contains("\"The example of the documentation\"");
    let document = scenarios.split("\n---").find(of_example).expect("the scenario");
    let scenario: Value = serde_saphyr::from_str(document).expect("YAML");
    let steps = scenario["The example of the documentation"].as_array().expect("steps");
    assert_eq!(steps[0]["do"]["request"]["body"], example, "the scenario");
}
