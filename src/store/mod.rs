//! Documents in the cluster: the gateway's only state, written and read with the caller's own credentials.

pub mod cluster;
pub mod identity;
pub mod index;
pub mod index_name;
pub mod privileges;
pub mod scan;
pub mod search;
pub mod user;
pub mod write;

pub use cluster::{CallError, Cluster, Reply};
pub use identity::{Identity, Product};
pub use index::{FoundIndex, IndexDefinition, ReadyIndex};
pub use index_name::IndexName;
pub use scan::scan;
pub use search::search;
pub use write::{StoreError, create, replace};
