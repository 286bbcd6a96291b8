//! The cluster as the forward path sees it: nodes, a pool of connections to each, and streaming both ways.
//!
//! Connections belong to one worker thread each, so nothing is locked (design: thread per core). What all threads know is
//! which nodes answer.

pub mod answer_body;
pub mod attempts;
pub mod client;
pub mod connection;
pub mod connector;
mod dial;
mod early_answer;
pub mod forward;
pub mod forward_error;
pub mod health;
pub mod host;
mod hyper_sender;
mod long_head;
pub mod node_stream;
pub mod node_url;
pub mod nodes;
pub mod own_sockets;
pub mod pool;
pub mod probing;
pub mod request_body;
pub mod reread;

pub use answer_body::UpstreamBody;
pub use client::{Call, Client, SendError};
pub use connector::{ConnectError, Connector};
pub use forward::{Timeouts, Upstream};
pub use forward_error::ForwardError;
pub use host::HostChoice;
pub use node_url::NodeUrl;
pub use nodes::Nodes;
pub use own_sockets::OwnSockets;
pub use probing::{ProbeMode, Probing};
pub use request_body::{BodyError, Outgoing, RequestBody};
