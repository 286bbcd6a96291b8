//! What the configuration says, and what it means.
//!
//! Flags beat environment variables (`ANOMALY_GATEWAY_…`), which beat the YAML file, which beats the defaults. All
//! problems are reported at once, each with the place that it comes from.
//!
//! To add a key, add a field to [`Config`] or one of its parts and the line in `Config::read` that reads it. Flag,
//! environment variable, help text, reference and suggestions follow from that line. The order of the lines is the
//! order of the reference.

mod access;
mod access_log;
mod amount;
mod api;
mod audit;
mod decisions;
mod document;
mod environment;
mod file;
mod flags;
mod form;
mod jobs;
mod key;
mod key_check;
mod limits;
mod load;
mod log;
mod page;
mod parts;
pub mod policies;
mod problem;
mod protect;
mod reader;
mod ready;
mod redaction;
mod scalar;
mod schema;
mod serve;
mod setting;
mod source;
mod suggestion;
#[cfg(test)]
mod tests;
mod tls;
mod together;
mod updates;
mod upstream;
mod values;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

pub use self::access::{Access, AccessMode, StrippedHeader};
pub use self::amount::{CountLimit, OptionalAddress, SizeLimit, Switch, Time, TimeLimit, Timeout};
pub use self::api::{Api, ApiError};
pub use self::audit::{Audit, AuditQueue};
pub use self::decisions::KeptDecisions;
pub use self::flags::ServeFlags;
pub use self::jobs::Jobs;
pub use self::key::KeyReference;
pub use self::limits::Limits;
pub use self::load::{load, load_with_values, load_without_policies};
pub use self::log::what_was_meant;
pub use self::parts::{Admin, Shutdown, Upstream};
pub use self::policies::{BlastRadius, Policies};
pub use self::problem::Problems;
pub use self::protect::Protect;
pub use self::ready::ReadyRequirement;
pub use self::serve::Serve;
pub use self::updates::{UpdateTurns, Updates};
pub use self::values::Values;

use self::key::Key;
use self::reader::Reader;
use self::setting::OptionalThreshold;
use self::tls::value::OptionalFile;
use crate::admission::policy::PolicySets;
use crate::telemetry::LogSettings;
use crate::telemetry::access_log::Settings;
use crate::tls::ServerSettings;

/// What the gateway does, fully checked: nothing in here needs to be parsed or can still be wrong by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where clients connect to the gateway.
    pub listen: SocketAddr,
    /// Whether other processes may listen there as well.
    pub reuse_port: Switch,
    /// How it speaks TLS to them, if it does.
    pub tls: Option<ServerSettings>,
    /// How long before one of its certificates expires it says so.
    pub warn_before: Time,
    /// The cluster behind the gateway.
    pub upstream: Upstream,
    /// Whether plain requests that nobody claims pass as they are.
    pub lane: Switch,
    /// Who may create jobs, and with whose credentials they are stored.
    pub access: Access,
    /// What the gateway does with jobs.
    pub jobs: Jobs,
    /// What its operator wants of jobs.
    pub policies: Policies,
    /// Where it writes what was decided.
    pub audit: Audit,
    /// What clients may take of it.
    pub limits: Limits,
    /// How it stops.
    pub shutdown: Shutdown,
    /// Its listener for those who run it.
    pub admin: Admin,
    /// What has to hold for it to be ready.
    pub ready: ReadyRequirement,
    /// What it logs.
    pub log: LogSettings,
    /// What it writes about each request.
    pub access_log: Settings,
}

const LISTEN: Key = Key::new("listen", "Where clients connect to the gateway.").named("listen");
const REUSE_PORT: Key = Key::new(
    "reuse_port",
    "Whether another process may listen at `listen` and `admin.listen` as well (`SO_REUSEPORT`), such as the next version of the gateway.",
)
.detail("Without it, a second gateway at the same address does not start. When one of the two stops, a connection that is being made at that moment can be lost; a socket that the service manager hands over loses none: see [Upgrading](../operate/upgrading.md).")
.named("reuse-port");
const POLICY_FILES: Key = Key::new("policies.files", "The files of policies, by path or glob.")
    .detail("What a policy is, is in [Policies](../policies.md).");
