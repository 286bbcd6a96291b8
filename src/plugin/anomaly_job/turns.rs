//! Whether requests about one job wait for each other, and where: an update that was judged on a job must not be applied to
//! another version of it.

use crate::plugin::LockPlace;
use crate::store::IndexDefinition;

/// Within what requests about one job take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TakesTurns {
    /// They do not: nothing is judged on a job as it is.
    #[default]
    No,
    /// This gateway.
    InGateway,
    /// The cluster: among all of its gateways.
    InCluster,
}

impl TakesTurns {
    /// The lock of the job of this id, which has the form of one, in the index of jobs.
    pub(super) fn lock(self, index: &IndexDefinition, job_id: &str) -> Option<LockPlace> {
        (self == Self::InCluster).then(|| LockPlace {
            index: index.clone(),
            id: format!("change_lock-{job_id}"),
        })
    }
}
