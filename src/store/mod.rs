//! Documents in the cluster: the gateway's only state, written and read with the caller's own credentials.

pub mod cluster;
pub mod create;
pub mod identity;
pub mod index;
pub mod index_name;
pub mod privileges;
pub mod search;
pub mod user;

pub use cluster::{CallError, Cluster, Reply};
pub use create::{StoreError, create};
pub use identity::{Identity, Product};
pub use index::{FoundIndex, IndexDefinition, ReadyIndex};
pub use index_name::IndexName;
pub use search::search;
