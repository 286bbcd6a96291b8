//! Every version of the clients beside each other, each under a name of its own.

use std::process::Command;

use cluster::{Error, packages};

use crate::catalogue::Client;

pub(super) fn program(client: &Client, script: &str) -> Result<Command, Error> {
    let sources = super::sources("javascript");
    let node = packages::node_js("javascript", &sources, "the JavaScript clients")?;
    let mut command = Command::new(node.interpreter);
    command
        .env("NODE_PATH", node.place.join("node_modules"))
        .arg(sources.join(script))
        .arg(format!("{}-{}", client.package, client.version));
    Ok(command)
}
