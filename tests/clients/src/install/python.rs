//! A virtual environment a client.

use std::process::Command;

use cluster::{Error, packages};

use crate::catalogue::Client;

pub(super) fn program(client: &Client, script: &str) -> Result<Command, Error> {
    let sources = super::sources("python");
    let pins = sources.join(format!("{}-{}.txt", client.package, client.version));
    let name = format!("python-{}-{}", client.package, client.version);
    let mut command = Command::new(packages::python(&name, &pins, &client.to_string())?);
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(sources.join(script));
    Ok(command)
}
