//! What makes a running gateway read its files again: SIGHUP, or that one of them has changed.
//!
//! Files are looked at every few seconds instead of being watched by the operating system: that works on every file
//! system, and through the links by which Kubernetes exchanges a secret as a whole.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Interval, MissedTickBehavior};

/// How often files are looked at.
const INTERVAL: Duration = Duration::from_secs(2);

/// Says when to read files again.
pub(super) struct Trigger {
    hangup: Option<Signal>,
    ticks: Interval,
    files: Vec<Watched>,
}

/// A file, and what it was like when it was read and when it was looked at last.
struct Watched {
    path: PathBuf,
    read: Fingerprint,
    seen: Fingerprint,
}

/// What tells one content of a file from the next: its device and number, its length, and when it was changed last. None
/// if it cannot be looked at.
type Fingerprint = Option<(u64, u64, u64, i64, i64)>;

/// Why files are to be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Somebody has asked for it.
    Hangup,
    /// One of them has changed.
    Change,
    /// What was read could not be put into use, and may be now.
    Retry,
}

impl Cause {
    /// Its name in the log.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Hangup => "hangup",
            Self::Change => "change",
            Self::Retry => "retry",
        }
    }
}

impl Trigger {
    /// Looks at these files from now on, and at SIGHUP, which no longer ends the process.
    pub(super) fn new<'p>(files: impl IntoIterator<Item = &'p Path>) -> io::Result<Self> {
        Ok(Self {
            hangup: Some(signal(SignalKind::hangup())?),
            ..Self::of_files(files)
        })
    }

    /// Looks at these files from now on, and at nothing else.
    pub(super) fn of_files<'p>(files: impl IntoIterator<Item = &'p Path>) -> Self {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            hangup: None,
            ticks,
            files: files.into_iter().map(Watched::new).collect(),
        }
    }

    /// Returns when the files are to be read, or after this time.
    pub(super) async fn next_within(&mut self, limit: Duration) -> Option<Cause> {
        tokio::time::timeout(limit, self.next()).await.ok()
    }

    /// Looks at these files from now on, as they are now, in the place of the others.
    pub(super) fn watch<'p>(&mut self, files: impl IntoIterator<Item = &'p Path>) {
        self.files = files.into_iter().map(Watched::new).collect();
    }

    /// Returns when the files are to be read.
    pub(super) async fn next(&mut self) -> Cause {
        loop {
            tokio::select! {
                () = told(&mut self.hangup) => {
                    self.files.iter_mut().for_each(Watched::was_read);
                    return Cause::Hangup;
                }
                _ = self.ticks.tick() => {
                    if self.have_changed() {
                        self.files.iter_mut().for_each(Watched::was_read);
                        return Cause::Change;
                    }
                }
            }
        }
    }

    /// Whether a file is another than the one that was read, and no file has changed since the last look: who writes a
    /// certificate writes its key in the next moment.
    fn have_changed(&mut self) -> bool {
        let mut is_quiet = true;
        for file in &mut self.files {
            is_quiet &= !file.look();
        }
        is_quiet && self.files.iter().any(|file| file.seen != file.read)
    }
}

/// Returns when there is a signal; without one to wait for, never.
async fn told(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

impl Watched {
    fn new(path: &Path) -> Self {
        let now = fingerprint(path);
        Self {
            path: path.to_owned(),
            read: now,
            seen: now,
        }
    }

    /// Looks, and says whether the file has changed since it was looked at last.
    fn look(&mut self) -> bool {
        let now = fingerprint(&self.path);
        let has_changed = now != self.seen;
        self.seen = now;
        has_changed
    }

    fn was_read(&mut self) {
        self.look();
        self.read = self.seen;
    }
}

fn fingerprint(path: &Path) -> Fingerprint {
    let file = fs::metadata(path).ok()?;
    Some((file.dev(), file.ino(), file.len(), file.ctime(), file.ctime_nsec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        let next = path.with_extension("next");
        fs::write(&next, text).expect("a file");
        fs::rename(next, path).expect("a file");
    }

    #[tokio::test]
    async fn a_change_counts_once_and_only_when_it_is_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        write(&one, "a");
        let mut trigger = Trigger::new([one.as_path(), other.as_path()]).expect("signals can be listened for");
        assert!(!trigger.have_changed());
        write(&one, "b");
        assert!(!trigger.have_changed(), "it has just changed");
        write(&other, "b");
        assert!(!trigger.have_changed(), "the other one has");
        assert!(trigger.have_changed());
        trigger.files.iter_mut().for_each(Watched::was_read);
        assert!(!trigger.have_changed());
        fs::remove_file(&other).expect("it was there");
        assert!(!trigger.have_changed());
        assert!(trigger.have_changed());
    }

    /// As Kubernetes does it: the file is a link to one within a folder that is a link, and the folder's is exchanged.
    #[tokio::test]
    async fn an_exchanged_link_is_a_change() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for version in ["1", "2"] {
            fs::create_dir(at(version)).expect("a folder");
            fs::write(at(version).join("key"), "same").expect("a file");
        }
        symlink(at("1"), at("data")).expect("a link");
        symlink(at("data").join("key"), at("key")).expect("a link");
        let mut trigger = Trigger::new([at("key").as_path()]).expect("signals can be listened for");
        symlink(at("2"), at("next")).expect("a link");
        fs::rename(at("next"), at("data")).expect("a link");
        assert!(!trigger.have_changed());
        assert!(trigger.have_changed());
    }
}
