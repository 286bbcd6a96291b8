//! Tests of the whole configuration, from texts to meaning or problems.

mod diagnostics;
mod meaning;
mod origins;
mod refused_values;
mod schema;
mod tls;
mod variables;

use std::fs;

use tempfile::TempDir;

use super::*;

/// Loads a file with this text, with these variables and flags.
fn load_all(yaml: &str, variables: &[(&str, &str)], flags: ServeFlags) -> Result<Config, Problems> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("gateway.yml");
    fs::write(&path, yaml).unwrap();
    load(
        &flags.config(path),
        variables.iter().map(|(name, value)| (name.into(), value.into())),
    )
}

/// The problems of a file with this text, as people read them.
fn problems_of(yaml: &str) -> String {
    problems(yaml, &[], ServeFlags::default())
}

/// The problems, as people read them, without the folder of the test.
fn problems(yaml: &str, variables: &[(&str, &str)], flags: ServeFlags) -> String {
    let text = match load_all(yaml, variables, flags) {
        Ok(config) => panic!("no problem: {config:?}"),
        Err(problems) => problems.render(false),
    };
    let without_folder = |line: &str| match line.split_once("--> ") {
        Some((indent, path)) => format!("{indent}--> {}", path.rsplit('/').next().unwrap_or(path)),
        None => line.to_owned(),
    };
    text.lines().map(without_folder).collect::<Vec<_>>().join("\n")
}

fn config_of(yaml: &str) -> Config {
    load_all(yaml, &[], ServeFlags::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn nodes_of(config: &Config) -> Vec<String> {
    config.upstream.nodes.iter().map(ToString::to_string).collect()
}
