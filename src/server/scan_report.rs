//! What `GET /policies/report` answers: by policy, which stored jobs violate it and since when.

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use serde_json::{Map, Value, json};

use super::json_answer::written;
use super::scan::{Completed, ScanState};
use crate::admission::policy::standing::PolicyStanding;
use crate::admission::{now_millis, shown_time};

/// Whose view it is.
const VIEW: &str = "of this process alone: `since` is when its scan first found the job in violation of the policy, and a \
                    restart begins anew";

/// The report, if jobs are scanned.
pub(super) fn answer(scan: Option<&ScanState>) -> Response<Full<Bytes>> {
    let Some(scan) = scan else {
        let text = "stored jobs are not scanned; set `jobs.scan` to how often, such as `15m`";
        return written(StatusCode::NOT_FOUND, &json!({ "error": text }));
    };
    let known = scan.get();
    let mut report = Map::from_iter([
        ("view".to_owned(), VIEW.into()),
        (
            "interval".to_owned(),
            humantime::format_duration(scan.interval).to_string().into(),
        ),
        ("is_running".to_owned(), known.is_running.into()),
    ]);
    if let Some((at, error)) = known.failure {
        report.insert("failed".to_owned(), json!({"at": shown_time(at), "error": error}));
    }
    if let Some(completed) = &known.completed {
        report.insert("completed".to_owned(), shown(completed));
        let policies = completed.standing.policies();
        let policies: Vec<Value> = policies.map(|(name, policy)| of_policy(name, policy)).collect();
        report.insert("policies".to_owned(), policies.into());
    }
    written(StatusCode::OK, &report.into())
}

fn shown(completed: &Completed) -> Value {
    let Completed {
        standing,
        revision,
        begun,
        ended,
    } = completed;
    json!({
        "at": shown_time(*ended),
        "age_seconds": now_millis().saturating_sub(*ended).max(0) / 1000,
        "took_millis": ended.saturating_sub(*begun).max(0),
        "revision": revision,
        "jobs": standing.documents,
    })
}

fn of_policy(name: &str, policy: &PolicyStanding) -> Value {
    let PolicyStanding {
        enforcement,
        violating,
        not_evaluated,
        named,
    } = policy;
    let jobs = named.iter();
    let jobs = jobs.map(|(id, since)| json!({"job_id": id, "since": shown_time(*since)}));
    json!({
        "policy": name,
        "enforcement": enforcement.name(),
        "violating": violating,
        "not_evaluated": not_evaluated,
        "not_named": violating.saturating_sub(named.len()),
        "jobs": jobs.collect::<Vec<_>>(),
    })
}
