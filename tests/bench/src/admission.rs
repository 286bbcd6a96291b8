//! Admission as the benchmarks call it: a body in, the bytes of the answer out.

use anomaly_gateway::admission::engine::Engine;
use anomaly_gateway::admission::policy::PolicySet;
use anomaly_gateway::admission::{Candidate, Verdict};
use anomaly_gateway::es::error::Traces;
use anomaly_gateway::es::version::Version;
use anomaly_gateway::plugin::anomaly_job::AnomalyJob;
use anomaly_gateway::xcontent::answer;
use anomaly_gateway::xcontent::format::Format;

/// The id of every job that is measured.
pub const ID: &str = "total-requests";

/// The call as one version has it.
#[derive(Debug)]
pub struct Admission {
    call: AnomalyJob,
    api: Version,
}

impl Admission {
    /// The call with the schema of a version.
    #[must_use]
    pub fn of(api: Version) -> Self {
        Self {
            call: AnomalyJob::new(api).expect("the schema is sound"),
            api,
        }
    }

    /// Judges a body.
    #[must_use]
    pub fn judge(&self, body: &[u8]) -> Verdict {
        self.call.admit(&self.candidate(body))
    }

    /// Judges a body by the operator's policies, too.
    #[must_use]
    pub fn judge_by(&self, body: &[u8], policies: &PolicySet) -> Verdict {
        let engine = Engine {
            call: &self.call,
            policies,
        };
        engine.decide(&self.candidate(body), None).verdict
    }

    fn candidate<'a>(&'a self, body: &'a [u8]) -> Candidate<'a> {
        Candidate {
            id: ID,
            query: "",
            path: "/_ml/anomaly_detectors/total-requests",
            body,
            format: Format::Json,
            api: self.api,
            now_millis: 1_700_000_000_000,
            current: None,
        }
    }
}

/// The body of the answer that tells a verdict. What is stored is the same text without some parts, which are left out
/// while it is sent.
#[must_use]
pub fn answer(verdict: Verdict) -> impl AsRef<[u8]> {
    match verdict {
        Verdict::Admitted(admitted) => answer::write(admitted.documents.into_whole(), false),
        Verdict::Refused(refusal) => answer::write(refusal.to_body(Traces::Absent).to_string(), false),
    }
}
