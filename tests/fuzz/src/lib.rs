//! Fuzz targets: whatever reads bytes of clients, and what must hold of it for any bytes.
//!
//! A [`Target`] is a function of bytes that panics where something does not hold. Two engines run them. `mutation` is
//! our own and needs stable Rust only: it changes seeds blindly, and runs a little of every target with the tests. The
//! binary `coverage` is libFuzzer, which is guided by what a change reaches; `cargo xtask fuzz` takes it where a C++
//! compiler is found, with instrumentation that stable Rust's compiler has.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a target says by panicking that something does not hold"
)]

pub mod mutation;
mod seed;
mod target;

pub use target::{TARGETS, Target, admit, named};

/// What a function has taken of the heap. A buffer that grows exists twice while it is moved.
#[derive(Debug, Clone, Copy)]
pub struct Taken {
    /// The most bytes that it held at one time.
    pub held: usize,
    /// The bytes of all that it allocated.
    pub bytes: u64,
    /// How often it allocated.
    pub times: u64,
}

/// What a function returns, and what it has taken of the heap on this thread.
pub fn measured<T>(run: impl FnOnce() -> T) -> (T, Taken) {
    let mut result = None;
    let info = allocation_counter::measure(|| result = Some(run()));
    let taken = Taken {
        held: usize::try_from(info.bytes_max).expect("no more than there is memory"),
        bytes: info.bytes_total,
        times: info.count_total,
    };
    (result.expect("the function has run"), taken)
}
