//! From the bytes of a body to the bytes of the answer, without the store: what a create-job costs the gateway itself.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark says what is wrong by panicking"
)]

use std::hint::black_box;

use anomaly_gateway::admission::{Candidate, Decision};
use anomaly_gateway::es::answer;
use anomaly_gateway::es::caller::Caller;
use anomaly_gateway::es::error::Traces;
use anomaly_gateway::es::format::Format;
use anomaly_gateway::es::version::Version;
use anomaly_gateway::plugin::anomaly_job::AnomalyJob;
use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;

/// The example of the documentation's page.
fn example() -> String {
    json!({
        "description": "Total sum of requests",
        "analysis_config": {
            "bucket_span": "10m",
            "detectors": [{"detector_description": "Sum of total", "function": "sum", "field_name": "total"}]
        },
        "data_description": {"time_field": "timestamp", "time_format": "epoch_ms"}
    })
    .to_string()
}

/// A job with so many detectors as most jobs have them.
fn plain(detectors: usize) -> String {
    let detectors: Vec<_> = (0..detectors)
        .map(|number| json!({"function": "mean", "field_name": format!("field-{number}"), "by_field_name": "client"}))
        .collect();
    let analysis = json!({"bucket_span": "5m", "detectors": detectors, "influencers": ["client"]});
    json!({"analysis_config": analysis, "data_description": {}}).to_string()
}

/// A job with so many detectors, each with all that a detector may have.
fn large(detectors: usize) -> String {
    let detectors: Vec<_> = (0..detectors)
        .map(|number| {
            json!({
                "function": "high_mean",
                "field_name": format!("field-{number}"),
                "by_field_name": "client",
                "partition_field_name": "host.name",
                "use_null": true,
                "custom_rules": [{
                    "actions": ["skip_result"],
                    "scope": {"client": {"filter_id": "safe"}},
                    "conditions": [{"applies_to": "actual", "operator": "lt", "value": 10}]
                }]
            })
        })
        .collect();
    let analysis = json!({"bucket_span": "5m", "detectors": detectors, "influencers": ["client", "host.name"]});
    json!({"analysis_config": analysis, "data_description": {}}).to_string()
}

/// The same body with a mistake at its end.
fn broken(body: &str) -> String {
    format!("{},\"unknown\":1}}", body.strip_suffix('}').expect("an object"))
}

fn admission(criterion: &mut Criterion) {
    let call = AnomalyJob::new(Version::BASE).expect("the schema is sound");
    let caller = Caller::default();
    let mut measure = |name: &str, body: String, is_admitted: bool| {
        let answer = || {
            let decision = call.admit(&Candidate {
                id: "total-requests",
                query: "",
                path: "/_ml/anomaly_detectors/total-requests",
                body: black_box(body.as_bytes()),
                format: Format::Json,
                api: Version::BASE,
                caller: &caller,
                now_millis: 1_700_000_000_000,
            });
            match decision {
                Decision::Admitted(admitted) if is_admitted => answer::write(admitted.effective, false),
                Decision::Refused(refusal) if !is_admitted => {
                    answer::write(refusal.to_body(Traces::Absent).to_string(), false)
                }
                other => panic!("{other:?}"),
            }
        };
        criterion.bench_function(name, |bencher| bencher.iter(answer));
    };
    measure("example", example(), true);
    measure("example, refused at its end", broken(&example()), false);
    measure("50 detectors", plain(50), true);
    measure("50 detectors with rules", large(50), true);
    measure("50 detectors with rules, refused at the end", broken(&large(50)), false);
}

criterion_group!(benches, admission);
criterion_main!(benches);
