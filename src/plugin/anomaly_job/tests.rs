//! Whole requests to this call, with the answers that `create-job.md` documents.

use std::sync::LazyLock;

use super::*;
use crate::es::error::{Refusal, Traces};
use crate::xcontent::format::Format;

mod answers;
mod formats;
mod refusals;
mod rules;

/// One for all tests, as schemas take a while to compile without optimisation.
static CALL: LazyLock<AnomalyJob> = LazyLock::new(|| AnomalyJob::new(Version::BASE).expect("the product's own schema"));

fn admit_as(api: Version, id: &str, query: &str, body: &[u8]) -> Verdict {
    admit_in(Format::Json, api, id, query, body)
}

fn admit_in(format: Format, api: Version, id: &str, query: &str, body: &[u8]) -> Verdict {
    CALL.admit(&Candidate {
        id,
        query,
        path: "/_ml/anomaly_detectors/j",
        body,
        format,
        api,
        now_millis: 1_500_000_000_000,
        current: None,
    })
}

/// The types of the exceptions that a refusal tells, from the outermost.
fn types_of(refusal: &Refusal) -> Vec<&'static str> {
    let Refusal::Exception(exception) = refusal else {
        panic!("no exception: {}", refusal.to_body(Traces::Absent));
    };
    let chain = std::iter::successors(Some(exception), |exception| exception.cause.as_deref());
    chain.map(|exception| exception.kind.name()).collect()
}

fn admitted(body: &str) -> Admitted {
    match admit_as(Version::BASE, "j", "", body.as_bytes()) {
        Verdict::Admitted(admitted) => admitted,
        Verdict::Refused(refusal) => panic!("{body} was refused: {}", refusal.to_body(Traces::Absent)),
    }
}

/// The effective document of an admitted body.
fn effective(body: &str) -> serde_json::Value {
    serde_json::from_str(admitted(body).effective()).expect("JSON")
}

/// The chain of a refusal as `type: reason` from the outermost, with the status first.
fn refused(body: &str) -> (u16, Vec<String>) {
    match admit_as(Version::BASE, "j", "", body.as_bytes()) {
        Verdict::Admitted(admitted) => panic!("{body} was admitted: {}", admitted.effective()),
        Verdict::Refused(refusal) => {
            let answer = refusal.to_body(Traces::Absent);
            let mut chain = Vec::new();
            let mut link = answer.pointer("/error");
            while let Some(exception) = link {
                let text = |key: &str| exception[key].as_str().unwrap_or_default().to_owned();
                chain.push(format!("{}: {}", text("type"), text("reason")));
                link = exception.get("caused_by");
            }
            (refusal.status().as_u16(), chain)
        }
    }
}

/// Take a property out of the schema and bodies with it are refused.
#[test]
fn the_schema_is_load_bearing() {
    let without = SCHEMA.text.replacen(r#""influencers": {"#, r#""others": {"#, 1);
    assert_ne!(without, SCHEMA.text);
    let source = SchemaSource {
        text: Box::leak(without.into_boxed_str()),
        ..SCHEMA
    };
    let call = AnomalyJob::with_sources(source, RULES, Version::BASE).expect("a schema");
    let body = br#"{"analysis_config":{"detectors":[{"function":"count"}],"influencers":[]},"data_description":{}}"#;
    let verdict = call.admit(&Candidate {
        id: "j",
        query: "",
        path: "/_ml/anomaly_detectors/j",
        body,
        format: Format::Json,
        api: Version::BASE,
        now_millis: 0,
        current: None,
    });
    let Verdict::Refused(refusal) = verdict else {
        panic!("a field that the schema does not have was admitted");
    };
    assert!(
        refusal
            .to_body(Traces::Absent)
            .to_string()
            .contains("unknown field [influencers], parser not found")
    );
}

/// No body may cause a stack overflow, whatever nests in it.
#[test]
fn deep_bodies_are_judged() {
    let deep = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    let job = |extra: &str, analysis: &str| {
        format!(
            r#"{{"analysis_config":{{"detectors":[{{"function":"count","by_field_name":"mlcategory"}}],"categorization_field_name":"m"{analysis}}},"data_description":{{}}{extra}}}"#
        )
    };
    admitted(&job(&format!(r#","custom_settings":{}"#, deep(990)), ""));
    admitted(&job(
        "",
        &format!(r#","categorization_analyzer":{{"tokenizer":{}}}"#, deep(990)),
    ));
    let scope = format!(
        r#"{{"analysis_config":{{"detectors":[{{"function":"count","custom_rules":[{{"scope":{}}}]}}]}}}}"#,
        deep(900)
    );
    assert_eq!(refused(&scope).0, 400);
    assert_eq!(
        refused(&job(&format!(r#","custom_settings":{}"#, deep(5000)), "")).0,
        400
    );
}

/// A job with more in its analysis, and more beside it.
fn job_with(analysis: &str, beside: &str) -> String {
    format!(
        r#"{{"analysis_config":{{"detectors":[{{"function":"count","by_field_name":"mlcategory"}}],"categorization_field_name":"m"{analysis}}},"data_description":{{}}{beside}}}"#
    )
}

/// create-job.md §7.2: some of what tells the versions apart.
#[test]
fn versions_differ_as_the_reference_says() {
    let body = br#"{"analysis_config":{"detectors":[{"function":"count"}]},"data_description":{}}"#;
    for (api, expected) in [
        (
            Version::new(7, 0, 0),
            r#""model_snapshot_retention_days":1,"results_index_name":"shared"}"#,
        ),
        (
            Version::new(7, 8, 1),
            r#""model_snapshot_retention_days":10,"daily_model_snapshot_retention_after_days":1,"results_index_name":"shared","allow_lazy_open":false}"#,
        ),
        (
            Version::new(9, 5, 3),
            r#""influencers":[],"model_prune_window":"30d"},"analysis_limits""#,
        ),
        (
            Version::new(8, 19, 0),
            r#""job_version":"12.0.0","create_time":1500000000000,"analysis_config""#,
        ),
    ] {
        let Verdict::Admitted(admitted) = admit_as(api, "j", "", body) else {
            panic!("{api} refused a plain job");
        };
        assert!(
            admitted.effective().contains(expected),
            "{api}: {}",
            admitted.effective()
        );
    }
    let lazy = br#"{"allow_lazy_open":true}"#;
    let text = |api| match admit_as(api, "j", "", lazy) {
        Verdict::Refused(refusal) => refusal.to_body(Traces::Absent).to_string(),
        Verdict::Admitted(_) => panic!("a job without analysis was admitted"),
    };
    assert!(text(Version::BASE).contains("unknown field [allow_lazy_open]"));
    assert!(text(Version::new(7, 8, 1)).contains("analysis_config"));
}
