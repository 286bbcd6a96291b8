//! What the tests drive: the real gateway, a scripted upstream, and a client that shows every byte.

pub mod authority;
pub mod gateway;
pub mod job;
pub mod node;
pub mod scripted_upstream;
pub mod service_manager;
pub mod sources;
pub mod stand_in;
pub mod tls;
pub mod wire;
