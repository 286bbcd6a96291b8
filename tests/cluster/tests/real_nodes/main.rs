//! Starts real nodes, kills them and looks what is left.
//!
//! The kinds other than the default ones are in `every_kind`, and ignored: their first run downloads 200 MB.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what tests share is as much a test as what is marked so"
)]

mod default_kind;
mod every_kind;
mod http;
#[cfg(target_os = "linux")]
mod lifetime;
mod secured;
