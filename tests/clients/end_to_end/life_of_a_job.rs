//! Elasticsearch's clients before OpenSearch with a gateway that serves jobs: by their own methods a job is created, read,
//! listed, updated, validated and deleted, as the client of its version reads the answers. Not among them: those of 7.14 to
//! 7.17, which ask the cluster for its product before their first call and then refuse OpenSearch by themselves.

use clients::{Client, Step, Transcript, catalogue};
use serde_json::{Value, json};

use crate::ground::Ground;
use crate::support::gateway::Gateway;

/// What a client that is right for this version sees of a job's life.
fn a_job_lives(client: Client, api: &str) {
    let ground = Ground::of(catalogue::PYTHON_OPENSEARCH.server);
    ground.clear();
    let config = format!("jobs: {{ serve: all, updates: judge, api: \"{api}\" }}\n");
    let gateway = Gateway::configured(&[ground.url()], &config);
    let url = format!("http://{}", gateway.address);
    let transcript = clients::run_life(&client, &url).unwrap_or_else(|error| panic!("{client}: {error:#}"));
    for name in ["validate job", "validate detector", "delete job"] {
        assert_eq!(answered(&transcript, name)["acknowledged"], true, "{client}: {name}");
    }
    for (name, id) in [("create job", "complete"), ("create another job", "deprecated")] {
        assert_eq!(answered(&transcript, name)["job_id"], id, "{client}: {name}");
    }
    let updated = answered(&transcript, "update job");
    let changed = [&updated["job_id"], &updated["description"], &updated["groups"]];
    assert_eq!(
        changed,
        [&json!("complete"), &json!("changed"), &json!(["a-group"])],
        "{client}"
    );
    for (name, ids) in [
        ("list no jobs", json!([])),
        ("get job", json!(["complete"])),
        ("list jobs", json!(["complete", "deprecated"])),
        ("get jobs of a group", json!(["complete"])),
        ("list what is left", json!(["deprecated"])),
    ] {
        let body = answered(&transcript, name);
        let jobs = body["jobs"].as_array().expect("jobs");
        let shown: Vec<&Value> = jobs.iter().map(|job| &job["job_id"]).collect();
        assert_eq!(
            (json!(shown), &body["count"]),
            (ids, &json!(jobs.len())),
            "{client}: {name}"
        );
    }
    // The change is there to be read.
    assert_eq!(
        answered(&transcript, "get jobs of a group")["jobs"][0]["description"],
        "changed"
    );
    for (name, status, kind) in [
        ("validate invalid job", 400, "x_content_parse_exception"),
        ("validate invalid detector", 400, "status_exception"),
        ("update job in vain", 400, "resource_already_exists_exception"),
        ("update no job", 404, "resource_not_found_exception"),
        ("open job", 501, "status_exception"),
        ("get deleted job", 404, "resource_not_found_exception"),
        ("delete deleted job", 404, "resource_not_found_exception"),
    ] {
        let step = step(&transcript, name);
        assert!(step.exception().is_some(), "{client}: {step:?}");
        let shown = (step.status(), &step.body()["error"]["type"]);
        assert_eq!(shown, (Some(status), &kind.into()), "{client}: {step:?}");
    }
}

fn step<'t>(transcript: &'t Transcript, name: &str) -> &'t Step {
    transcript.step(name).expect("the script has it")
}

/// The answer to a step that has not failed.
fn answered<'t>(transcript: &'t Transcript, name: &str) -> &'t Value {
    let step = step(transcript, name);
    assert_eq!(step.exception(), None, "{step:?}");
    step.body()
}

#[test]
fn of_python_7_13() {
    a_job_lives(catalogue::PYTHON_7_13, "7.13");
}

#[test]
fn of_python_8() {
    a_job_lives(catalogue::PYTHON_8, "8.19");
}

#[test]
fn of_python_9() {
    a_job_lives(catalogue::PYTHON_9, "9.5");
}

#[test]
fn of_javascript_7_13() {
    a_job_lives(catalogue::JAVASCRIPT_7_13, "7.13");
}

#[test]
fn of_javascript_8() {
    a_job_lives(catalogue::JAVASCRIPT_8, "8.19");
}

#[test]
fn of_javascript_9() {
    a_job_lives(catalogue::JAVASCRIPT_9, "9.5");
}

#[test]
fn of_java_9() {
    a_job_lives(catalogue::JAVA_9, "9.5");
}

#[test]
#[ignore = "compiles for minutes: `cargo xtask clients`"]
fn of_go_9() {
    a_job_lives(catalogue::GO_9, "9.5");
}

#[test]
#[ignore = "compiles for minutes: `cargo xtask clients`"]
fn of_rust_9() {
    a_job_lives(catalogue::RUST_9, "9.5");
}
