//! Updates: done by the gateway, and held to policies where they are judged.

use std::fs;

use serde_json::json;

use super::{Serving, is};

const POLICIES: &str = "\
policies:
  - name: no-questions
    enforcement: enforce
    schema: { properties: { description: { not: { pattern: '[?]$' } } } }
";

/// jobs-api.md §3.
#[test]
fn an_update_is_read_back() {
    let serving = Serving::version("8.19");
    let mut job = serving.create("a", &json!({"groups": ["x"], "datafeed_config": {"indices": ["logs"]}}));
    let body = r#"{"description":"new","groups":["y"]}"#;
    let updated = serving.gateway.call("POST", "/_ml/anomaly_detectors/a/_update//", body);
    assert_eq!(updated.status(), 200, "{}", updated.text());
    assert!(updated.json().get("datafeed_config").is_none());
    job["description"] = "new".into();
    job["groups"] = json!(["y"]);
    assert_eq!(serving.get("/y").json()["jobs"][0], job);
    is(
        &serving.gateway.call("POST", "/_ml/anomaly_detectors/b/_update", body),
        404,
        "resource_not_found_exception",
    );
}

#[test]
fn policies_hold_for_updates_that_are_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let policies = folder.path().join("policies.yml");
    fs::write(&policies, POLICIES).expect("a file");
    let files = format!("policies: {{ files: [{}] }}\n", policies.display());
    let question = r#"{"description":"why?"}"#;
    for (updates, status) in [("forward", 200), ("judge", 400)] {
        let index = crate::support::node::fresh_id("serving");
        let yaml = format!("jobs: {{ index: {index}, serve: all, updates: {updates} }}\n{files}");
        let gateway = crate::support::gateway::Gateway::configured(&[crate::support::node::shared_url()], &yaml);
        let serving = Serving { gateway, index };
        serving.create("a", &json!({}));
        let answer = serving
            .gateway
            .call("POST", "/_ml/anomaly_detectors/a/_update", question);
        assert_eq!(answer.status(), status, "{updates}: {}", answer.text());
        if updates == "forward" {
            serving
                .gateway
                .logged(&["updates of jobs are not judged", "is done unjudged"]);
        }
    }
}
