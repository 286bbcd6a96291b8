//! The Java side: compiled once, and the command line that runs it.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Kind,
    cache::Entry,
    error::{Doing, Error},
    guarded::{self, Output},
    jdk::Jdk,
    kind::Vendor,
    maven::Resolved,
    progress,
    security::{ADMIN, Security},
};

/// It refers to no server's classes, so that one compilation serves all kinds.
const SOURCES: [(&str, &str); 7] = [
    ("Launcher.java", include_str!("../java/Launcher.java")),
    ("Nodes.java", include_str!("../java/Nodes.java")),
    ("Options.java", include_str!("../java/Options.java")),
    ("Readiness.java", include_str!("../java/Readiness.java")),
    ("Reflection.java", include_str!("../java/Reflection.java")),
    ("RootPage.java", include_str!("../java/RootPage.java")),
    ("ServerNode.java", include_str!("../java/ServerNode.java")),
];

const MAIN_CLASS: &str = "cluster.Launcher";

/// The folder of compiled classes.
pub(crate) fn compiled(jdk: &Jdk) -> Result<PathBuf, Error> {
    let made_from = SOURCES.map(|(_, source)| source);
    let entry = Entry {
        name: "launcher",
        made_from: &made_from,
        is_usable: &|_| true,
    };
    entry.or_fill(|folder| progress::step("compiling the node launcher (first time only)", || compile(jdk, folder)))
}

fn compile(jdk: &Jdk, folder: &Path) -> Result<(), Error> {
    // 17 is the oldest release that any kind runs on.
    let mut arguments: Vec<OsString> = vec!["--release".into(), "17".into(), "-d".into(), folder.into()];
    for (name, source) in SOURCES {
        let file = folder.join(name);
        fs::write(&file, source).doing(|| format!("writing {}", file.display()))?;
        arguments.push(file.into());
    }
    guarded::run(&jdk.javac(), arguments, &[], Output::KeptForTheError)
}

/// What the launcher is asked for; the names are those in `Options.java`.
pub(crate) struct Launch<'a> {
    pub(crate) kind: Kind,
    pub(crate) home: &'a Path,
    pub(crate) home_is_temporary: bool,
    pub(crate) nodes: u32,
    pub(crate) port: u16,
    pub(crate) settings: &'a [(String, String)],
    pub(crate) security: Option<&'a Security>,
}

impl Launch<'_> {
    /// The arguments of `java`.
    pub(crate) fn arguments(&self, jdk: &Jdk, resolved: &Resolved, classes: &Path) -> Result<Vec<OsString>, Error> {
        let paths = std::iter::once(classes).chain(resolved.class_path.iter().map(PathBuf::as_path));
        let class_path = env::join_paths(paths).map_err(|error| Error::Io {
            doing: "making a class path".to_owned(),
            source: std::io::Error::other(error),
        })?;
        let mut arguments: Vec<OsString> = jvm_flags(self.kind, jdk.release)
            .into_iter()
            .map(OsString::from)
            .collect();
        arguments.extend(["-cp".into(), class_path, MAIN_CLASS.into()]);
        let mut option = |name: &str, value: OsString| arguments.extend([name.into(), value]);
        option("--home", self.home.into());
        option("--temporary", self.home_is_temporary.to_string().into());
        option("--nodes", self.nodes.to_string().into());
        option("--port", self.port.to_string().into());
        if let Some(modules) = &resolved.modules {
            option("--modules", modules.into());
        }
        if let Some(security) = self.security {
            // Readiness is asked for as somebody who may know.
            option("--user", ADMIN.to_string().into());
            if security.has_tls {
                option("--authority", security.certificates.authority.clone().into());
            }
        }
        for (key, value) in self.settings {
            option("--setting", format!("{key}={value}").into());
        }
        Ok(arguments)
    }
}

fn jvm_flags(kind: Kind, release: u32) -> Vec<&'static str> {
    // Little memory and a short start matter here, the last bit of speed does not.
    let mut flags = vec!["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
    // Else logging ends before the nodes do.
    flags.push("-Dlog4j.shutdownHookEnabled=false");
    match (kind.vendor(), kind) {
        (Vendor::OpenSearch, _) => flags.push("-Dopensearch.distribution.type=tar"),
        (Vendor::Elasticsearch, Kind::Elasticsearch7_10) => {
            flags.extend(["-Des.distribution.type=tar", "-Des.distribution.flavor=oss"]);
        }
        (Vendor::Elasticsearch, Kind::Elasticsearch7_17) => {
            flags.extend(["-Des.distribution.type=tar", "-Des.distribution.flavor=default"]);
        }
        (Vendor::Elasticsearch, _) => flags.push("-Des.distribution.type=tar"),
    }
    // Newer JDKs warn of what the servers do and older ones do not know these flags.
    if release >= 22 {
        flags.push("--enable-native-access=ALL-UNNAMED");
    }
    if release >= 24 {
        flags.push("--sun-misc-unsafe-memory-access=allow");
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_has_the_class_path_the_options_and_the_settings() {
        let settings = [("a.b".to_owned(), "c=d,e".to_owned())];
        let launch = Launch {
            kind: Kind::Elasticsearch9,
            home: Path::new("/home of it"),
            home_is_temporary: true,
            nodes: 3,
            port: 9200,
            settings: &settings,
            security: None,
        };
        let resolved = Resolved {
            class_path: vec!["/m2/a.jar".into(), "/m2/b.jar".into()],
            modules: Some("/cache/modules".into()),
            plugin: "/cache/plugin".into(),
        };
        let jdk = Jdk {
            home: "/jdk".into(),
            release: 25,
        };
        let arguments = launch.arguments(&jdk, &resolved, Path::new("/classes")).unwrap();
        let from = arguments.iter().position(|argument| argument == "-cp").unwrap();
        assert_eq!(
            arguments[from..],
            [
                "-cp",
                "/classes:/m2/a.jar:/m2/b.jar",
                "cluster.Launcher",
                "--home",
                "/home of it",
                "--temporary",
                "true",
                "--nodes",
                "3",
                "--port",
                "9200",
                "--modules",
                "/cache/modules",
                "--setting",
                "a.b=c=d,e"
            ]
        );
    }

    #[test]
    fn a_jvm_gets_only_flags_that_it_knows() {
        assert!(
            !jvm_flags(Kind::OpenSearch2, 17)
                .iter()
                .any(|flag| flag.starts_with("--"))
        );
        assert!(
            !jvm_flags(Kind::OpenSearch3, 21)
                .iter()
                .any(|flag| flag.starts_with("--"))
        );
        assert!(jvm_flags(Kind::OpenSearch3, 25).contains(&"--sun-misc-unsafe-memory-access=allow"));
    }

    #[test]
    fn the_flavor_is_that_of_the_published_server() {
        assert!(jvm_flags(Kind::Elasticsearch7_10, 17).contains(&"-Des.distribution.flavor=oss"));
        assert!(jvm_flags(Kind::Elasticsearch7_17, 17).contains(&"-Des.distribution.flavor=default"));
    }
}
