//! A folder of things that are made once and used by every later start: `target/cluster`.
//!
//! Tests start side by side in several processes, so making something takes a lock; and anything may be killed at any
//! time, so it is made beside its place and renamed when it is whole.

use std::{
    env,
    fs::{self, File, TryLockError},
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use crate::{
    error::{Doing, Error},
    progress,
};

const UNFINISHED: &str = "unfinished-";

/// Something in the cache.
pub struct Entry<'a> {
    /// The folder's name, to which a hash of `made_from` is added.
    pub name: &'a str,
    /// Everything that decides what is in it: a change makes another entry.
    pub made_from: &'a [&'a str],
    /// Whether what lies there can still be used, as it may refer to files elsewhere.
    pub is_usable: &'a dyn Fn(&Path) -> bool,
}

impl Entry<'_> {
    /// The entry's folder, filled first if it isn't there.
    pub fn or_fill(&self, fill: impl FnOnce(&Path) -> Result<(), Error>) -> Result<PathBuf, Error> {
        self.or_fill_in(&folder(), fill)
    }

    fn or_fill_in(&self, cache: &Path, fill: impl FnOnce(&Path) -> Result<(), Error>) -> Result<PathBuf, Error> {
        let place = cache.join(format!("{}-{:016x}", self.name, hash(self.made_from)));
        if self.is_there(&place) {
            return Ok(place);
        }
        fs::create_dir_all(cache).doing(|| format!("creating {}", cache.display()))?;
        // One lock for all entries: two runs of Maven must not write into its local repository at a time.
        let _lock = lock(&cache.join("lock"))?;
        if self.is_there(&place) {
            return Ok(place);
        }
        remove_unfinished(cache)?;
        if place.exists() {
            fs::remove_dir_all(&place).doing(|| format!("removing {}", place.display()))?;
        }
        let unfinished = cache.join(format!("{UNFINISHED}{}", self.name));
        fs::create_dir(&unfinished).doing(|| format!("creating {}", unfinished.display()))?;
        fill(&unfinished)?;
        fs::rename(&unfinished, &place).doing(|| format!("naming {}", place.display()))?;
        Ok(place)
    }

    fn is_there(&self, place: &Path) -> bool {
        place.is_dir() && (self.is_usable)(place)
    }
}

/// `cluster` in Cargo's target folder.
fn folder() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let workspace = fs::canonicalize(&workspace).unwrap_or(workspace);
    // Joining an absolute path gives that path.
    let target = workspace.join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()));
    target.join("cluster")
}

/// The lock is released when the file is dropped or whoever holds it dies. No child inherits its descriptor.
fn lock(path: &Path) -> Result<File, Error> {
    let file = File::create(path).doing(|| format!("creating {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => progress::say("waiting for another start that fills the cache…"),
        Err(TryLockError::Error(source)) => {
            return Err(Error::Io {
                doing: format!("locking {}", path.display()),
                source,
            });
        }
    }
    file.lock().doing(|| format!("locking {}", path.display()))?;
    Ok(file)
}

/// Whoever left these behind holds the lock no more, so it is dead or has failed.
fn remove_unfinished(cache: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(cache)
        .doing(|| format!("reading {}", cache.display()))?
        .flatten()
    {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            fs::remove_dir_all(entry.path()).doing(|| format!("removing {}", entry.path().display()))?;
        }
    }
    Ok(())
}

/// Only has to be the same from run to run of one build; another one's is another entry, made anew.
fn hash(made_from: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    made_from.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, thread};

    use super::*;

    #[test]
    fn an_entry_is_filled_once_and_again_when_what_it_is_made_from_changes() {
        let cache = tempfile::tempdir().unwrap();
        let fills = Cell::new(0);
        let fill = |folder: &Path| {
            fills.set(fills.get() + 1);
            fs::write(folder.join("made"), "whole").unwrap();
            Ok(())
        };
        let first = entry(&["a"]).or_fill_in(cache.path(), fill).unwrap();
        assert_eq!(entry(&["a"]).or_fill_in(cache.path(), fill).unwrap(), first);
        assert_eq!(fills.get(), 1);
        assert_ne!(entry(&["b"]).or_fill_in(cache.path(), fill).unwrap(), first);
        assert_eq!(fills.get(), 2);
    }

    #[test]
    fn an_entry_that_can_no_longer_be_used_is_made_anew() {
        let cache = tempfile::tempdir().unwrap();
        let has_jar = |place: &Path| place.join("jar").exists();
        let entry = Entry {
            name: "kind",
            made_from: &["a"],
            is_usable: &has_jar,
        };
        let fill = |folder: &Path| {
            fs::write(folder.join("jar"), "").unwrap();
            Ok(())
        };
        let place = entry.or_fill_in(cache.path(), fill).unwrap();
        fs::remove_file(place.join("jar")).unwrap();
        assert_eq!(entry.or_fill_in(cache.path(), fill).unwrap(), place);
        assert!(place.join("jar").exists());
    }

    #[test]
    fn half_an_entry_never_counts() {
        let cache = tempfile::tempdir().unwrap();
        let failed = entry(&["a"]).or_fill_in(cache.path(), |folder| {
            fs::write(folder.join("half"), "").unwrap();
            Err(Error::UnknownKind {
                asked: "stands for any failure".into(),
                known: Vec::new(),
            })
        });
        assert!(failed.is_err());
        let place = entry(&["a"]).or_fill_in(cache.path(), |_| Ok(())).unwrap();
        assert!(!place.join("half").exists());
        let left = fs::read_dir(cache.path())
            .unwrap()
            .flatten()
            .filter(|found| found.path().is_dir())
            .count();
        assert_eq!(left, 1);
    }

    #[test]
    fn of_many_at_once_one_fills() {
        let cache = tempfile::tempdir().unwrap();
        let fills = std::sync::atomic::AtomicU32::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let fill = |_: &Path| {
                        fills.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        Ok(())
                    };
                    entry(&["a"]).or_fill_in(cache.path(), fill).unwrap();
                });
            }
        });
        assert_eq!(fills.into_inner(), 1);
    }

    fn entry<'a>(made_from: &'a [&'a str]) -> Entry<'a> {
        Entry {
            name: "kind",
            made_from,
            is_usable: &|_| true,
        }
    }
}
