//! The cluster as the gateway reaches it: its nodes and how requests get to them.

pub mod node_url;
