//! The gateway's own calls to the cluster: the client that makes them, what the cluster is, and who a caller is to it.

pub mod account;
mod call_error;
mod calls;
pub mod identity;
pub mod privileges;
pub mod reply;
pub mod user;

pub use call_error::CallError;
pub use calls::Cluster;
pub use identity::{Identity, Product};
pub use reply::{RefusedReply, Reply, ReplyError};
