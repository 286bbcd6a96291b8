//! The client's jars, resolved by Maven; `java` compiles the script by itself.

use std::process::Command;

use cluster::{Doing, Error, cache::Entry, jdk::Jdk, maven, progress};

use crate::catalogue::Client;

/// The name is that in the POM.
const CLASS_PATH: &str = "class-path";

const OLDEST_JDK: u32 = 17;

pub(super) fn program(client: &Client, script: &str) -> Result<Command, Error> {
    let sources = super::sources("java");
    let pom = super::read(&sources.join("pom.xml"))?.replace("@version@", client.version);
    let name = format!("java-{}-{}", client.package, client.version);
    let entry = Entry {
        name: &name,
        made_from: &[&pom],
        // The local repository is Maven's, and its user may have emptied it since.
        is_usable: &|place| {
            maven::jars_in(&place.join(CLASS_PATH)).is_ok_and(|jars| jars.iter().all(|jar| jar.exists()))
        },
    };
    let place = entry.or_fill(|folder| {
        let maven = maven::find_maven()?;
        progress::step(&format!("resolving {client} with Maven"), || {
            maven::run_maven(&maven, &pom, folder)
        })
    })?;
    let class_path = std::env::join_paths(maven::jars_in(&place.join(CLASS_PATH))?)
        .map_err(std::io::Error::other)
        .doing(|| "making a class path".to_owned())?;
    let mut command = Command::new(Jdk::find(OLDEST_JDK)?.java());
    command
        .args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"])
        .arg(class_path)
        .arg(sources.join(script));
    Ok(command)
}
