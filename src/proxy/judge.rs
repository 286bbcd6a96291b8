//! Puts a claimed request to its plugin and to the policies, and answers one that is only tried out.

use std::sync::Arc;

use bytes::Bytes;

use super::offload::{Offload, Panicked};
use crate::admission::Candidate;
use crate::admission::policy::origin::FilledIn;
use crate::admission::policy::pipeline::{self, Ruling};
use crate::admission::policy::{PolicySet, PolicySets, rehearsal};
use crate::cluster::caller::Caller;
use crate::es::format::Format;
use crate::es::user::User;
use crate::es::version::Version;
use crate::http::body_budget::BodyShare;
use crate::http::excerpt::Excerpt;
use crate::plugin::Plugin;

/// A request, owned, so that it can go to another thread.
#[derive(Clone)]
pub(super) struct Question {
    pub(super) id: String,
    pub(super) query: String,
    pub(super) path: String,
    pub(super) body: Bytes,
    /// The room that the body takes, as long as anybody has it.
    pub(super) _share: Arc<BodyShare>,
    pub(super) format: Format,
    pub(super) api: Version,
    pub(super) caller: Caller,
    pub(super) user: Option<User>,
    /// The policies as they are now: they may change before the answer.
    pub(super) policies: PolicySets,
    pub(super) now_millis: i64,
}

/// What is decided, and the question again. A plugin that panics has decided nothing, and takes nothing else with it.
pub(super) async fn judge(
    offload: &Offload,
    plugin: &Arc<dyn Plugin>,
    question: Question,
) -> Result<(Ruling, Question), Panicked> {
    let (plugin, length) = (Arc::clone(plugin), question.body.len());
    let may_take_long = question.policies.active.may_take_long(length);
    let judge = move || (question.put_to(&*plugin), question);
    if may_take_long {
        offload.hand_over(length, judge).await
    } else {
        offload.run(length, judge).await
    }
}

impl Question {
    pub(super) fn candidate(&self) -> Candidate<'_> {
        Candidate {
            id: &self.id,
            query: &self.query,
            path: &self.path,
            body: &self.body,
            format: self.format,
            api: self.api,
            caller: &self.caller,
            now_millis: self.now_millis,
        }
    }

    fn put_to(&self, plugin: &dyn Plugin) -> Ruling {
        self.judged_by(plugin, &self.policies.active)
    }

    /// What is decided by a set of policies.
    pub(super) fn judged_by(&self, plugin: &dyn Plugin, policies: &PolicySet) -> Ruling {
        let judge = |candidate: &Candidate<'_>| plugin.admit(candidate);
        pipeline::decide(&judge, &self.candidate(), policies, self.user.as_ref())
    }

    /// The answer to a dry run, which is `answered` with what it adds.
    pub(super) fn rehearsed(&self, answered: Excerpt, stored: &Excerpt, filled: &[FilledIn]) -> String {
        rehearsal::rehearsed(answered, &self.candidate(), stored, filled)
    }
}
