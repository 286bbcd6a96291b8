//! Fetches clients by their languages' own package tools, in the versions that are pinned here, once.

mod go;
mod java;
mod javascript;
mod python;
mod rust;

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use cluster::{Doing, Error};

use crate::catalogue::{Client, Language};

/// What runs a client's script; the script's arguments are still to be added.
pub(crate) fn program(client: &Client) -> Result<Command, Error> {
    match client.language {
        Language::Python => python::program(client, "script.py"),
        Language::JavaScript => javascript::program(client, "script.js"),
        Language::Go => go::program(client),
        Language::Java => java::program(client, "Script.java"),
        Language::Rust => rust::program(client),
    }
}

/// What runs the script of a client in Python that is about jobs alone; the script's arguments are still to be added.
pub(crate) fn jobs_program(client: &Client) -> Result<Command, Error> {
    python::program(client, "jobs_script.py")
}

/// What runs a client's script of a job's life; the script's arguments are still to be added.
pub(crate) fn life_program(client: &Client) -> Result<Command, Error> {
    match client.language {
        Language::Python => python::program(client, "life_script.py"),
        Language::JavaScript => javascript::program(client, "life_script.js"),
        Language::Java => java::program(client, "LifeScript.java"),
        // Programs, which tell by their arguments what they are to do.
        Language::Go => go::program(client),
        Language::Rust => rust::program(client),
    }
}

/// The folder of a language's script and of the files that pin versions.
fn sources(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(language)
}

fn read(file: &Path) -> Result<String, Error> {
    fs::read_to_string(file).doing(|| format!("reading {}", file.display()))
}

/// The names and contents of a folder's files and of those below, in one text, so that a change of any is seen.
fn everything_in(folder: &Path) -> Result<String, Error> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .doing(|| format!("reading {}", folder.display()))?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    let texts = entries.iter().map(|path| {
        let text = if path.is_dir() { everything_in(path) } else { read(path) };
        Ok(format!("{}\n{}\n", path.display(), text?))
    });
    texts.collect()
}

/// An option and its value, for a command line of paths.
fn option(name: &str, value: impl Into<OsString>) -> [OsString; 2] {
    [name.into(), value.into()]
}
