//! Puts a claimed request to its plugin and to the policies.

use std::sync::Arc;

use bytes::Bytes;

use super::offload::{Offload, Panicked};
use crate::admission::Candidate;
use crate::admission::engine::{Decision, Engine};
use crate::admission::policy::origin::FilledIn;
use crate::admission::policy::{PolicySet, PolicySets, dry_run};
use crate::es::error::Refusal;
use crate::es::user::User;
use crate::es::version::Version;
use crate::http::body_budget::BodyShare;
use crate::http::caller::Caller;
use crate::plugin::{Plugin, Wanted};
use crate::telemetry::asked::Asked;
use crate::xcontent::elided_text::ElidedText;
use crate::xcontent::format::Format;

/// What a client submits, owned, so that it can go to another thread.
#[derive(Clone)]
pub(super) struct Submission {
    pub(super) id: String,
    /// Who asks, for logs.
    pub(super) asked: Asked,
    pub(super) query: String,
    pub(super) path: String,
    pub(super) body: Bytes,
    /// The room that the body takes, as long as anybody has it.
    pub(super) share: Arc<BodyShare>,
    pub(super) format: Format,
    pub(super) api: Version,
    pub(super) caller: Caller,
    pub(super) user: Option<User>,
    /// The policies as they are now: they may change before the answer.
    pub(super) policies: PolicySets,
    pub(super) now_millis: i64,
    /// The document that the request changes, as it is.
    pub(super) current: Option<Arc<str>>,
}

/// What has to be looked up before a submission can be judged, or why it is refused whatever is found; and the submission
/// again.
pub(super) async fn wanted(
    offload: &Offload,
    plugin: &Arc<dyn Plugin>,
    submission: Submission,
) -> Result<(Result<Wanted, Refusal>, Submission), Panicked> {
    let (plugin, length) = (Arc::clone(plugin), submission.body.len());
    let ask = move || (plugin.wanted(&submission.candidate()), submission);
    offload.run(length, ask).await
}

/// What is decided, and the submission again. A plugin that panics has decided nothing, and takes nothing else with it.
pub(super) async fn evaluate(
    offload: &Offload,
    plugin: &Arc<dyn Plugin>,
    submission: Submission,
) -> Result<(Decision, Submission), Panicked> {
    let (plugin, length) = (Arc::clone(plugin), submission.length());
    let may_take_long = submission.policies.active.may_take_long(length);
    let decide = move || {
        let decision = submission.decided_by(&*plugin, &submission.policies.active);
        (decision, submission)
    };
    if may_take_long {
        offload.hand_over(length, decide).await
    } else {
        offload.run(length, decide).await
    }
}

impl Submission {
    /// Gives the body's memory back, once the admitted document is in its place. Its room stays taken.
    pub(super) fn drop_body(&mut self) {
        self.body = Bytes::new();
    }

    /// How long what is judged is, in bytes.
    fn length(&self) -> usize {
        self.body.len() + self.current.as_ref().map_or(0, |current| current.len())
    }

    /// The room that the body takes, which the answer goes on to hold.
    pub(super) fn into_share(self) -> Arc<BodyShare> {
        self.share
    }

    pub(super) fn candidate(&self) -> Candidate<'_> {
        Candidate {
            id: &self.id,
            query: &self.query,
            path: &self.path,
            body: &self.body,
            format: self.format,
            api: self.api,
            now_millis: self.now_millis,
            current: self.current.as_deref(),
        }
    }

    /// What is decided by a set of policies.
    pub(super) fn decided_by(&self, plugin: &dyn Plugin, policies: &PolicySet) -> Decision {
        let engine = Engine { call: plugin, policies };
        engine.decide(&self.candidate(), self.user.as_ref())
    }

    /// The answer to a dry run, which is `answered` with what it adds. Where a document is changed, that is what becomes of
    /// the one that was there `before`.
    pub(super) fn dry_run_report(
        &self,
        answered: ElidedText,
        before: Option<&ElidedText>,
        stored: &ElidedText,
        filled: &[FilledIn],
    ) -> String {
        match before {
            None => dry_run::report(answered, &self.candidate(), stored, filled),
            Some(before) => dry_run::report_of_change(answered, before, stored),
        }
    }
}
