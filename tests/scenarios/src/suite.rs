//! A file of tests: what is set up before each, what is taken down after it, and the tests.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::Context;
use serde_json::Value;

use crate::{
    condition::Condition,
    step::{Step, only_member},
    yaml,
};

/// The tests of one file.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The file's path below the folder it was found in, without its ending.
    pub name: String,
    pub(crate) condition: Condition,
    pub(crate) setup: Vec<Step>,
    pub(crate) teardown: Vec<Step>,
    pub(crate) tests: Vec<Test>,
}

/// One test.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    pub(crate) name: String,
    pub(crate) condition: Condition,
    pub(crate) steps: Vec<Step>,
}

impl Suite {
    /// The files of tests in a folder and those below it, in the order of their names.
    pub fn all_in(folder: &Path) -> anyhow::Result<Vec<Self>> {
        let mut files = Vec::new();
        find(folder, &mut files)?;
        files.sort();
        let read = |file: &std::path::PathBuf| {
            let name = file.strip_prefix(folder).unwrap_or(file).with_extension("");
            let text = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
            Self::read(&name.to_string_lossy(), &text).with_context(|| file.display().to_string())
        };
        files.iter().map(read).collect()
    }

    /// The file with only the tests of these names, if it has any of them.
    #[must_use]
    pub fn only(&self, names: &BTreeSet<&str>) -> Option<Self> {
        let mut suite = self.clone();
        suite.tests.retain(|test| names.contains(test.name.as_str()));
        (!suite.tests.is_empty()).then_some(suite)
    }

    /// How many tests there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.tests.len()
    }

    pub(crate) fn read(name: &str, text: &str) -> anyhow::Result<Self> {
        let mut suite = Self {
            name: name.to_owned(),
            condition: Condition::default(),
            setup: Vec::new(),
            teardown: Vec::new(),
            tests: Vec::new(),
        };
        for document in yaml::read(text)? {
            for (title, steps) in document.as_object().into_iter().flatten() {
                // Which of the vendor's products a file is for; here it is for none of them.
                if title == "requires" && steps.is_object() {
                    continue;
                }
                let (condition, steps) = section(steps).with_context(|| format!("in {title:?}"))?;
                match title.as_str() {
                    "setup" => {
                        suite.condition = condition;
                        suite.setup = steps;
                    }
                    "teardown" => suite.teardown = steps,
                    _ => suite.tests.push(Test {
                        name: format!("{name}/{title}"),
                        condition,
                        steps,
                    }),
                }
            }
        }
        Ok(suite)
    }
}

/// A section's steps, and when it is run.
fn section(steps: &Value) -> anyhow::Result<(Condition, Vec<Step>)> {
    let mut condition = Condition::default();
    let mut read = Vec::new();
    for step in steps.as_array().context("a section is a list of steps")? {
        let (name, value) = only_member(step)?;
        if !condition.read(name, value) {
            read.extend(Step::read(step)?);
        }
    }
    Ok((condition, read))
}

fn find(folder: &Path, files: &mut Vec<std::path::PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let is_yaml = path
            .extension()
            .is_some_and(|ending| ending == "yml" || ending == "yaml");
        if path.is_dir() {
            find(&path, files)?;
        } else if is_yaml {
            files.push(path);
        }
    }
    Ok(())
}
