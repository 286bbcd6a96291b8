//! Brings together what a version's oracle runs on: the published jars, by Maven, and the oracle's compiled classes.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use cluster::{
    Doing, Error,
    cache::Entry,
    guarded::{self, Output},
    jdk::Jdk,
    maven, progress,
};

use crate::release::Release;

/// The POM with the places for the version.
const POM: &str = include_str!("../maven/pom.xml");

/// The name is that in the POM.
const CLASS_PATH: &str = "class-path";

const SOURCES: [(&str, &str); 9] = [
    ("Answer.java", include_str!("../java/Answer.java")),
    ("CreateJob.java", include_str!("../java/CreateJob.java")),
    ("Fields.java", include_str!("../java/Fields.java")),
    ("Oracle.java", include_str!("../java/Oracle.java")),
    ("Question.java", include_str!("../java/Question.java")),
    ("Reflection.java", include_str!("../java/Reflection.java")),
    ("Server.java", include_str!("../java/Server.java")),
    ("Timing.java", include_str!("../java/Timing.java")),
    ("UpdateJob.java", include_str!("../java/UpdateJob.java")),
];

/// The classes whose parents changed with 7.0, as they are before it.
const BEFORE_7: [(&str, &str); 2] = [
    ("Handler.java", include_str!("../java/six/Handler.java")),
    ("Requests.java", include_str!("../java/six/Requests.java")),
];

/// The same, from then on.
const SINCE_7: [(&str, &str); 2] = [
    ("Handler.java", include_str!("../java/later/Handler.java")),
    ("Requests.java", include_str!("../java/later/Requests.java")),
];

/// The class path of a version's oracle: its own classes first. What is not there yet is fetched and compiled.
pub(crate) fn class_path(release: Release, jdk: &Jdk) -> Result<Vec<PathBuf>, Error> {
    let jars = jars(release)?;
    let classes = classes(release, jdk, &jars)?;
    Ok(std::iter::once(classes).chain(jars).collect())
}

fn jars(release: Release) -> Result<Vec<PathBuf>, Error> {
    let pom = POM.replace("@version@", &release.to_string());
    // The local repository is Maven's, and its user may have emptied it since.
    let all_jars_exist =
        |place: &Path| maven::jars_in(&place.join(CLASS_PATH)).is_ok_and(|jars| jars.iter().all(|jar| jar.exists()));
    let entry = Entry {
        name: &format!("job-parser-{release}"),
        made_from: &[&pom],
        is_usable: &all_jars_exist,
    };
    let place = entry.or_fill(|folder| {
        let doing =
            format!("resolving the job parser of Elasticsearch {release} with Maven (first time only, about 60 MB)");
        let maven = maven::find_maven()?;
        progress::step(&doing, || maven::run_maven(&maven, &pom, folder))
    })?;
    maven::jars_in(&place.join(CLASS_PATH))
}

fn classes(release: Release, jdk: &Jdk, jars: &[PathBuf]) -> Result<PathBuf, Error> {
    let parents = if release.has_old_requests() { BEFORE_7 } else { SINCE_7 };
    let sources: Vec<(&str, String)> = SOURCES
        .into_iter()
        .chain(parents)
        .map(|(name, source)| (name, release.renamed(source)))
        .collect();
    let compiler = jdk.release.to_string();
    // What another JDK compiled may be too new for this one.
    let mut made_from = vec![compiler.as_str()];
    made_from.extend(sources.iter().map(|(_, source)| source.as_str()));
    let entry = Entry {
        name: &format!("oracle-{release}"),
        made_from: &made_from,
        is_usable: &|_| true,
    };
    entry.or_fill(|folder| compile(&sources, jdk, jars, folder))
}

fn compile(sources: &[(&str, String)], jdk: &Jdk, jars: &[PathBuf], folder: &Path) -> Result<(), Error> {
    let class_path = joined(jars)?;
    // The logging library has an annotation processor, which would complain.
    let mut arguments: Vec<OsString> = vec!["-proc:none".into(), "-nowarn".into(), "-cp".into(), class_path];
    arguments.extend(["-d".into(), folder.into()]);
    for (name, source) in sources {
        let file = folder.join(name);
        fs::write(&file, source).doing(|| format!("writing {}", file.display()))?;
        arguments.push(file.into());
    }
    guarded::run(&jdk.javac(), arguments, &[], Output::KeptForTheError)
}

/// A class path as Java takes it.
pub(crate) fn joined(paths: &[PathBuf]) -> Result<OsString, Error> {
    std::env::join_paths(paths)
        .map_err(std::io::Error::other)
        .doing(|| "making a class path".to_owned())
}
