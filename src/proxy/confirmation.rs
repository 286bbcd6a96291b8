//! Checks that the cluster has made of a document what was judged. It also takes changes past this gateway, and does not say
//! which version it has changed; so the document is read again, and the policies judge what is there now.

use std::sync::Arc;

use super::decision_event::lines;
use super::evaluate::Submission;
use super::failure::described;
use super::offload::{Offload, Panicked};
use crate::admission::engine::{Engine, PolicyInput};
use crate::admission::policy::Violation;
use crate::cluster::Cluster;
use crate::plugin::{CommitError, Keeper, Plugin, Wanted};
use crate::store::Store;
use crate::telemetry::events::requests::{ChangedOtherwise, NotConfirmed};
use crate::xcontent::elided_text::ElidedText;

/// What was judged, to be compared with what is there now.
pub(super) struct Confirmation {
    pub(super) plugin: Arc<dyn Plugin>,
    pub(super) wanted: Wanted,
    pub(super) submission: Submission,
    /// What was to come of the change.
    pub(super) judged: ElidedText,
    pub(super) cluster: Arc<Cluster>,
    pub(super) offload: Offload,
}

impl Confirmation {
    /// Reads the document again, and logs an error if it has violations that the judged one has not.
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

    /// The enforced violations of the document that the judged one does not have.
    fn unjudged(&self, found: &str) -> Vec<Violation> {
        let input = PolicyInput {
            id: &self.submission.id,
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
