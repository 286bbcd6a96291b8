//! Puts a claimed request to its plugin and to the policies: on this thread, or on another one where it would hold up
//! the others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;

use super::failure::Failure;
use crate::admission::Candidate;
use crate::admission::policy::pipeline::{self, FilledIn, Ruling};
use crate::admission::policy::{PolicySet, PolicySets, rehearsal};
use crate::es::caller::{Caller, User};
use crate::es::format::Format;
use crate::es::version::Version;
use crate::plugin::Plugin;

/// Bodies up to this many bytes are judged in some hundred microseconds, which is no longer than handing them over
/// takes to pay off. Jobs have some thousand bytes.
const JUDGED_HERE: usize = 64 * 1024;

/// A request, owned, so that it can go to another thread.
#[derive(Clone)]
pub(super) struct Question {
    pub(super) id: String,
    pub(super) query: String,
    pub(super) path: String,
    pub(super) body: Bytes,
    pub(super) format: Format,
    pub(super) api: Version,
    pub(super) caller: Caller,
    pub(super) user: Option<User>,
    /// The policies as they are now: they may change before the answer.
    pub(super) policies: PolicySets,
    pub(super) now_millis: i64,
}

/// What is decided, and the question again. A plugin that panics has decided nothing, and takes nothing else with it.
pub(super) async fn judge(plugin: &Arc<dyn Plugin>, question: Question) -> Result<(Ruling, Question), Failure> {
    let panicked = Failure::PluginPanicked(plugin.name());
    if question.body.len() <= JUDGED_HERE {
        let ruling = catch_unwind(AssertUnwindSafe(|| question.put_to(&**plugin)));
        return ruling.map(|ruling| (ruling, question)).map_err(|_| panicked);
    }
    let plugin = Arc::clone(plugin);
    let judging = tokio::task::spawn_blocking(move || (question.put_to(&*plugin), question));
    judging.await.map_err(|_| panicked)
}

impl Question {
    fn candidate(&self) -> Candidate<'_> {
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

    /// The answer to a dry run.
    pub(super) fn rehearsed(&self, answered: &str, stored: &str, filled: &[FilledIn]) -> String {
        rehearsal::rehearsed(answered, &self.candidate(), stored, filled)
    }
}
