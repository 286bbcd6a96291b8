//! A virtual environment a client, filled by pip.

use std::{path::Path, process::Command};

use cluster::{
    Error,
    cache::Entry,
    guarded::{self, Output},
    progress,
};

use crate::catalogue::Client;

const PYTHON: &str = "Python 3.9 or newer with pip (packages python3 and python3-pip)";

pub(super) fn program(client: &Client, script: &str) -> Result<Command, Error> {
    let sources = super::sources("python");
    let pins = sources.join(format!("{}-{}.txt", client.package, client.version));
    let name = format!("python-{}-{}", client.package, client.version);
    let entry = Entry {
        name: &name,
        made_from: &[&super::read(&pins)?],
        // It refers to the interpreter that it was made with.
        is_usable: &|place| interpreter(place).exists(),
    };
    let place =
        entry.or_fill(|folder| progress::step(&format!("installing {client} with pip"), || install(&pins, folder)))?;
    let mut command = Command::new(interpreter(&place));
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(sources.join(script));
    Ok(command)
}

fn interpreter(environment: &Path) -> std::path::PathBuf {
    environment.join("bin/python")
}

/// The files name every package, also those that a client needs, so none is to be chosen.
fn install(pins: &Path, folder: &Path) -> Result<(), Error> {
    let python = guarded::find_program("python3", PYTHON, None)?;
    let run = |arguments: Vec<std::ffi::OsString>| guarded::run(&python, arguments, &[], Output::KeptForTheError);
    let module = super::option("-m", "venv");
    run([&module[..], &["--without-pip".into(), folder.into()]].concat())?;
    let pip = ["-m", "pip", "--quiet", "--disable-pip-version-check", "--python"].map(Into::into);
    let install = ["install", "--no-deps"].map(Into::into);
    run([
        &pip[..],
        &[interpreter(folder).into()],
        &install[..],
        &super::option("--requirement", pins),
    ]
    .concat())
}
