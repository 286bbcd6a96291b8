//! HTTP/1.1 as a proxy has to treat it: targets byte for byte, hop-by-hop fields, framing, bounded bodies, and clients
//! that have to keep pace.

pub mod authorization;
pub mod body;
pub mod body_budget;
pub mod caller;
pub mod client_body;
pub mod content_coding;
pub mod elided_body;
pub mod forwarded;
pub mod framing;
pub mod hop_by_hop;
pub mod incremental_decoder;
pub mod pace;
pub mod request_line;
pub mod request_stream;
pub mod target;
