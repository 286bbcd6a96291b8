//! The core that is measured on, and the time that it works.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Keeps this thread, and every process that it starts, on one of the cores that it may use: the last one, as the
/// first has most of the system's own work. Only Linux can be asked for that.
#[cfg(target_os = "linux")]
pub fn use_one_core() {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    let allowed = sched_getaffinity(None).expect("the cores are known");
    let last = (0..CpuSet::MAX_CPU).rev().find(|core| allowed.is_set(*core));
    let mut one = CpuSet::new();
    one.set(last.expect("a core"));
    sched_setaffinity(None, &one).expect("a core can be chosen");
}

/// Where no core can be chosen.
#[cfg(not(target_os = "linux"))]
pub fn use_one_core() {}

/// The time that this process has worked so far.
#[must_use]
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("no time before the start")
}
