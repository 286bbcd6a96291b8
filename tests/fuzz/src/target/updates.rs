//! Updates: one is always decided on, whatever the job and the body are, and what came of an admitted one stays as it is when
//! nothing more is changed.

use std::sync::LazyLock;

use anomaly_gateway::admission::{Candidate, Verdict};
use anomaly_gateway::es::error::Traces;
use anomaly_gateway::es::version::Version;
use anomaly_gateway::plugin::anomaly_job::update::UpdateJob;
use anomaly_gateway::xcontent::format::Format;
use serde_json::Value;

use super::admission::check_documents;
use super::first_line;

/// Before and after what an update does was changed.
const VERSIONS: [Version; 3] = [Version::BASE, Version::new(7, 17, 28), Version::new(9, 5, 3)];

static CALL: LazyLock<UpdateJob> = LazyLock::new(|| UpdateJob::new(Version::BASE).expect("the schemas are sound"));

/// The first line is the job as it is, the rest the body.
pub(super) fn check(bytes: &[u8]) {
    let (job, body) = first_line(bytes);
    let Ok(job) = std::str::from_utf8(job) else {
        return;
    };
    for api in VERSIONS {
        match admit(job, body, api) {
            Verdict::Admitted(admitted) => {
                check_documents(&admitted);
                let again = match admit(admitted.effective(), b"{}", api) {
                    Verdict::Admitted(again) => again,
                    Verdict::Refused(refusal) => panic!(
                        "{api}: {} cannot be read again: {}",
                        admitted.effective(),
                        refusal.to_body(Traces::Absent)
                    ),
                };
                assert_eq!(again.effective(), admitted.effective(), "{api}: it is another one");
            }
            Verdict::Refused(refusal) => {
                let (status, body) = (refusal.status().as_u16(), refusal.to_body(Traces::Absent));
                let kind = body.pointer("/error/type").and_then(Value::as_str).unwrap_or_default();
                // Elasticsearch's own slips (jobs-api.md §3.4), and its reader's before 7.7.
                let is_a_slip =
                    ["index_out_of_bounds_exception", "array_index_out_of_bounds_exception"].contains(&kind);
                assert!(status == 400 || status == 500 && is_a_slip, "{api}: {body}");
            }
        }
    }
}

fn admit(job: &str, body: &[u8], api: Version) -> Verdict {
    CALL.admit(&Candidate {
        id: "job",
        query: "",
        path: "/_ml/anomaly_detectors/job/_update",
        body,
        format: Format::Json,
        api,
        now_millis: 1_500_000_000_000,
        current: Some(job),
    })
}
