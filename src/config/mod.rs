//! What the configuration says, and what it means.
//!
//! Flags beat environment variables (`ANOMALY_GATEWAY_…`), which beat the YAML file, which beats the defaults. All
//! problems are told at once, each with the place that it comes from.
//!
//! To add a key, add a field to [`Config`] or one of its parts and the line in `Config::read` that reads it. Flag,
//! environment variable, help text, reference and suggestions follow from that line. The order of the lines is the
//! order of the reference.

mod access;
mod access_log;
mod amount;
mod api;
mod document;
mod environment;
mod file;
mod flags;
mod key;
mod key_check;
mod parts;
pub mod policies;
mod problem;
mod protect;
mod reader;
mod redaction;
mod scalar;
mod schema;
mod setting;
mod source;
mod suggestion;
#[cfg(test)]
mod tests;
mod tls;
mod together;
mod upstream;

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use self::access::{Access, AccessMode, StrippedHeader};
pub use self::amount::{CountLimit, OptionalAddress, SizeLimit, Switch, Time, TimeLimit, Timeout};
pub use self::api::{Api, ApiError};
pub use self::flags::ServeFlags;
pub use self::key::KeyReference;
pub use self::parts::{Admin, Jobs, Limits, Shutdown, Upstream};
pub use self::policies::{BlastRadius, Policies};
pub use self::problem::Problems;
pub use self::protect::Protect;

use self::environment::Environment;
use self::key::Key;
use self::reader::Reader;
use self::setting::OptionalThreshold;
use self::tls::value::OptionalFile;
use crate::admission::policy::PolicySets;
use crate::proxy::CommitMode;
use crate::store::index_name::IndexName;
use crate::telemetry::access_log::Settings;
use crate::tls::ServerSettings;

/// What the gateway does, fully checked: nothing in here needs to be parsed or can still be wrong by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where clients connect to the gateway.
    pub listen: SocketAddr,
    /// How it speaks TLS to them, if it does.
    pub tls: Option<ServerSettings>,
    /// The cluster behind the gateway.
    pub upstream: Upstream,
    /// Who may create jobs, and with whose credentials they are stored.
    pub access: Access,
    /// What the gateway does with jobs.
    pub jobs: Jobs,
    /// What its operator wants of jobs.
    pub policies: Policies,
    /// What clients may take of it.
    pub limits: Limits,
    /// How it stops.
    pub shutdown: Shutdown,
    /// Its listener for those who run it.
    pub admin: Admin,
    /// What it writes about each request.
    pub access_log: Settings,
}

const LISTEN: Key = Key::new("listen", "Where clients connect to the gateway.").named("listen");
const INDEX: Key = Key::new("jobs.index", "The index that jobs are stored in.").named("jobs-index");
const API: Key = Key::new(
    "jobs.api",
    "The version of Elasticsearch to answer as; `auto` is the cluster's own.",
)
.named("jobs-api");
const COMMIT: Key = Key::new(
    "jobs.commit",
    "Who keeps jobs: the gateway (`store`), the cluster's own machine learning (`forward`), or `both`.",
)
.named("jobs-commit");
const DRY_RUN: Key = Key::new(
    "jobs.dry_run",
    "Whether the parameter `dry_run` of create-job tries out what would happen.",
);
const PROTECT: Key = Key::new(
    "jobs.protect",
    "Whether writes to the index of jobs by any other call through the gateway are refused.",
);

