//! A proxy's process, with those that it has started, and what Linux says of them: how long they have worked, and how much
//! memory is theirs.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::core::{allowed, keep_to};

/// How long a proxy may take to listen, and to end.
const LIMIT: Duration = Duration::from_secs(10);

/// How often it is looked whether it does.
const PAUSE: Duration = Duration::from_millis(5);

/// A proxy that runs. It ends with this value.
#[derive(Debug)]
pub struct Proxy {
    child: Child,
    /// Where its configuration and what it says are.
    _folder: TempDir,
}

impl Proxy {
    /// Starts a proxy on these cores, and waits until it listens at this address.
    pub fn start(mut command: Command, address: SocketAddr, cores: &[usize], folder: TempDir) -> anyhow::Result<Self> {
        let log = folder.path().join("log");
        let said = fs::File::create(&log)?;
        command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said);
        let own = allowed();
        keep_to(cores);
        let started = command.spawn();
        keep_to(&own);
        let child = started.with_context(|| format!("{} cannot be started", command.get_program().display()))?;
        let mut proxy = Self { child, _folder: folder };
        proxy.wait_until_it_listens(address, &log)?;
        Ok(proxy)
    }

    fn wait_until_it_listens(&mut self, address: SocketAddr, log: &PathBuf) -> anyhow::Result<()> {
        let deadline = Instant::now() + LIMIT;
        while TcpStream::connect(address).is_err() {
            let has_ended = self.child.try_wait()?.is_some();
            if has_ended || Instant::now() > deadline {
                let said = fs::read_to_string(log).unwrap_or_default();
                bail!("the proxy does not listen; it says:\n{said}");
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// How long its processes have worked so far, in user space and for them in the kernel. This is what `utime` and
    /// `stime` are made from, which are in hundredths of a second.
    pub fn cpu_time(&self) -> anyhow::Result<Duration> {
        let mut time = Duration::ZERO;
        for process in self.processes()? {
            for task in fs::read_dir(format!("/proc/{process}/task"))? {
                let text = fs::read_to_string(task?.path().join("schedstat"))?;
                time += run_time(&text).context("a time that is no number")?;
            }
        }
        Ok(time)
    }

    /// The memory of its processes, in bytes: each page that several share counts for each of them in part (PSS).
    pub fn memory(&self) -> anyhow::Result<u64> {
        let mut bytes = 0;
        for process in self.processes()? {
            let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
            bytes += proportional_memory(&text).context("a process without memory")?;
        }
        Ok(bytes)
    }

    /// The process that was started, and all that it has started.
    fn processes(&self) -> anyhow::Result<Vec<u32>> {
        let mut parents = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let Ok(process) = entry?.file_name().to_string_lossy().parse() else {
                continue;
            };
            // One that has ended meanwhile has no parent.
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            parents.extend(parent(&stat).map(|parent| (process, parent)));
        }
        Ok(with_descendants(self.child.id(), &parents))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Told to end, a master ends its workers; killed, it would leave them.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let deadline = Instant::now() + LIMIT;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            thread::sleep(PAUSE);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The number of the process that has started one, from its `/proc/<pid>/stat`. The program's name in it may have
/// parentheses and blanks.
fn parent(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(1)?.parse().ok()
}

/// A process and those that it has started, directly or not, of all processes and their parents.
fn with_descendants(process: u32, parents: &[(u32, u32)]) -> Vec<u32> {
    let children = parents.iter().filter(|(_, parent)| *parent == process);
    let descendants = children.flat_map(|(child, _)| with_descendants(*child, parents));
    std::iter::once(process).chain(descendants).collect()
}

/// How long a thread has run, from its `schedstat`: nanoseconds on a core, nanoseconds of waiting for one, and how often.
fn run_time(schedstat: &str) -> Option<Duration> {
    let nanoseconds = schedstat.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// The memory in bytes that a `smaps_rollup` says is a process's own share.
fn proportional_memory(smaps_rollup: &str) -> Option<u64> {
    let line = smaps_rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_is_found_whatever_the_program_is_called() {
        assert_eq!(parent("4242 (nginx) S 17 4242 4242 0 -1 4194560 1"), Some(17));
        assert_eq!(parent("4242 (a) R 1 (b) S 17 4242 4242 0"), Some(17));
        assert_eq!(parent(""), None);
        assert_eq!(parent("4242 (nginx"), None);
    }

    #[test]
    fn workers_belong_to_their_master() {
        let parents = [(2, 1), (10, 1), (11, 10), (12, 10), (13, 12), (20, 2)];
        assert_eq!(with_descendants(10, &parents), [10, 11, 12, 13]);
        assert_eq!(with_descendants(20, &parents), [20]);
    }

    #[test]
    fn a_threads_time_is_the_first_figure() {
        assert_eq!(
            run_time("348104857 8400669602 180\n"),
            Some(Duration::from_nanos(348_104_857))
        );
        assert_eq!(run_time("\n"), None);
    }

    #[test]
    fn memory_is_the_share_and_not_what_is_resident() {
        let text = "55d0-7ffd ---p 00000000 00:00 0                          [rollup]\n\
                    Rss:                3680 kB\nPss:                1124 kB\nPss_Dirty:            96 kB\n";
        assert_eq!(proportional_memory(text), Some(1124 * 1024));
        assert_eq!(proportional_memory("Rss: 3680 kB\n"), None);
    }

    #[test]
    fn this_process_has_worked_and_has_memory() {
        let text = fs::read_to_string("/proc/thread-self/schedstat").expect("its time");
        assert!(run_time(&text).is_some(), "{text}");
        let text = fs::read_to_string("/proc/self/smaps_rollup").expect("its memory");
        assert!(proportional_memory(&text) > Some(0), "{text}");
        let text = fs::read_to_string("/proc/self/stat").expect("its parent");
        assert_eq!(parent(&text), Some(std::os::unix::process::parent_id()));
    }
}
