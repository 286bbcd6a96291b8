//! A request that changes a document: it waits for its turn, the document is looked up, and the request is judged on what would
//! come of it. If somebody else changes the document meanwhile, the latter two are done again.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::Response;
use tokio::time::Instant;

use super::access::Access;
use super::admit::{Change, Claimed};
use super::change_lock::{ChangeLock, NotTaken};
use super::context::RequestContext;
use super::evaluate::Submission;
use super::failure::Failure;
use super::own_body::Content;
use super::turns::Turn;
use super::{CommitMode, Proxy};
use crate::plugin::{CommitError, Found, Keeper, Plugin, Wanted};
use crate::store::Store;

/// How many times a change is judged at most while others change the document past this gateway.
const MAX_ROUNDS: usize = 8;

/// How long a change waits for those before it. Clients give up after 10 s (Python).
const PATIENCE: Duration = Duration::from_secs(8);

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
        let is_dry_run = *claimed.dry_run == Ok(true);
        let turn = Rc::new(self.turn(&**plugin, &wanted.id, is_dry_run, context).await?);
        let warnings = context.own_warnings();
        let mut rounds_left = MAX_ROUNDS;
        let changed = loop {
            let Found { document, version } = match self.look_up(&**plugin, &wanted, context).await {
                Ok(found) => found,
                Err(failure) => break Err(failure),
            };
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
                break changed;
            }
            context.unwarn(warnings);
        };
        turn.release().await;
        changed
    }

    /// A turn among all requests that make or change this document: those of this gateway, and where the cluster itself does what
    /// is admitted, those of every gateway. What changes nothing keeps no other gateway waiting.
    pub(super) async fn turn(
        &self,
        plugin: &dyn Plugin,
        id: &str,
        changes_nothing: bool,
        context: &RequestContext,
    ) -> Result<Turn, Failure> {
        let deadline = Instant::now() + PATIENCE;
        let turns = &self.shared.turns;
        let mut turn = turns.take(id, deadline).await.ok_or(Failure::NoTurn)?;
        if changes_nothing || self.shared.commit_mode == CommitMode::Store {
            return Ok(turn);
        }
        if let Some(place) = plugin.lock(id, context.api) {
            // The gateway's account writes for those only who may do what they ask for.
            if matches!(self.access, Access::Service(_)) {
                self.authorize(plugin.permission(), context).await?;
            }
            let taking = ChangeLock::take(place, self.acting(context), turns.seen.clone(), deadline);
            let taken = context.record.while_the_cluster_works(taking).await;
            turn.lock = Some(taken.map_err(|error| match error {
                NotTaken::Late => Failure::NoTurn,
                NotTaken::Store(error) => self.uncommitted(CommitError::Store(error)),
            })?);
        }
        Ok(turn)
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