const POLICY_FILES: Key = Key::new(
    "policies.files",
    "The files of policies, by path or glob, relative to the configuration file.",
);
const SHADOW: Key = Key::new(
    "policies.shadow",
    "The files of a second set of policies, of which it is only counted how it would decide otherwise.",
);
const REFUSE_OVER: Key = Key::new(
    "policies.blast_radius.refuse_over",
    "How many stored jobs, or how many of a hundred, a changed set of policies may newly refuse; over that it is not taken.",
);
const BLAST_RADIUS_AUTHORIZATION: Key = Key::new(
    "policies.blast_radius.authorization",
    "The file with the value of `Authorization` to read the stored jobs with.",
);
const CONNECTIONS: Key = Key::new(
    "limits.connections",
    "How many connections clients may have; more get 503.",
);
const REQUESTS: Key = Key::new("limits.requests", "How many requests may be under way; more get 429.");
const BODIES: Key = Key::new(
    "limits.bodies",
    "How many bytes the bodies of claimed requests may have, all together; for more there is 429.",
);
const BODY_TIMEOUT: Key = Key::new(
    "limits.body_timeout",
    "How long the client of a claimed request may pause in its body; with `limits.requests`, of any request, and in taking its answer.",
);
const BODY_RATE: Key = Key::new(
    "limits.body_rate",
    "How many bytes a second such a client has to send, or take, on the average after a first `limits.body_timeout`.",
);
const HEAD: Key = Key::new(
    "limits.head",
    "How many bytes the head of a request may have; for more there is 431.",
);
const HEADS: Key = Key::new(
    "limits.heads",
    "How many bytes the heads may have that have not ended, all together; for more the oldest get 503.",
);
const HEAD_TIMEOUT: Key = Key::new(
    "limits.head_timeout",
    "How long a client may take to send the head of a request, from its first byte on.",
);
const HANDSHAKE_TIMEOUT: Key = Key::new(
    "limits.handshake_timeout",
    "How long a client may take to set up TLS, from its connection on.",
);
const SHUTDOWN_DELAY: Key = Key::new(
    "shutdown.delay",
    "How long the gateway goes on accepting connections after it has said that it is not ready any more.",
);
const SHUTDOWN_TIMEOUT: Key = Key::new("shutdown.timeout", "How long running requests may take to end.");
const ADMIN_LISTEN: Key = Key::new(
    "admin.listen",
    "Where `GET /live`, `GET /ready` and `GET /metrics` are answered.",
)
.named("admin-listen");

/// One body of the greatest length, and some thousand jobs of the usual one beside it. A job takes a few times the memory
/// of its body while it is judged.
const DEFAULT_BODIES: usize = 128 << 20;

/// A packet that is lost several times, and a client that puts its body together while it sends it, pause no longer.
const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// A tenth of what the slowest of networks carry that people work with.
const DEFAULT_BODY_RATE: usize = 1 << 10;

/// Three times what a node reads by default, a line of 4 KiB and fields of 16 KiB (http.md §2.7), for nodes whose
/// own limits are higher.
const DEFAULT_HEAD: usize = 64 << 10;

/// Some hundred of the longest heads, or all the ordinary ones that can be on their way at a moment.
const DEFAULT_HEADS: usize = 64 << 20;

/// As nginx's and Envoy's users know it from their manuals: a minute is for the slowest of honest clients.
const DEFAULT_HEAD_TIMEOUT: Duration = Duration::from_secs(60);

/// Three lost packets, each sent again after twice as long, and a signature on a slow machine.
const DEFAULT_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// As long as Kubernetes waits before it kills.
const DEFAULT_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);

