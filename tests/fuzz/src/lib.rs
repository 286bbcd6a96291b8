//! Fuzz targets: whatever reads bytes of clients, and what must hold of it for any bytes.
//!
//! A [`Target`] is a function of bytes that panics where something does not hold. Two engines run them. `mutation` is
//! our own and needs stable Rust only: it changes seeds blindly, and runs a little of every target with the tests. The
//! binary `coverage` is libFuzzer, which is guided by what a change reaches; `cargo xtask fuzz` takes it where a C++
//! compiler is found, with instrumentation that stable Rust's compiler has.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a target says by panicking that something does not hold"
)]

pub mod hostile;
pub mod mutation;
mod seed;
mod target;

use peak_alloc::PeakAlloc;

pub use target::{TARGETS, Target, admit, named};

/// Counts what is allocated, so that targets can bound it.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// What a function returns, and the most bytes that it held at one time beyond what was held before.
pub fn measured<T>(run: impl FnOnce() -> T) -> (T, usize) {
    HEAP.reset_peak_usage();
    let before = HEAP.current_usage();
    let result = run();
    (result, HEAP.peak_usage().saturating_sub(before))
}
