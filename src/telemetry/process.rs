//! What Linux knows of this process, read from `/proc` when `/metrics` is asked for, by the names that Prometheus's own clients
//! use. On other systems there are none of these.

use procfs::process::{LimitValue, Process};
use procfs::{ProcResult, boot_time_secs, page_size, ticks_per_second};

use super::exposition::Exposition;
use super::families::{CPU_TIME, FILES_LIMIT, OPEN_FILES, RESIDENT_MEMORY, START_TIME};

/// Adds them. What the system does not show, such as with another process's `/proc` in the place of this one's, is left out:
/// a figure that is made up misleads, and one that is missing does not.
pub fn show(text: &mut Exposition) {
    let Ok(process) = Process::myself() else {
        return;
    };
    if let Ok(stat) = process.stat() {
        text.single(&CPU_TIME, seconds(stat.utime.saturating_add(stat.stime)));
        text.single(&RESIDENT_MEMORY, stat.rss.saturating_mul(page_size()));
        if let Ok(booted) = boot_time_secs() {
            text.single(&START_TIME, whole(booted) + seconds(stat.starttime));
        }
    }
    if let Ok(open) = process.fd_count() {
        text.single(&OPEN_FILES, open);
    }
    if let Ok(limit) = limit_of_files(&process) {
        text.single(&FILES_LIMIT, limit);
    }
}

/// How many files the process may have open.
fn limit_of_files(process: &Process) -> ProcResult<u64> {
    Ok(match process.limits()?.max_open_files.soft_limit {
        LimitValue::Value(limit) => limit,
        LimitValue::Unlimited => u64::MAX,
    })
}

/// Ticks of the kernel's clock in seconds.
fn seconds(ticks: u64) -> f64 {
    whole(ticks) / whole(ticks_per_second().max(1))
}

/// A count as Prometheus has it. What is lost beyond 2^53 is less than a tick in a thousand years.
#[allow(clippy::cast_precision_loss)]
fn whole(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

    use super::super::families::PROCESS;
    use super::*;

    /// The value of a metric.
    fn shown(name: &str) -> f64 {
        let mut text = Exposition::default();
        show(&mut text);
        let text = text.into_text();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let value = value.unwrap_or_else(|| panic!("{name} is not shown: {text}"));
        value.parse().expect("a number")
    }

    #[test]
    fn every_one_is_shown_where_there_is_a_proc() {
        for family in PROCESS {
            assert!(shown(family.name) >= 0.0, "{}", family.name);
        }
    }

    #[test]
    fn they_are_those_of_this_process() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        let started = shown(START_TIME.name);
        let age = now.as_secs_f64() - started;
        // The clock may have been set since the system was started, though not by much.
        assert!((-60.0..86_400.0 * 30.0).contains(&age), "it started {age} s ago");

        let (before, files) = (shown(OPEN_FILES.name), [(); 200].map(|()| File::open("/dev/null")));
        let files: Vec<File> = files.into_iter().flatten().collect();
        assert_eq!(files.len(), 200);
        // Other tests of this process open and close files meanwhile, though not as many.
        assert!(shown(OPEN_FILES.name) >= before + 100.0);
        assert!(shown(FILES_LIMIT.name) > shown(OPEN_FILES.name));
        assert!(shown(RESIDENT_MEMORY.name) > 100_000.0);

        let (before, begun) = (shown(CPU_TIME.name), Instant::now());
        while shown(CPU_TIME.name) <= before {
            assert!(begun.elapsed() < Duration::from_secs(60), "no time is counted");
        }
    }
}
