//! A program a client, built by go in one module, whose caches are go's usual ones.

use std::process::Command;

use cluster::{
    Error,
    cache::Entry,
    guarded::{self, Output},
    progress,
};

use crate::catalogue::Client;

const GO: &str = "Go 1.26 or newer (package golang)";

pub(super) fn program(client: &Client) -> Result<Command, Error> {
    let sources = super::sources("go");
    let major = client.version.split('.').next().unwrap_or_default();
    let package = format!("{}{major}", client.package);
    let name = format!("go-{}-{}", client.package, client.version);
    let entry = Entry {
        name: &name,
        made_from: &[&super::everything_in(&sources)?],
        is_usable: &|place| place.join("script").exists(),
    };
    let place = entry.or_fill(|folder| {
        let go = guarded::find_program("go", GO, None)?;
        let mut arguments = super::option("-C", &sources).to_vec();
        arguments.insert(0, "build".into());
        arguments.push("-mod=readonly".into());
        arguments.extend(super::option("-o", folder.join("script")));
        arguments.push(format!("./{package}").into());
        progress::step(&format!("building {client} with go"), || {
            guarded::run(&go, arguments, &[], Output::KeptForTheError)
        })
    })?;
    Ok(Command::new(place.join("script")))
}
