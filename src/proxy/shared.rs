//! What the proxies of all worker threads have in common.

use std::sync::Arc;

use http::header::HeaderName;
use tokio::sync::{Semaphore, watch};

use super::{Background, CommitMode, Decisions, LostRecords, Offload, PermitCache, Protection, Samples, Turns};
use crate::admission::policy::PolicySets;
use crate::cluster::identity::IdentityCache;
use crate::es::version::Version;
use crate::http::body_budget::BodyBudget;
use crate::http::pace::PaceLimits;
use crate::route::Table;

/// What the proxies of all worker threads have in common.
#[derive(Clone)]
pub struct Shared {
    /// Who claims what.
    pub table: Arc<Table>,
    /// The version of Elasticsearch to answer as; the cluster's own when `None`.
    pub api: Option<Version>,
    /// Fields of requests that no node is to see.
    pub stripped: Arc<[HeaderName]>,
    /// What becomes of what is admitted.
    pub commit_mode: CommitMode,
    /// Whether clients may try requests out.
    pub allows_dry_runs: bool,
    /// The operator's policies, as they are now.
    pub policies: watch::Receiver<PolicySets>,
    /// What protects an index from requests that nobody claims, if anything does.
    pub protection: Option<Protection>,
    /// What the cluster said of itself.
    pub identities: Arc<IdentityCache>,
    /// Whom the cluster has known a moment ago. This gives nothing but a permit to have a request under way: whatever a
    /// caller may do is asked of the cluster itself.
    pub known_callers: PermitCache<()>,
    /// Permits to have a request under way; as many as come when `None`.
    pub permits: Option<Arc<Semaphore>>,
    /// Room for the bodies of claimed requests.
    pub bodies: BodyBudget,
    /// Room for those that are read before the cluster is asked who sends them.
    pub early_bodies: BodyBudget,
    /// How slow a client may be while it holds a part of either, or a permit.
    pub pace: Option<PaceLimits>,
    /// Where work is done that takes time.
    pub offload: Offload,
    /// Where is evaluated what no client waits for.
    pub background: Background,
    /// Which disagreements of the shadow set are logged.
    pub samples: Samples,
    /// The last decisions.
    pub decisions: Decisions,
    /// Records that could not be kept.
    pub lost_records: LostRecords,
    /// Changes of one document, one after the other.
    pub turns: Turns,
}
