//! A program built by cargo, from a package of its own, so that its dependencies are none of the workspace's.

use std::{env, path::Path, process::Command};

use cluster::{
    Error,
    cache::Entry,
    guarded::{self, Output},
    progress,
};

use crate::catalogue::Client;

pub(super) fn program(client: &Client) -> Result<Command, Error> {
    let sources = super::sources("rust");
    let name = format!("rust-{}-{}", client.package, client.version);
    let entry = Entry {
        name: &name,
        made_from: &[&super::everything_in(&sources)?],
        is_usable: &|place| script(place).exists(),
    };
    let place = entry.or_fill(|folder| {
        let cargo = guarded::find_program("cargo", "Rust", None)?;
        let mut arguments = vec!["build".into(), "--quiet".into(), "--locked".into()];
        arguments.extend(super::option("--manifest-path", sources.join("Cargo.toml")));
        arguments.extend(super::option("--target-dir", folder));
        progress::step(&format!("building {client} with cargo"), || {
            guarded::run(&cargo, arguments, &[], Output::KeptForTheError)
        })
    })?;
    Ok(Command::new(script(&place)))
}

fn script(place: &Path) -> std::path::PathBuf {
    place.join("debug").join(format!("script{}", env::consts::EXE_SUFFIX))
}
