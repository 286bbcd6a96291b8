//! anomaly-gateway: a policy gateway in front of Elasticsearch and OpenSearch.
//!
//! It claims one call, create anomaly detection job, and forwards everything else unchanged. `main.rs` is the way in;
//! the rooms, from the bottom layer to the top, are the modules below in their order.

pub mod es;
// next layer
pub mod admission;
// next layer
pub mod plugin;
