//! Benchmarks of the gateway: what `benches/` measure, and what they share.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a benchmark says what is wrong by panicking"
)]

pub mod admission;
pub mod core;
pub mod job;
pub mod policies;
