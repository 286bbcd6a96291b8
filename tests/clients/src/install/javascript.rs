//! Every version of the clients beside each other, each under a name of its own, fetched by npm.

use std::{ffi::OsString, fs, process::Command};

use cluster::{
    Doing, Error,
    cache::Entry,
    guarded::{self, Output},
    progress,
};

use crate::catalogue::Client;

const NODE: &str = "Node.js 20 or newer with npm (packages nodejs and npm)";

const PINS: [&str; 2] = ["package.json", "package-lock.json"];

pub(super) fn program(client: &Client) -> Result<Command, Error> {
    let sources = super::sources("javascript");
    let node = guarded::find_program("node", NODE, None)?;
    let [manifest, lock] = PINS.map(|name| super::read(&sources.join(name)));
    let entry = Entry {
        name: "javascript",
        made_from: &[&manifest?, &lock?],
        is_usable: &|place| place.join("node_modules").is_dir(),
    };
    let place = entry.or_fill(|folder| {
        let npm = guarded::find_program("npm", NODE, None)?;
        for name in PINS {
            fs::copy(sources.join(name), folder.join(name)).doing(|| format!("copying {name}"))?;
        }
        let clean = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"].map(OsString::from);
        progress::step("installing the JavaScript clients with npm", || {
            guarded::run(
                &npm,
                [&clean[..], &[folder.into()]].concat(),
                &[],
                Output::KeptForTheError,
            )
        })
    })?;
    let mut command = Command::new(node);
    command
        .env("NODE_PATH", place.join("node_modules"))
        .arg(sources.join("script.js"))
        .arg(format!("{}-{}", client.package, client.version));
    Ok(command)
}
