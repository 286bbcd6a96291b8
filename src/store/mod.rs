//! Documents in the cluster: the gateway's only state, written and read with the credentials that are given.

pub mod account;
mod analysis;
mod call_error;
pub mod cluster;
pub mod error;
pub mod found_index;
pub mod identity;
pub mod index;
pub mod index_name;
pub mod index_names;
pub mod privileges;
pub mod reply;
mod scan;
mod search;
pub mod user;
mod write;

use crate::es::caller::Caller;

pub use analysis::Analysis;
pub use call_error::CallError;
pub use cluster::Cluster;
pub use error::{StoreError, UntrustedIndex};
pub use found_index::FoundIndex;
pub use identity::{Identity, Product};
pub use index::{IndexDefinition, ReadyIndex};
pub use index_name::IndexName;
pub use index_names::{IndexNamesError, index_names};
pub use reply::{RefusedReply, Reply, ReplyError};
pub use search::Hit;

/// A cluster's documents, as somebody may read and write them.
#[derive(Debug, Clone, Copy)]
pub struct Store<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// With whose credentials it is called.
    pub caller: &'a Caller,
}
