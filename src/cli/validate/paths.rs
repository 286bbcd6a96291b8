//! The files that are to be judged: those that are named, and those in folders that are named.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What files of jobs end in, by which they are known in folders.
const ENDINGS: [&str; 5] = ["json", "ndjson", "jsonl", "yml", "yaml"];

/// How deep folders may nest: a link may lead back.
const MAX_DEPTH: usize = 32;

/// A file, and how it was come by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) path: PathBuf,
    /// It was found in a folder, where there may be files of other things.
    pub(super) in_folder: bool,
}

/// The files of these paths, each once; in folders in the order of their names. Those that cannot be listed are given as
/// they are, to be told of when they are read.
pub(super) fn listed(paths: &[PathBuf]) -> Vec<Listed> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            if let Err(_unlisted) = add_folder(path, 0, &mut files) {
                files.push(named(path));
            }
        } else {
            files.push(named(path));
        }
    }
    let mut seen = HashSet::with_capacity(files.len());
    files.retain(|file: &Listed| seen.insert(fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone())));
    files
}

fn named(path: &Path) -> Listed {
    Listed {
        path: path.to_owned(),
        in_folder: false,
    }
}

fn add_folder(folder: &Path, depth: usize, files: &mut Vec<Listed>) -> io::Result<()> {
    let entries: io::Result<Vec<_>> = fs::read_dir(folder)?.collect();
    let mut paths: Vec<PathBuf> = entries?.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let is_known = path
            .extension()
            .is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)));
        if is_hidden {
            continue;
        }
        if path.is_dir() && depth < MAX_DEPTH {
            add_folder(&path, depth + 1, files)?;
        } else if is_known && path.is_file() {
            files.push(Listed { path, in_folder: true });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_looked_through_and_each_file_is_listed_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("inner")).expect("a folder");
        for name in ["b.json", "a.ndjson", "inner/c.yaml", "readme.md", ".hidden.json"] {
            fs::write(path(name), "{}").expect("a file");
        }
        let listed = listed(&[path("b.json"), folder.path().to_owned(), path("nowhere.json")]);
        let names: Vec<_> = listed
            .iter()
            .map(|file| {
                file.path
                    .strip_prefix(folder.path())
                    .expect("inside")
                    .display()
                    .to_string()
            })
            .collect();
        assert_eq!(names, ["b.json", "a.ndjson", "inner/c.yaml", "nowhere.json"]);
        let in_folder: Vec<bool> = listed.iter().map(|file| file.in_folder).collect();
        assert_eq!(in_folder, [false, true, true, false]);
    }
}
