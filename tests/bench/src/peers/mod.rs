//! What forwarding costs the gateway, and other proxies in its place: the same load, the same upstream, the same cores.
//!
//! Each figure is taken in rounds. In each round every proxy is started anew, in an order that changes from round to round,
//! and asked for the same; the gateway is there twice, which shows how much of a difference is noise (`rounds.rs`). A
//! proxy has cores of its own as far as there are enough (`cores.rs`); the upstream (`upstream.rs`) and the load (`clients.rs`)
//! are a thread each of this program. What Linux says of the proxy's processes (`process.rs`) is divided by what was asked
//! (`measure.rs`).

#![allow(
    clippy::cast_precision_loss,
    reason = "counts of a run of seconds, shown with three digits"
)]

pub mod clients;
pub mod connection;
pub mod contender;
pub mod cores;
pub mod growth;

pub mod latencies;
pub mod machine;
pub mod measure;
mod own_calls;
pub mod process;
pub mod programs;
pub mod question;
pub mod rounds;
pub mod settings;
pub mod table;
pub mod ticks;
pub mod tls;
pub mod upstream;

/// A kibibyte, in bytes.
pub const KIBIBYTE: u64 = 1024;

/// A mebibyte, in bytes.
pub const MEBIBYTE: u64 = 1024 * KIBIBYTE;

/// A gibibyte, in bytes.
pub const GIBIBYTE: u64 = 1024 * MEBIBYTE;
