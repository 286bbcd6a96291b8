//! The cluster as the forward path sees it: nodes, a pool of connections to each, and streaming both ways.
//!
//! Everything in here belongs to one worker thread, so nothing is locked (design: thread per core).

pub mod answer_body;
pub mod connection;
pub mod forward;
pub mod node_url;
pub mod pool;

pub use answer_body::UpstreamBody;
pub use forward::{ForwardError, Upstream};
pub use node_url::NodeUrl;
