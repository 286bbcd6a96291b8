//! Whether the cluster has made of a document what was judged. It takes changes from others as well, past this gateway, and does
//! not say which version it has changed; so it is looked whether policies forbid what there is now.

use std::sync::Arc;

use super::decision_event::lines;
use super::evaluate::Submission;
use super::failure::described;
use super::offload::{Offload, Panicked};
use crate::admission::engine::{Engine, PolicyInput};
use crate::admission::policy::Violation;
use crate::cluster::Cluster;
use crate::http::excerpt::Excerpt;
use crate::plugin::{CommitError, Keeper, Plugin, Wanted};
use crate::store::Store;
use crate::telemetry::events::requests::{ChangedOtherwise, NotConfirmed};

/// What was judged, to be compared with what there is.
pub(super) struct Confirmation {
    pub(super) plugin: Arc<dyn Plugin>,
    pub(super) wanted: Wanted,
    pub(super) submission: Submission,
    /// What was to come of the change.
    pub(super) judged: Excerpt,
    pub(super) cluster: Arc<Cluster>,
    pub(super) offload: Offload,
}

impl Confirmation {
    /// Looks at the document, and says so if it violates what the judged one does not.
    pub(super) async fn confirm(self) {
        if self.submission.policies.active.policies().is_empty() {
            return;
        }
        let store = Store {
            cluster: &self.cluster,
            caller: &self.submission.caller,
        };
        let (plugin, id) = (self.plugin.name(), self.wanted.id.clone());
        let found = self.plugin.look_up(&self.wanted, Keeper::Cluster, store).await;
        let found = match found {
            Ok(found) => found.document,
            // It was deleted since.
            Err(CommitError::Refused(_)) => return,
            Err(error) => {
                let error = &described(&error);
                return NotConfirmed { plugin, id: &id, error }.log();
            }
        };
        let offload = self.offload.clone();
        let length = found.len() + self.judged.length();
        if let Ok(violations) = offload
            .run(length, move || self.unjudged(&found))
            .await
            .map_err(drop::<Panicked>)
            && !violations.is_empty()
        {
            let event = ChangedOtherwise {
                plugin,
                id: &id,
                violations: &lines(&violations),
            };
            event.emit();
        }
    }

    /// What is enforced that the document violates, and what was judged does not.
    fn unjudged(&self, found: &str) -> Vec<Violation> {
        let input = PolicyInput {
            job_id: &self.submission.id,
            user: self.submission.user.as_ref(),
            now_millis: self.submission.now_millis,
        };
        let engine = Engine {
            call: &*self.plugin,
            policies: &self.submission.policies.active,
        };
        let judged = engine.enforced(&self.judged.text(), input).violations;
        let mut violations = engine.enforced(found, input).violations;
        violations.retain(|violation| !judged.contains(violation));
        violations
    }
}
