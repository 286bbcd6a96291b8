//! Finds the policy files that globs name, and reads them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Problem;
use crate::config::document::{Content, Node};
use crate::config::file;
use crate::config::key::{Key, environment_variable};
use crate::config::setting::{Fault, Setting};
use crate::config::source::{Origin, Place, Source};

/// What the files of a policy's tests end in: they stand beside policies and are none.
const TEST_ENDINGS: [&str; 2] = ["_test.yml", "_test.yaml"];

/// A glob of paths, such as `policies/*.yml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePattern {
    text: String,
    /// The folder of the configuration file, if it is written there: it is relative to that. Elsewhere written, it is
    /// relative to the working directory.
    folder: Option<PathBuf>,
}

impl FilePattern {
    /// The patterns of a path: of a folder, the policy files in it.
    pub(super) fn of_path(path: &Path) -> Vec<Self> {
        let text = path.to_string_lossy();
        if !path.is_dir() {
            return vec![Self::new(text)];
        }
        // Where there is none of one ending, that is no slip.
        let folder = glob::Pattern::escape(&text);
        let patterns = ["yml", "yaml"].map(|ending| format!("{}/*.{ending}", folder.trim_end_matches('/')));
        let names_any = |pattern: &String| glob::glob(pattern).is_ok_and(|mut paths| paths.next().is_some());
        let [first, second] = patterns;
        match (names_any(&first), names_any(&second)) {
            (true, true) => vec![Self::new(first), Self::new(second)],
            (false, true) => vec![Self::new(second)],
            _ => vec![Self::new(first)],
        }
    }

    fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            folder: None,
        }
    }

    /// The glob as the process can use it. One that is absolute stays so.
    fn resolved(&self) -> PathBuf {
        self.folder
            .as_ref()
            .map_or_else(|| PathBuf::from(&self.text), |folder| folder.join(&self.text))
    }
}

impl fmt::Display for FilePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Setting for FilePattern {
    const EXPECTED: &'static str = "a path or a glob such as `policies/*.yml`";
    const PLACEHOLDER: &'static str = "GLOB";

    fn parse(text: &str) -> Result<Self, Fault> {
        glob::Pattern::new(text).map_err(|error| Fault::new(format!("expected {}; {}", Self::EXPECTED, error.msg)))?;
        Ok(Self::new(text))
    }

    fn written_in(self, folder: &Path) -> Self {
        Self {
            folder: Some(folder.to_owned()),
            ..self
        }
    }
}

/// Where patterns are named, to show one that names no file.
pub(super) enum Named<'a> {
    /// By arguments of a command.
    Arguments,
    /// By a key: in the file, where this is its value, or by its variable.
    Key {
        in_file: Option<&'a Arc<Node>>,
        variable: String,
    },
}

impl<'a> Named<'a> {
    /// By this key, which has this value in the file, if there is a file.
    pub(super) fn by(key: Key, in_file: Option<&'a Arc<Node>>) -> Self {
        Self::Key {
            in_file,
            variable: environment_variable(key.name.unwrap_or(key.path)),
        }
    }

    fn place(&self, pattern: &FilePattern) -> Place {
        let FilePattern { text, folder } = pattern;
        match self {
            Self::Key { in_file, .. } if folder.is_some() => in_file.and_then(|node| place_of(node, text)),
            Self::Key { variable, .. } => Some(Place::after(Origin::Environment, &format!("{variable}="), text)),
            Self::Arguments => None,
        }
        .unwrap_or_else(|| Place::after(Origin::CommandLine, "", text))
    }
}

/// A file of policies, or of their tests.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PolicyFile(pub(super) PathBuf);

impl PolicyFile {
    pub(super) fn read(&self, problems: &mut Vec<Problem>) -> Option<Arc<Source>> {
        let shown = self.0.display().to_string();
        let place = Place::new(&Source::new(Origin::File(shown.clone()), ""), 0..0);
        file::read(&self.0, &place)
            .map_err(|problem| problems.push(problem))
            .ok()
    }
}

/// What makes a path a glob.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// The files that the patterns name, each once, in the order of their names. A pattern that names none is a problem: a
/// slip in it would switch policies off.
pub(super) fn found(
    patterns: &[FilePattern],
    allow_empty: bool,
    named: &Named<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<PolicyFile> {
    let mut files = Vec::new();
    for pattern in patterns {
        let missing = |reason: &str| Problem::new(&named.place(pattern), reason);
        let Ok(paths) = glob::glob(&pattern.resolved().to_string_lossy()) else {
            problems.push(missing("this is not a glob"));
            continue;
        };
        let before = files.len();
        for path in paths {
            match path {
                Ok(path) if is_test(&path) || path.is_dir() => {}
                Ok(path) => files.push(PolicyFile(path)),
                Err(error) => problems.push(missing(&error.to_string())),
            }
        }
        let is_glob = pattern.text.contains(WILDCARDS);
        if files.len() == before && !(allow_empty && is_glob) {
            let problem = missing("no policy file is called like this");
            let help = "write `policies.allow_empty: true` if there may be none";
            problems.push(problem.help(is_glob.then_some(help)));
        }
    }
    files.sort();
    files.dedup();
    files
}

/// The paths to look at for what the patterns name: files, and the folders that files may come to.
pub(super) fn watched(patterns: &[FilePattern]) -> Vec<PathBuf> {
    let mut watched = Vec::new();
    for pattern in patterns {
        let absolute = pattern.resolved();
        let is_plain = |part: &std::path::Component<'_>| !part.as_os_str().to_string_lossy().contains(WILDCARDS);
        let base: PathBuf = absolute.components().take_while(is_plain).collect();
        let base = if base == absolute {
            base.parent().map(Path::to_owned)
        } else {
            Some(base)
        };
        watched.extend(base.map(|base| {
            if base.as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                base
            }
        }));
        let paths = glob::glob(&absolute.to_string_lossy()).into_iter().flatten();
        for path in paths.filter_map(Result::ok) {
            watched.extend(path.parent().map(Path::to_owned));
            watched.push(path);
        }
    }
    watched.sort();
    watched.dedup();
    watched
}

/// Where a text stands in a list, or by itself.
fn place_of(node: &Node, text: &str) -> Option<Place> {
    match &node.content {
        Content::Scalar(scalar) => (scalar.text == text).then(|| node.place.clone()),
        Content::List(items) => items.iter().find_map(|item| place_of(item, text)),
        Content::Mapping(_) => None,
    }
}

/// Whether a file has tests of policies.
pub(super) fn is_test(path: &Path) -> bool {
    tested_name(path).is_some()
}

/// The file of policies that a file of tests is called after, if it is there.
#[must_use]
pub fn tested_by(tests: &Path) -> Option<PathBuf> {
    let name = tested_name(tests)?;
    let beside = ["yml", "yaml"].map(|ending| tests.with_file_name(format!("{name}.{ending}")));
    beside.into_iter().find(|path| path.is_file())
}

/// The name of a file of tests, without what makes it one.
fn tested_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let mut endings = TEST_ENDINGS.iter();
    endings.find_map(|ending| name.strip_suffix(ending).map(str::to_owned))
}
