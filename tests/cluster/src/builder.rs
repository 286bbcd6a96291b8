//! What a node is to be like, and the steps from there to a running one.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::{
    Kind, Node,
    error::{Doing, Error},
    jdk::Jdk,
    launcher::{self, Launch},
    lifeline,
    maven::{self, Resolved},
    node::{Home, Log},
    security::{self, Security},
};

/// Says what to start and how; [`Builder::start`] does it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    kind: Kind,
    data_dir: Option<PathBuf>,
    port: u16,
    nodes: u32,
    settings: Vec<(String, String)>,
    has_tls: bool,
}

impl Builder {
    pub(crate) fn new(kind: Kind) -> Builder {
        Builder {
            kind,
            data_dir: None,
            port: 0,
            nodes: 1,
            settings: Vec::new(),
            has_tls: kind.is_secured(),
        }
    }

    /// The folder for the data, made if it isn't there and kept. Without it the data goes when the node does.
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Builder {
        self.data_dir = Some(folder.into());
        self
    }

    /// The port of the first node, the others have those after it. Without it, or with 0, each has a free one.
    pub fn port(mut self, port: u16) -> Builder {
        self.port = port;
        self
    }

    /// How many nodes the cluster has, all in one JVM.
    pub fn nodes(mut self, count: u32) -> Builder {
        self.nodes = count;
        self
    }

    /// A setting as in the server's configuration file; wins over what is set otherwise. A list is its values with
    /// commas between them.
    pub fn setting(mut self, key: impl Into<String>, value: impl Into<String>) -> Builder {
        self.settings.push((key.into(), value.into()));
        self
    }

    /// Users and roles, but plain HTTP; for the kinds that have TLS.
    pub fn without_tls(mut self) -> Builder {
        self.has_tls = false;
        self
    }

    /// Starts the JVM and waits until every node answers and is in the cluster. Downloads and compiles first what was
    /// not yet, with a word about it on standard error.
    pub fn start(&self) -> Result<Node, Error> {
        lifeline::end_with_xtask();
        let jdk = Jdk::find(self.kind.minimum_jdk())?;
        let resolved = maven::resolve(self.kind)?;
        let classes = launcher::compiled(&jdk)?;
        let home = self.home()?;
        let security = self.security(&home, &resolved)?;
        let launch = Launch {
            kind: self.kind,
            home: home.path(),
            home_is_temporary: matches!(home, Home::Temporary(_)),
            nodes: self.nodes,
            port: self.port,
            settings: &self.settings,
            security: security.as_ref(),
        };
        let log = Log::begin(home.path()).doing(|| format!("beginning a log in {}", home.path().display()))?;
        let jvm = Command::new(jdk.java())
            .args(launch.arguments(&jdk, &resolved, &classes)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.for_the_jvm().doing(|| "sharing the log".to_owned())?)
            // Ctrl-C is for this process, which then decides what ends when.
            .process_group(0)
            .spawn()
            .doing(|| format!("starting {}", jdk.java().display()))?;
        Node::awaited(
            self.kind,
            jvm,
            home,
            log,
            security.map(|security| security.certificates),
        )
    }

    /// Users, roles and certificates, laid out for every node; for the kinds that have them.
    fn security(&self, home: &Home, resolved: &Resolved) -> Result<Option<Security>, Error> {
        if !self.kind.is_secured() {
            return Ok(None);
        }
        let security = Security {
            certificates: security::certificates()?,
            has_tls: self.has_tls,
        };
        for number in 0..self.nodes {
            // The layout is that of `Nodes.java`.
            let config = home.path().join(format!("node-{number}")).join("config");
            security.configure(&config, &resolved.plugin)?;
        }
        Ok(Some(security))
    }

    fn home(&self) -> Result<Home, Error> {
        let Some(folder) = &self.data_dir else {
            let made = tempfile::Builder::new().prefix("cluster-").tempdir();
            return made
                .map(Home::Temporary)
                .doing(|| "making a temporary folder".to_owned());
        };
        fs::create_dir_all(folder).doing(|| format!("creating {}", folder.display()))?;
        // The server does not take a relative path.
        fs::canonicalize(folder)
            .map(Home::Kept)
            .doing(|| format!("finding {}", folder.display()))
    }
}