const LANE: Key = Key::new(
    "lane",
    "Whether requests that everybody reads in the same way are forwarded as the bytes that they came in, when nobody claims them.",
)
.detail("All others, and all of them without it, are read and written anew by an HTTP library.")
.named("lane");
const SHADOW: Key = Key::new(
    "policies.shadow",
    "The files of policies to run in shadow mode: where they would decide otherwise is counted and logged, never enforced.",
);
const ALLOW_EMPTY: Key = Key::new(
    "policies.allow_empty",
    "Whether a glob of policy files may name none; otherwise that is a mistake, as a slip would switch policies off.",
)
.detail("For folders that other teams fill. A path without `*`, `?` or `[` has to be there in any case.");
const REFUSE_OVER: Key = Key::new(
    "policies.blast_radius.refuse_over",
    "How many stored jobs, or what share of them, a changed set of policies may newly refuse; a set that refuses more is not put into use.",
);
const BLAST_RADIUS_AUTHORIZATION: Key = Key::new(
    "policies.blast_radius.authorization",
    "The file with the value of `Authorization` with which stored jobs are read.",
);
const SHUTDOWN_DELAY: Key = Key::new(
    "shutdown.delay",
    "How long connections are still accepted after `/ready` has turned to 503.",
);
const SHUTDOWN_TIMEOUT: Key = Key::new("shutdown.timeout", "How long running requests may take to end.");
const ADMIN_LISTEN: Key = Key::new(
    "admin.listen",
    "Where `GET /live`, `GET /ready` and `GET /metrics` are answered.",
)
.detail("`GET /` lists what else is there. See [Health](../operate/running.md#health).")
.named("admin-listen");

/// As long as Kubernetes waits before it kills.
const DEFAULT_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);

impl Config {
    /// Reads every key there is.
    fn read(keys: &mut Reader<'_>) -> Self {
        let listen = keys.one(LISTEN, SocketAddr::from((Ipv4Addr::LOCALHOST, 9280)));
        let reuse_port = keys.one(REUSE_PORT, Switch(false));
        let lane = keys.one(LANE, Switch(false));
        let trusted = keys.many(upstream::TRUSTED_PROXIES, Vec::new());
        let tls = tls::to_clients(keys);
        let warn_before = tls::warn_before(keys);
        let upstream = upstream::upstream(keys, trusted);
        let config = Self {
            listen,
            reuse_port,
            tls,
            warn_before,
            lane,
            access: access::access(keys, &upstream),
            upstream,
            jobs: jobs::jobs(keys),
            policies: Policies {
                files: keys.many(POLICY_FILES, Vec::new()),
                file: None,
                shadow_files: keys.many(SHADOW, Vec::new()),
                allow_empty: keys.one(ALLOW_EMPTY, Switch(false)).0,
                sets: PolicySets::default(),
                blast_radius: BlastRadius {
                    refuse_over: keys.one(REFUSE_OVER, OptionalThreshold(None)).0,
                    authorization: keys.one(BLAST_RADIUS_AUTHORIZATION, OptionalFile(None)).0,
                },
            },
            audit: audit::audit(keys),
            limits: limits::limits(keys),
            shutdown: Shutdown {
                delay: keys.one(SHUTDOWN_DELAY, Time(Duration::ZERO)),
                timeout: keys.one(SHUTDOWN_TIMEOUT, Time(DEFAULT_SHUTDOWN_TIMEOUT)),
            },
            admin: Admin {
                listen: keys.one(ADMIN_LISTEN, OptionalAddress(None)),
                decisions: decisions::kept(keys),
            },
            ready: ready::requirement(keys),
            log: log::log(keys),
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
    let (_problems, reference, _values) = reader.finish();
    reference
}

/// The configuration file as JSON Schema.
#[must_use]
pub fn schema() -> serde_json::Value {
    schema::of(&reference())
}

/// All keys as a page of the documentation, in Markdown.
#[must_use]
pub fn page() -> String {
    page::of(&reference())
}
