//! Reads policy files: what they say is checked as a whole, and every problem is reported with its place.
//!
//! `format` declares what a file may have. `docs/reference/policies.md` and, for editors,
//! `schemas/gateway/policies.schema.json` are made from it.

mod cases;
mod default_values;
mod fields;
mod files;
mod format;
mod job_members;
mod policy;
mod schema;
#[cfg(test)]
mod tests;
mod value;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

pub use cases::{Case, Expectation, ExpectedVerdict, ExpectedViolation, load_cases};
pub use files::{FilePattern, tested_by};

use super::document::{self, Node};
use super::file;
use super::problem::Problem;
pub use super::problem::Problems;
use super::source::{Origin, Place, Source};
use crate::admission::policy::impact::Threshold;
use crate::admission::policy::{Policy, PolicySet, PolicySets, Revision};
use fields::Fields;
use files::{Named, PolicyFile};
use job_members::Members;

/// The format of policy files and of their tests as a page of the documentation, in Markdown.
#[must_use]
pub fn page() -> String {
    format::page()
}

/// The format of policy files as JSON Schema.
#[must_use]
pub fn schema() -> serde_json::Value {
    format::schema()
}

/// The operator's policies: where they are written, and what they are.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// Globs of the files.
    pub files: Vec<FilePattern>,
    /// The configuration file, in which they are named.
    pub file: Option<PathBuf>,
    /// Globs of the files of the shadow set.
    pub shadow_files: Vec<FilePattern>,
    /// Whether a glob may name no file.
    pub allow_empty: bool,
    /// What was read from all of them.
    pub sets: PolicySets,
    /// What is asked of a set that is to take its place.
    pub blast_radius: BlastRadius,
}

/// What is asked of a set of policies before it takes the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlastRadius {
    /// How many stored jobs it may refuse that the other does not; nobody looks when `None`.
    pub refuse_over: Option<Threshold>,
    /// The file with the value of `Authorization` to read the stored jobs with.
    pub authorization: Option<PathBuf>,
}

impl Policies {
    /// Reads the files again.
    pub fn read_again(&self) -> Result<PolicySets, Problems> {
        let mut problems = Vec::new();
        // Only to show where a file is named that is not there: what else is wrong with it is not looked for here.
        let config = self.file.as_ref().and_then(|file| {
            let place = Place::new(&Source::new(Origin::File(file.display().to_string()), ""), 0..0);
            document::read(&file::read(file, &place).ok()?).ok()?
        });
        let sets = self.read(config.as_ref(), &mut problems);
        Problems::none_of(problems).map(|()| sets)
    }

    /// Reads the files. `config` is where they are named.
    pub(super) fn read(&self, config: Option<&Arc<Node>>, problems: &mut Vec<Problem>) -> PolicySets {
        let in_file = |pointer| config.map(|root| value::at(root, pointer));
        let active = self.load(
            &self.files,
            &Named::by(super::POLICY_FILES, in_file("/policies/files")),
            problems,
        );
        let shadow = (!self.shadow_files.is_empty()).then(|| {
            let named = Named::by(super::SHADOW, in_file("/policies/shadow"));
            self.load(&self.shadow_files, &named, problems)
        });
        PolicySets { active, shadow }
    }

    fn load(&self, patterns: &[FilePattern], named: &Named<'_>, problems: &mut Vec<Problem>) -> Arc<PolicySet> {
        let files = files::found(patterns, self.allow_empty, named, problems);
        // Making them takes megabytes and a moment, which nobody spends who has no policies.
        let members = if files.is_empty() {
            None
        } else {
            job_members::of_a_job()
        };
        load(&files, members, problems)
    }

    /// Whether any files are named.
    #[must_use]
    pub fn has_files(&self) -> bool {
        !self.files.is_empty() || !self.shadow_files.is_empty()
    }

    /// What changes when a file does, comes or goes: the files that there are, and the folders that they are in.
    #[must_use]
    pub fn watched(&self) -> Vec<PathBuf> {
        let mut watched = files::watched(&self.files);
        watched.extend(files::watched(&self.shadow_files));
        watched
    }
}

impl PartialEq for Policies {
    /// Sets of one revision are made from the same texts.
    fn eq(&self, other: &Self) -> bool {
        let revision = |set: &Arc<PolicySet>| set.revision().clone();
        self.files == other.files
            && self.shadow_files == other.shadow_files
            && self.blast_radius == other.blast_radius
            && revision(&self.sets.active) == revision(&other.sets.active)
            && self.sets.shadow.as_ref().map(revision) == other.sets.shadow.as_ref().map(revision)
    }
}

impl Eq for Policies {}

/// Reads the policies of these paths and globs, without a configuration. A folder stands for the files in it.
pub fn load_paths(paths: &[PathBuf]) -> Result<Arc<PolicySet>, Problems> {
    let patterns: Vec<_> = paths.iter().flat_map(|path| FilePattern::of_path(path)).collect();
    let mut problems = Vec::new();
    let files = files::found(&patterns, false, &Named::Arguments, &mut problems);
    let set = load(&files, job_members::of_a_job(), &mut problems);
    Problems::none_of(problems).map(|()| set)
}

/// The same for policies about documents that are no jobs: what members those have is not known.
pub fn load_paths_about_others(paths: &[PathBuf]) -> Result<Arc<PolicySet>, Problems> {
    let patterns: Vec<_> = paths.iter().flat_map(|path| FilePattern::of_path(path)).collect();
    let mut problems = Vec::new();
    let files = files::found(&patterns, false, &Named::Arguments, &mut problems);
    let set = load(&files, None, &mut problems);
    Problems::none_of(problems).map(|()| set)
}

/// Reads the policies of these files, which are about documents with these members, as far as those are known.
fn load(files: &[PolicyFile], members: Option<&Members>, problems: &mut Vec<Problem>) -> Arc<PolicySet> {
    let before = problems.len();
    let mut sources = Vec::new();
    for file in files {
        sources.extend(file.read(problems));
    }
    let policies = read(&sources, members, problems);
    if problems.len() > before || sources.is_empty() {
        return Arc::default();
    }
    let revision = Revision::of(sources.iter().map(|source| source.text()));
    match PolicySet::new(policies, revision) {
        Ok(set) => Arc::new(set),
        Err(error) => {
            problems.extend(sources.first().map(|source| {
                let start = Place::new(source, 0..0);
                Problem::new(&start, error.to_string())
            }));
            Arc::default()
        }
    }
}

/// Reads the policies of these texts, in their order.
fn read(sources: &[Arc<Source>], members: Option<&Members>, problems: &mut Vec<Problem>) -> Vec<Policy> {
    let mut policies = Vec::new();
    let mut names: HashMap<String, Place> = HashMap::new();
    for source in sources {
        let root = match document::read(source) {
            Ok(root) => root,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let Some(root) = root else { continue };
        let Some(mut file) = Fields::of(&root, &format::FILE, problems) else {
            continue;
        };
        let list = file.list("policies");
        file.finish(problems);
        for node in list {
            let Some((policy, place)) = policy::read(&node, members, problems) else {
                continue;
            };
            if let Some(first) = names.get(&policy.name) {
                let message = format!("there are two policies of the name `{}`", policy.name);
                let problem = Problem::new(&place, message).label("given again");
                // Only places of one file can be shown together.
                let is_here = Arc::ptr_eq(&first.source, &place.source);
                problems.push(if is_here {
                    problem.related(first, "first given")
                } else {
                    problem.help(Some(format!("the first is in {}", first.source.name())))
                });
                continue;
            }
            names.insert(policy.name.clone(), place);
            policies.push(policy);
        }
    }
    policies
}
