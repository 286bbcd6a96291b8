//! The tour: the calls that show what the gateway does, each with its real answer and a check of it.

use anyhow::Context;
use reqwest::{Client, Method};
use serde_json::{Value, json};

const JOB: &str = "total-requests";
const DOCUMENT: &str = "/anomaly-detectors/_doc/anomaly_detector-total-requests";

/// A call and its answer.
struct Step {
    status: u16,
    text: String,
    body: Value,
}

/// Makes the calls, prints them, and says how many of them were not as expected.
pub async fn give(gateway: &str, node: &str) -> anyhow::Result<usize> {
    let mut tour = Tour {
        client: Client::builder().no_proxy().build()?,
        unexpected: 0,
    };
    let job: Value = serde_json::from_str(include_str!("../../jobs/total-requests.json"))?;
    let create = format!("{gateway}/_ml/anomaly_detectors/{JOB}?pretty");

    let earlier = tour
        .silently(Method::DELETE, &format!("{gateway}{DOCUMENT}?refresh=true"), None)
        .await?;
    if earlier.status == 200 {
        println!("(The job of an earlier run was there; it has been removed.)\n");
    }

    println!("1. Create the job of Elasticsearch's documentation, through the gateway.");
    let created = tour.call(Method::PUT, &create, Some(&job)).await?;
    let documented = created.status == 200 && is_documented(&created.body);
    tour.expect(
        "the answer is the documented one: every default is filled in",
        documented,
    );

    println!("2. Read the stored document directly from the node.");
    let stored = tour
        .call(Method::GET, &format!("{node}{DOCUMENT}?pretty"), None)
        .await?;
    let mut answered = created.body.clone();
    if let Some(detector) = answered
        .pointer_mut("/analysis_config/detectors/0")
        .and_then(Value::as_object_mut)
    {
        detector.shift_remove("detector_index");
    }
    tour.expect(
        "it is what was answered, less detector_index",
        stored.body["_source"] == answered,
    );

    println!("3. Create the same job again.");
    let again = tour.call(Method::PUT, &create, Some(&job)).await?;
    let exists = again.body["error"]["type"] == "resource_already_exists_exception";
    tour.expect("it is refused as existing", again.status == 400 && exists);

    println!("4. Create a job with a mistake in it: `sum` needs a field.");
    let bad = json!({ "analysis_config": { "detectors": [{ "function": "sum", "by_field_name": "host" }] }, "data_description": {} });
    let url = format!("{gateway}/_ml/anomaly_detectors/a-mistake?pretty");
    let refused = tour.call(Method::PUT, &url, Some(&bad)).await?;
    let named = refused.body["error"]["root_cause"][0]["reason"]
        .as_str()
        .is_some_and(|reason| reason.contains("[sum]"));
    tour.expect(
        "it is refused, and the reason names the function",
        refused.status == 400 && named,
    );

    println!("5. Ask the cluster who it is, through the gateway.");
    let page = tour.call(Method::GET, &format!("{gateway}/"), None).await?;
    tour.expect(
        "the cluster answers",
        page.status == 200 && page.body["version"]["number"].is_string(),
    );

    println!("6. Search for the job, through the gateway.");
    let url = format!(
        "{gateway}/anomaly-detectors/_search?q=job_id:{JOB}&filter_path=hits.total,hits.hits._source.job_id&pretty"
    );
    let found = tour.call(Method::GET, &url, None).await?;
    tour.expect("it is found", found.body["hits"]["total"]["value"] == 1);
    Ok(tour.unexpected)
}

/// Whether the answer is that of the 7.0 documentation's page for its example; time and version are the server's.
fn is_documented(answer: &Value) -> bool {
    let documented = json!({
        "job_id": JOB,
        "job_type": "anomaly_detector",
        "job_version": answer["job_version"],
        "description": "Total sum of requests",
        "create_time": answer["create_time"],
        "analysis_config": {
            "bucket_span": "10m",
            "detectors": [{
                "detector_description": "Sum of total", "function": "sum", "field_name": "total", "detector_index": 0
            }],
            "influencers": []
        },
        "analysis_limits": { "model_memory_limit": "1024mb", "categorization_examples_limit": 4 },
        "data_description": { "time_field": "timestamp", "time_format": "epoch_ms" },
        "model_snapshot_retention_days": 1,
        "results_index_name": "shared"
    });
    documented == *answer && answer["create_time"].is_i64()
}

struct Tour {
    client: Client,
    unexpected: usize,
}

impl Tour {
    /// Makes a call, printed as the curl command that does the same, and prints its answer.
    async fn call(&self, method: Method, url: &str, body: Option<&Value>) -> anyhow::Result<Step> {
        match body {
            Some(body) => println!("   $ curl -X {method} -H 'Content-Type: application/json' '{url}' -d '{body}'"),
            None => println!("   $ curl '{url}'"),
        }
        let step = self.silently(method, url, body).await?;
        println!("   {}", step.status);
        println!(
            "{}",
            step.text.lines().map(|line| format!("   {line}\n")).collect::<String>()
        );
        Ok(step)
    }

    #[expect(clippy::disallowed_methods, reason = "the answers of the tour are short")]
    async fn silently(&self, method: Method, url: &str, body: Option<&Value>) -> anyhow::Result<Step> {
        let mut request = self.client.request(method, url);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await.with_context(|| format!("{url} does not answer"))?;
        let status = answer.status().as_u16();
        let text = String::from_utf8(answer.bytes().await?.into()).context("the answer is no text")?;
        let body = serde_json::from_str(&text).with_context(|| format!("{url} did not answer with JSON"))?;
        Ok(Step { status, text, body })
    }

    fn expect(&mut self, what: &str, holds: bool) {
        if holds {
            println!("   ok: {what}\n");
        } else {
            println!("   NOT AS EXPECTED: {what}\n");
            self.unexpected += 1;
        }
    }
}
