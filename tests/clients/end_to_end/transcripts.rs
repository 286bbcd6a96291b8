//! Each client's two transcripts are equal, but for the steps that create jobs, which are as documented.

use clients::{Client, Language, Transcript, catalogue, differences, expectation};

use crate::both_ways::BothWays;

/// Calls that fail without an answer, also directly; were a script at fault, both its transcripts would have that.
fn without_answer(client: Client) -> &'static [&'static str] {
    match client.language {
        // Shown by what is below the client, as an exception that does not tell the status apart.
        Language::Java => &["no such path", "retries"],
        _ => &[],
    }
}

/// A step that the gateway refuses itself where the cluster would: by a path that only versions before 8 have.
const REFUSED_HERE: &str = "create job by the old path";

/// Takes the length off a step's answer. A node compresses what it refuses and the gateway does not, and a client that
/// decompresses by itself, as Go's does, then shows no length.
fn forget_length(transcript: &mut Transcript, name: &str) {
    let steps = transcript.steps.iter_mut().filter(|step| step.name == name);
    for headers in steps.filter_map(|step| step.shown.get_mut("headers")?.as_object_mut()) {
        headers.retain(|field, _| !field.eq_ignore_ascii_case("content-length"));
    }
}

fn notices_nothing(client: Client) {
    let runs = BothWays::of(client);
    let runs = runs.get().expect("both runs are made");
    let answered_here = expectation::created_here(client.server);
    let [direct, through] = [&runs.direct, &runs.through].map(|transcript| {
        let mut transcript = transcript.clone();
        forget_length(&mut transcript, REFUSED_HERE);
        transcript
    });
    let differences = differences(&direct, &through, &answered_here);
    eprintln!(
        "{client}: {} steps, {} of them compared, {} differences",
        runs.direct.steps.len(),
        runs.direct.steps.len() - answered_here.len(),
        differences.len()
    );
    for step in &runs.direct.steps {
        let is_answered = step.exception().is_none() || step.status().is_some();
        assert!(
            is_answered || without_answer(client).contains(&step.name.as_str()),
            "{client}: {step:?}"
        );
    }
    assert!(differences.is_empty(), "{client}: {differences:#?}");
    expectation::check(&client, &runs.through).unwrap_or_else(|error| panic!("{client}: {error:#}"));
    assert_eq!(
        runs.retried_directly, runs.retried_through,
        "{client} has tried as often"
    );
}

#[test]
fn python_7_0_notices_nothing() {
    notices_nothing(catalogue::PYTHON_7_0);
}

#[test]
fn python_7_10_notices_nothing() {
    notices_nothing(catalogue::PYTHON_7_10);
}

#[test]
fn python_7_13_notices_nothing() {
    notices_nothing(catalogue::PYTHON_7_13);
}

#[test]
fn python_7_17_notices_nothing() {
    notices_nothing(catalogue::PYTHON_7_17);
}

#[test]
fn python_8_notices_nothing() {
    notices_nothing(catalogue::PYTHON_8);
}

#[test]
fn python_9_notices_nothing() {
    notices_nothing(catalogue::PYTHON_9);
}

#[test]
fn python_opensearch_notices_nothing() {
    notices_nothing(catalogue::PYTHON_OPENSEARCH);
}

#[test]
fn javascript_7_13_notices_nothing() {
    notices_nothing(catalogue::JAVASCRIPT_7_13);
}

#[test]
fn javascript_7_17_notices_nothing() {
    notices_nothing(catalogue::JAVASCRIPT_7_17);
}

#[test]
fn javascript_8_notices_nothing() {
    notices_nothing(catalogue::JAVASCRIPT_8);
}

#[test]
fn javascript_9_notices_nothing() {
    notices_nothing(catalogue::JAVASCRIPT_9);
}

#[test]
fn javascript_opensearch_notices_nothing() {
    notices_nothing(catalogue::JAVASCRIPT_OPENSEARCH);
}

#[test]
fn go_7_17_notices_nothing() {
    notices_nothing(catalogue::GO_7_17);
}

#[test]
fn go_opensearch_notices_nothing() {
    notices_nothing(catalogue::GO_OPENSEARCH);
}

#[test]
fn java_9_notices_nothing() {
    notices_nothing(catalogue::JAVA_9);
}

/// The typed API is two million lines of Go.
#[test]
#[ignore = "compiles for minutes; `cargo xtask clients` runs it"]
fn go_9_notices_nothing() {
    notices_nothing(catalogue::GO_9);
}

#[test]
#[ignore = "compiles for minutes; `cargo xtask clients` runs it"]
fn rust_9_notices_nothing() {
    notices_nothing(catalogue::RUST_9);
}
