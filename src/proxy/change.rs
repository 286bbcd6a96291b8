//! A request that changes a document: the document is looked up, and the request is judged on what would come of it. If
//! somebody else changes the document meanwhile, both are done again.

use std::rc::Rc;
use std::sync::Arc;

use http::Response;

use super::admit::{Change, Claimed};
use super::context::RequestContext;
use super::evaluate::Submission;
use super::failure::Failure;
use super::own_body::Content;
use super::{CommitMode, Proxy};
use crate::plugin::{Found, Keeper, Plugin, Wanted};
use crate::store::Store;

/// How many times a change is judged at most while others change the document past this gateway.
const MAX_ROUNDS: usize = 8;

impl Proxy {
    /// Looks up the document, evaluates the request on it, and carries it out.
    pub(super) async fn change(
        self: &Rc<Self>,
        claimed: Claimed<'_>,
        mut submission: Submission,
        wanted: Wanted,
        context: &mut RequestContext,
    ) -> Result<Response<Content>, Failure> {
        let plugin = claimed.claim.plugin;
        // Who may not do it is shown nothing of the document, and waits for nobody.
        if self.shared.commit_mode == CommitMode::Store {
            self.authorize(plugin.permission(), context).await?;
        } else {
            self.authenticate(&context.caller, &context.record).await?;
        }
        let turn = self.shared.turns.take(plugin.name(), &wanted.id).await;
        let turn = Rc::new(turn.ok_or(Failure::NoTurn)?);
        let warnings = context.own_warnings();
        let mut rounds_left = MAX_ROUNDS;
        loop {
            let Found { document, version } = self.look_up(&**plugin, &wanted, context).await?;
            submission.current = Some(Arc::from(document));
            rounds_left -= 1;
            let change = Change {
                wanted: &wanted,
                version,
                turn: &turn,
                is_last: rounds_left == 0,
            };
            let changed = self.judge(claimed, submission.clone(), Some(change), context).await;
            let is_outdated = changed.as_ref().is_err_and(Failure::is_outdated);
            if !is_outdated || rounds_left == 0 {
                return changed;
            }
            context.unwarn(warnings);
        }
    }

    /// The document that a request changes, as it is now: from the gateway's index, or as the cluster shows it to the caller.
    async fn look_up(&self, plugin: &dyn Plugin, wanted: &Wanted, context: &RequestContext) -> Result<Found, Failure> {
        let acting = self.acting(context);
        let (keeper, store) = match self.shared.commit_mode {
            CommitMode::Store => (Keeper::Gateway, acting.store()),
            CommitMode::Forward | CommitMode::Both => (Keeper::Cluster, self.callers_store(context)),
        };
        let looking = plugin.look_up(wanted, keeper, store);
        let found = context.record.while_the_cluster_works(looking).await;
        found.map_err(|error| match keeper {
            Keeper::Gateway => self.uncommitted(error),
            Keeper::Cluster => Failure::Commit(error),
        })
    }

    /// The cluster, as the caller may read it.
    fn callers_store<'s>(&'s self, context: &'s RequestContext) -> Store<'s> {
        Store {
            cluster: &self.cluster,
            caller: &context.caller,
        }
    }
}
