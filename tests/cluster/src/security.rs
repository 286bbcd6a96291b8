//! Users, roles and certificates of the secured kinds.
//!
//! The users and their passwords are the same everywhere; they protect nothing but test data on this machine. The
//! certificates are made with openssl at first use, as a committed one would expire.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use crate::{
    cache::Entry,
    error::{Doing, Error},
    guarded::{self, Output},
    progress,
};

/// A user of the secured kinds, shown as `name:password`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub name: &'static str,
    /// The password, whose hash is in `security/internal_users.yml`.
    pub password: &'static str,
}

/// May do everything.
pub const ADMIN: User = User {
    name: "admin",
    password: "admin-of-tests",
};
/// May create, read, change and delete jobs: everything in the index `anomaly-detectors`, and create it.
pub const WRITER: User = User {
    name: "writer",
    password: "writer-of-tests",
};
/// May read every index.
pub const READER: User = User {
    name: "reader",
    password: "reader-of-tests",
};

impl fmt::Display for User {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.name, self.password)
    }
}

/// Where the certificates lie, in PEM form; all are signed by one authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificates {
    /// The authority, which a client must trust.
    pub authority: PathBuf,
    /// A node's, for `127.0.0.1` and `localhost`.
    pub node: PathBuf,
    /// Its key.
    pub node_key: PathBuf,
    /// A client certificate that may do everything.
    pub admin: PathBuf,
    /// Its key.
    pub admin_key: PathBuf,
}

impl Certificates {
    fn within(folder: &Path) -> Certificates {
        Certificates {
            authority: folder.join("ca.pem"),
            node: folder.join("node.pem"),
            node_key: folder.join("node-key.pem"),
            admin: folder.join("admin.pem"),
            admin_key: folder.join("admin-key.pem"),
        }
    }
}

const PLUGIN_CONFIG: &str = "opensearch-security";

/// Files as they are; opensearch.yml is the one that differs.
const FILES: [(&str, &str); 4] = [
    ("config.yml", include_str!("../security/config.yml")),
    ("internal_users.yml", include_str!("../security/internal_users.yml")),
    ("roles.yml", include_str!("../security/roles.yml")),
    ("roles_mapping.yml", include_str!("../security/roles_mapping.yml")),
];

/// Files that must be there and need nothing in them but their type.
const EMPTY_FILES: [(&str, &str); 4] = [
    ("action_groups.yml", "actiongroups"),
    ("tenants.yml", "tenants"),
    ("nodes_dn.yml", "nodesdn"),
    ("allowlist.yml", "allowlist"),
];

const NODE_SETTINGS: &str = include_str!("../security/opensearch.yml");

/// What a secured node is configured with.
pub(crate) struct Security {
    pub(crate) certificates: Certificates,
    pub(crate) has_tls: bool,
}

impl Security {
    /// Writes a node's configuration folder; `plugin` is where the security plugin was unpacked.
    pub(crate) fn configure(&self, config: &Path, plugin: &Path) -> Result<(), Error> {
        let plugin_config = config.join(PLUGIN_CONFIG);
        fs::create_dir_all(&plugin_config).doing(|| format!("creating {}", plugin_config.display()))?;
        write(
            &config.join("opensearch.yml"),
            &NODE_SETTINGS.replace("@has_tls@", &self.has_tls.to_string()),
        )?;
        let Certificates {
            authority,
            node,
            node_key,
            ..
        } = &self.certificates;
        for (from, name) in [(authority, "ca.pem"), (node, "node.pem"), (node_key, "node-key.pem")] {
            copy(from, &config.join(name))?;
        }
        for (name, content) in FILES {
            write(&plugin_config.join(name), content)?;
        }
        for (name, content_type) in EMPTY_FILES {
            write(
                &plugin_config.join(name),
                &format!("_meta: {{type: {content_type}, config_version: 2}}\n"),
            )?;
        }
        copy(
            &plugin.join("config").join("audit.yml"),
            &plugin_config.join("audit.yml"),
        )
    }
}

/// The certificates that every secured node has, made at the first call.
pub fn certificates() -> Result<Certificates, Error> {
    let is_whole = |folder: &Path| Certificates::within(folder).admin_key.exists();
    let entry = Entry {
        name: "certificates",
        made_from: &[EXTENSIONS],
        is_usable: &is_whole,
    };
    let folder = entry.or_fill(|folder| {
        progress::step("making certificates with openssl (first time only)", || {
            make_certificates(folder)
        })
    })?;
    Ok(Certificates::within(&folder))
}

const EXTENSIONS: &str = "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n";

const DAYS: &str = "3650";

fn make_certificates(folder: &Path) -> Result<(), Error> {
    let openssl = guarded::find_program("openssl", "OpenSSL", None)?;
    let run = |arguments: &[&str]| guarded::run(&openssl, arguments, &[], Output::KeptForTheError);
    let at = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (authority, authority_key, extensions) = (at("ca.pem"), at("ca-key.pem"), at("extensions"));
    write(Path::new(&extensions), EXTENSIONS)?;
    let new_key = ["req", "-newkey", "rsa:2048", "-nodes", "-keyout"];
    let self_signed = [
        &authority_key,
        "-x509",
        "-days",
        DAYS,
        "-subj",
        "/CN=test-ca",
        "-out",
        &authority,
    ];
    run(&[&new_key[..], &self_signed].concat())?;
    for name in ["node", "admin"] {
        let (key, request, certificate) = (
            at(&format!("{name}-key.pem")),
            at("request"),
            at(&format!("{name}.pem")),
        );
        let subject = format!("/CN={name}");
        run(&[&new_key[..], &[&key, "-subj", &subject, "-out", &request]].concat())?;
        run(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &authority,
            "-CAkey",
            &authority_key,
            "-CAcreateserial",
            "-days",
            DAYS,
            "-extfile",
            &extensions,
            "-out",
            &certificate,
        ])?;
    }
    Ok(())
}

fn write(file: &Path, content: &str) -> Result<(), Error> {
    fs::write(file, content).doing(|| format!("writing {}", file.display()))
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to)
        .map(|_| ())
        .doing(|| format!("copying {} to {}", from.display(), to.display()))
}
