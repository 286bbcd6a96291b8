//! Benchmarks of the gateway: what `benches/` measure, and what they share; and the gateway beside other proxies.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a benchmark says what is wrong by panicking"
)]

pub mod admission;
pub mod core;
pub mod job;
#[cfg(target_os = "linux")]
pub mod peers;
pub mod policies;

/// The gateway's own, so that what is measured is what it takes there.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
