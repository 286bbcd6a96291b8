//! libFuzzer's program: the target that the environment names, guided by coverage. `cargo xtask fuzz` builds and runs it.

#![no_main]

use std::sync::LazyLock;

use fuzz::{Target, named};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    named(&name).unwrap_or_else(|| std::process::abort())
});

fuzz_target!(|bytes: &[u8]| (TARGET.check)(bytes));