impl Config {
    /// Reads every key there is.
    fn read(keys: &mut Reader<'_>) -> Self {
        let listen = keys.one(LISTEN, SocketAddr::from((Ipv4Addr::LOCALHOST, 9280)));
        let trusted = keys.many(upstream::TRUSTED_PROXIES, Vec::new());
        let tls = tls::server(keys);
        let upstream = upstream::upstream(keys, trusted);
        let config = Self {
            listen,
            tls,
            access: access::access(keys, &upstream),
            upstream,
            jobs: Jobs {
                index: keys.one(INDEX, IndexName::default()),
                api: keys.one(API, Api::Auto),
                commit: keys.one(COMMIT, CommitMode::Store),
                dry_run: keys.one(DRY_RUN, Switch(true)),
                protect: keys.one(PROTECT, Protect::Auto),
            },
            policies: Policies {
                files: keys.many(POLICY_FILES, Vec::new()),
                folder: PathBuf::new(),
                shadow_files: keys.many(SHADOW, Vec::new()),
                sets: PolicySets::default(),
                blast_radius: BlastRadius {
                    refuse_over: keys.one(REFUSE_OVER, OptionalThreshold(None)).0,
                    authorization: keys.one(BLAST_RADIUS_AUTHORIZATION, OptionalFile(None)).0,
                },
            },
            limits: Limits {
                connections: keys.one(CONNECTIONS, CountLimit(None)),
                requests: keys.one(REQUESTS, CountLimit(None)),
                bodies: keys.one(BODIES, SizeLimit(NonZeroUsize::new(DEFAULT_BODIES))),
                body_timeout: keys.one(BODY_TIMEOUT, TimeLimit(Some(DEFAULT_BODY_TIMEOUT))),
                body_rate: keys.one(BODY_RATE, SizeLimit(NonZeroUsize::new(DEFAULT_BODY_RATE))),
                head: keys.one(HEAD, SizeLimit(NonZeroUsize::new(DEFAULT_HEAD))),
                heads: keys.one(HEADS, SizeLimit(NonZeroUsize::new(DEFAULT_HEADS))),
                head_timeout: keys.one(HEAD_TIMEOUT, TimeLimit(Some(DEFAULT_HEAD_TIMEOUT))),
                handshake_timeout: keys.one(HANDSHAKE_TIMEOUT, TimeLimit(Some(DEFAULT_HANDSHAKE_TIMEOUT))),
            },
            shutdown: Shutdown {
                delay: keys.one(SHUTDOWN_DELAY, Time(Duration::ZERO)),
                timeout: keys.one(SHUTDOWN_TIMEOUT, Time(DEFAULT_SHUTDOWN_TIMEOUT)),
            },
            admin: Admin {
                listen: keys.one(ADMIN_LISTEN, OptionalAddress(None)),
            },
            access_log: access_log::access_log(keys),
        };
        together::check(&config, keys);
        config
    }
}

impl Default for Config {
    /// What holds when nothing is set.
    fn default() -> Self {
        Self::read(&mut Reader::default())
    }
}

/// All keys, in the order in which a reference tells of them.
#[must_use]
pub fn reference() -> Vec<KeyReference> {
    let mut reader = Reader::default();
    Config::read(&mut reader);
    let (_problems, reference) = reader.finish();
    reference
}

/// The configuration file as JSON Schema.
#[must_use]
pub fn schema() -> serde_json::Value {
    schema::of(&reference())
}

/// Makes the configuration from what was typed, the environment's variables and the file that one of them names.
///
/// Nothing else is asked: called again with the same arguments it reads the file again.
pub fn load(flags: &ServeFlags, variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Config, Problems> {
    let Environment {
        mut given,
        config,
        mut problems,
    } = Environment::read(variables, &reference());
    given.extend(flags.given());
    let named = flags
        .config_path()
        .or_else(|| config.map(|place| (Path::new(place.text()).to_owned(), place)));
    let folder = named
        .as_ref()
        .and_then(|(path, _)| path.parent())
        .unwrap_or(Path::new(""))
        .to_owned();
    let source =
        named.and_then(|(path, place)| file::read(&path, &place).map_err(|problem| problems.push(problem)).ok());
    let document = source.and_then(|source| {
        document::read(&source)
            .map_err(|problem| problems.push(problem))
            .ok()
            .flatten()
    });

    let mut reader = Reader::new(document.as_ref(), &given);
    let mut config = Config::read(&mut reader);
    let (wrong_values, known) = reader.finish();
    problems.extend(wrong_values);
    config.policies.folder.clone_from(&folder);
    config.policies.sets = config.policies.read(document.as_ref(), &mut problems);
    if let Some(root) = &document {
        problems.extend(key_check::problems(root, &known));
    }
    Problems::none_of(problems).map(|()| config)
}
