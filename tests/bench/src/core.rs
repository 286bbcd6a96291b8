//! The cores that are measured on, and the time that they work.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Keeps this thread, and every process that it starts, on one of the cores that it may use: the last one, as the
/// first has most of the system's own work. Only Linux can be asked for that.
#[cfg(target_os = "linux")]
pub fn use_one_core() {
    let last = allowed().pop().expect("a core");
    keep_to(&[last]);
}

/// The cores that this thread may use, in order.
#[cfg(target_os = "linux")]
#[must_use]
pub fn allowed() -> Vec<usize> {
    use rustix::thread::{CpuSet, sched_getaffinity};

    let allowed = sched_getaffinity(None).expect("the cores are known");
    (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect()
}

/// Keeps this thread, and every process that it starts, on these cores.
#[cfg(target_os = "linux")]
pub fn keep_to(cores: &[usize]) {
    use rustix::thread::{CpuSet, sched_setaffinity};

    let mut chosen = CpuSet::new();
    for core in cores {
        chosen.set(*core);
    }
    sched_setaffinity(None, &chosen).expect("cores can be chosen");
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
