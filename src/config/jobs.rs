//! What the configuration says of jobs.

use super::api::Api;
use super::key::Key;
use super::protect::Protect;
use super::reader::Reader;
use super::serve::Serve;
use super::updates::{UpdateTurns, Updates};
use super::{Switch, TimeLimit};
use crate::proxy::CommitMode;
use crate::store::index_name::IndexName;

/// What the gateway does with jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jobs {
    /// The index that they are stored in.
    pub index: IndexName,
    /// The version of Elasticsearch's API to answer as.
    pub api: Api,
    /// Who keeps them.
    pub commit: CommitMode,
    /// Whether clients may try out the creation of a job.
    pub dry_run: Switch,
    /// Which calls about jobs the gateway answers.
    pub serve: Serve,
    /// What becomes of updates of jobs.
    pub updates: Updates,
    /// Within what changes of one job take turns then.
    pub update_turns: UpdateTurns,
    /// Whether their index is protected from writes by other calls.
    pub protect: Protect,
    /// Whether answers to claimed calls have the id of what was decided.
    pub decision_id: Switch,
    /// How often those that are stored are judged by the policies, if they are.
    pub scan: TimeLimit,
}

pub(super) const INDEX: Key = Key::new("jobs.index", "The index that jobs are stored in.").named("jobs-index");
const API: Key = Key::new(
    "jobs.api",
    "The version of Elasticsearch to answer as; `auto` is the cluster's own.",
)
.detail("OpenSearch counts as 7.0. A major number alone is its newest minor version that is known. Commands that ask no cluster judge as 9.5 where it is `auto`.")
.named("jobs-api");
pub(super) const COMMIT: Key = Key::new(
    "jobs.commit",
    "Who keeps jobs: the gateway (`store`), the cluster's own machine learning (`forward`), or `both`.",
)
.named("jobs-commit");
const DRY_RUN: Key = Key::new(
    "jobs.dry_run",
    "Whether the parameter `dry_run` of create-job tries out what would happen.",
)
.detail("If not, `dry_run` is an unknown parameter, as to Elasticsearch.");
pub(super) const SERVE: Key = Key::new(
    "jobs.serve",
    "Which calls about jobs the gateway answers: their creation (`create`), or all that need no machine learning (`all`).",
)
.detail("`all` is for OpenSearch, with `jobs.commit: store`; what is answered then is in [Serving jobs](../operate/serving.md).")
.named("jobs-serve");
const UPDATES: Key = Key::new(
    "jobs.updates",
    "What becomes of updates of jobs: they are forwarded like any other call (`forward`), or judged on the job that would come of them (`judge`).",
)
.detail("What is judged then, and what that cannot do, is in [Updates](../policies.md#updates).");
const UPDATE_TURNS: Key = Key::new(
    "jobs.update_turns",
    "Where changes of one job take turns while `jobs.updates` is `judge` and the cluster keeps the jobs: in the whole `cluster`, by a lock in the index of jobs, or in this `gateway` only.",
)
.detail("`gateway` is for a gateway that all updates go through. What a lock needs is in [Updates](../policies.md#updates).");
const PROTECT: Key = Key::new(
    "jobs.protect",
    "Whether writes to the index of jobs by any other call through the gateway are refused.",
)
.detail("`auto` is on with `access.mode: service`. What is refused then, and what protection cannot do, is in [Protecting the index](../policies.md#protecting-the-index).");
const DECISION_ID: Key = Key::new(
    "jobs.decision_id",
    "Whether answers to claimed calls have the field `X-Anomaly-Gateway-Decision` with the id by which `GET /decisions/<id>` of `admin.listen` says why.",
)
.detail("Elasticsearch has no such field. Answers with 401 and 403 are without it.");
pub(super) const SCAN: Key = Key::new(
    "jobs.scan",
    "How often all jobs in the index of jobs are judged by the policies in use, so that those are known that violate one.",
)
.detail("What is found is in `GET /policies/report` of `admin.listen`, in metrics and in the log; nothing is done about it. The jobs are read with `policies.blast_radius.authorization`. Each gateway scans for itself: one that does is enough. See [Which stored jobs violate policies](../policies.md#which-stored-jobs-violate-policies).");

/// Reads the keys of jobs.
pub(super) fn jobs(keys: &mut Reader<'_>) -> Jobs {
    Jobs {
        index: keys.one(INDEX, IndexName::default()),
        api: keys.one(API, Api::Auto),
        commit: keys.one(COMMIT, CommitMode::Store),
        dry_run: keys.one(DRY_RUN, Switch(true)),
        serve: keys.one(SERVE, Serve::Create),
        updates: keys.one(UPDATES, Updates::Forward),
        update_turns: keys.one(UPDATE_TURNS, UpdateTurns::Cluster),
        protect: keys.one(PROTECT, Protect::Auto),
        decision_id: keys.one(DECISION_ID, Switch(false)),
        scan: keys.one(SCAN, TimeLimit(None)),
    }
}
