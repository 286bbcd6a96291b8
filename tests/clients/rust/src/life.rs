//! What the client does with a job from its creation to its deletion.

use elasticsearch::Elasticsearch;
use elasticsearch::ml::{Ml, MlDeleteJobParts, MlGetJobsParts, MlOpenJobParts, MlPutJobParts, MlUpdateJobParts};
use serde_json::{Value, json};

use crate::step;

pub async fn live(client: &Elasticsearch, jobs: &Value) {
    let ml = client.ml();
    for (name, id) in [("validate job", "complete"), ("validate invalid job", "invalid")] {
        step(name, ml.validate().body(&jobs[id]).send().await).await;
    }
    for (name, id) in [
        ("validate detector", "complete"),
        ("validate invalid detector", "invalid"),
    ] {
        let detector = &jobs[id]["analysis_config"]["detectors"][0];
        step(name, ml.validate_detector().body(detector).send().await).await;
    }
    list(&ml, "list no jobs").await;
    for (name, id) in [("create job", "complete"), ("create another job", "deprecated")] {
        let create = ml.put_job(MlPutJobParts::JobId(id)).body(&jobs[id]);
        step(name, create.send().await).await;
    }
    get(&ml, "get job", "complete").await;
    list(&ml, "list jobs").await;
    let change = json!({"description": "changed", "groups": ["a-group"]});
    update(&ml, "update job", "complete", &change).await;
    get(&ml, "get jobs of a group", "a-group").await;
    update(
        &ml,
        "update job in vain",
        "complete",
        &json!({"groups": ["deprecated"]}),
    )
    .await;
    update(&ml, "update no job", "none", &change).await;
    step("open job", ml.open_job(MlOpenJobParts::JobId("complete")).send().await).await;
    delete(&ml, "delete job").await;
    get(&ml, "get deleted job", "complete").await;
    delete(&ml, "delete deleted job").await;
    list(&ml, "list what is left").await;
}

async fn list(ml: &Ml<'_>, name: &str) {
    step(name, ml.get_jobs(MlGetJobsParts::None).send().await).await;
}

async fn get(ml: &Ml<'_>, name: &str, id: &str) {
    step(name, ml.get_jobs(MlGetJobsParts::JobId(id)).send().await).await;
}

async fn update(ml: &Ml<'_>, name: &str, id: &str, change: &Value) {
    let update = ml.update_job(MlUpdateJobParts::JobId(id)).body(change);
    step(name, update.send().await).await;
}

async fn delete(ml: &Ml<'_>, name: &str) {
    let delete = ml.delete_job(MlDeleteJobParts::JobId("complete"));
    step(name, delete.send().await).await;
}
