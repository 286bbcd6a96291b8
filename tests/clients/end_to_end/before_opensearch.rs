//! Elasticsearch's clients before OpenSearch, where the operator has chosen the version that the gateway answers as. From
//! 7.14 on these clients raise an exception of their own after an answer that does not name Elasticsearch, when the job
//! has already been stored.

use clients::{Client, Transcript, catalogue};

use crate::both_ways::POLICIES;
use crate::ground::Ground;
use crate::support::gateway::Gateway;

fn jobs_before_opensearch(client: Client, api: &str) {
    let ground = Ground::of(catalogue::PYTHON_OPENSEARCH.server);
    ground.clear();
    let config = format!("policies: {{ files: ['{POLICIES}'] }}\njobs: {{ api: \"{api}\" }}\n");
    let gateway = Gateway::configured(&[ground.url()], &config);
    let url = format!("http://{}", gateway.address);
    let transcript = clients::run_jobs(&client, &url).unwrap_or_else(|error| panic!("{client}: {error:#}"));
    is_answered(&transcript, "try job out", "tried");
    is_answered(&transcript, "create job", "complete");
    is_answered(&transcript, "create deprecated job", "deprecated");
    for (name, kind) in [
        ("create job again", "resource_already_exists_exception"),
        ("create invalid job", "x_content_parse_exception"),
    ] {
        let step = transcript.step(name).expect("the script has it");
        let shown = (step.exception(), step.status(), &step.body()["error"]["type"]);
        assert_eq!(
            shown,
            (Some("BadRequestError"), Some(400), &kind.into()),
            "{client}: {step:?}"
        );
    }
}

fn is_answered(transcript: &Transcript, name: &str, id: &str) {
    let step = transcript.step(name).expect("the script has it");
    assert_eq!((step.exception(), step.status()), (None, Some(200)), "{step:?}");
    assert_eq!(step.body()["job_id"], id, "{step:?}");
}

#[test]
fn python_8_creates_tries_out_and_is_refused() {
    jobs_before_opensearch(catalogue::PYTHON_8, "8");
}

#[test]
fn python_9_creates_tries_out_and_is_refused() {
    jobs_before_opensearch(catalogue::PYTHON_9, "9");
}
