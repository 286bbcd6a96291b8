//! What another set of policies would do to the jobs that are stored: each is judged as if it were created anew.

use super::{AnomalyJob, AnomalyJobPlugin, StoredJob};
use crate::admission::engine::{Engine, PolicyInput};
use crate::admission::policy::impact::Impact;
use crate::admission::policy::{Enforcement, PolicySet, Violation};
use crate::admission::{Candidate, Verdict};
use crate::es::version::Version;
use crate::store::{Store, StoreError};
use crate::xcontent::format::Format;

/// Who judges stored jobs, as what version, and when.
struct Judge<'a> {
    call: &'a AnomalyJob,
    api: Version,
    now_millis: i64,
}

impl AnomalyJobPlugin {
    /// What the set `after` would do to the jobs that are stored, and the set `before` does not. Who would create them
    /// again is not known, so that it is a caller without a name.
    pub async fn impact(
        &self,
        [before, after]: [&PolicySet; 2],
        api: Version,
        now_millis: i64,
        store: Store<'_>,
    ) -> Result<Impact, StoreError> {
        let judge = Judge {
            call: &self.call,
            api,
            now_millis,
        };
        let mut impact = Impact::default();
        let mut pages = self.stored_jobs(store).await?;
        while let Some(jobs) = pages.next(store).await? {
            for job in &jobs {
                let [before, after] = [before, after].map(|set| judge.refusing(job, set));
                impact.add(&job.id, &before, after);
            }
        }
        Ok(impact)
    }
}

impl Judge<'_> {
    /// For what a set of policies would refuse a stored job.
    fn refusing(&self, job: &StoredJob, policies: &PolicySet) -> Vec<Violation> {
        let body = job.request();
        let candidate = Candidate {
            id: &job.id,
            query: "",
            path: "",
            body: body.as_bytes(),
            format: Format::Json,
            api: self.api,
            now_millis: self.now_millis,
            current: None,
        };
        let engine = Engine {
            call: self.call,
            policies,
        };
        let decision = engine.decide(&candidate, None);
        let mut violations = decision.violations;
        if violations.is_empty() && matches!(decision.verdict, Verdict::Refused(_)) {
            // It is of another version, which took what this one does not; policies can judge it as it is.
            let asked = PolicyInput {
                id: &job.id,
                user: None,
                now_millis: self.now_millis,
            };
            violations = engine.enforced(&job.judged(), asked).violations;
        }
        violations.retain(|violation| violation.enforcement == Enforcement::Enforce);
        violations
    }
}
