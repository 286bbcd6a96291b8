//! Documents in the cluster: the gateway's only state, written and read with the credentials that are given.

mod analysis;
pub mod error;
pub mod found_index;
pub mod index;
pub mod index_name;
pub mod index_names;
mod page;
mod scan;
mod search;
mod write;

use crate::cluster::Cluster;
use crate::http::caller::Caller;

pub use analysis::Analysis;
pub use error::{StoreError, UntrustedIndex};
pub use found_index::FoundIndex;
pub use index::{IndexDefinition, ReadyIndex};
pub use index_name::IndexName;
pub use index_names::{IndexNamesError, index_names};
pub use page::{Page, PageHit};
pub use scan::{Pages, Selection};
pub use search::Hit;
pub use write::bulk::Added;
pub use write::reserve::Reserved;

/// A cluster's documents, as somebody may read and write them.
#[derive(Debug, Clone, Copy)]
pub struct Store<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// With whose credentials it is called.
    pub caller: &'a Caller,
}
