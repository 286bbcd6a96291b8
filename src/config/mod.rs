//! What the configuration says, and what it means.
//!
//! Flags beat environment variables (`ANOMALY_GATEWAY_…`), which beat the YAML file, which beats the defaults. All
//! problems are told at once, each with the place that it comes from.
//!
//! To add a key, add a field to [`Config`] or one of its parts and the line in `Config::read` that reads it. Flag,
//! environment variable, help text, reference and suggestions follow from that line. The order of the lines is the
//! order of the reference.

mod api;
mod document;
mod environment;
mod file;
mod flags;
mod key;
mod key_check;
mod problem;
mod reader;
mod redaction;
mod scalar;
mod setting;
mod source;
mod suggestion;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

pub use self::api::{Api, ApiError};
pub use self::flags::ServeFlags;
pub use self::key::KeyReference;
pub use self::problem::Problems;

use self::environment::Environment;
use self::key::Key;
use self::reader::Reader;
use crate::store::index_name::IndexName;
use crate::upstream::node_url::NodeUrl;

/// What the gateway does, fully checked: nothing in here needs to be parsed or can still be wrong by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where clients connect to the gateway.
    pub listen: SocketAddr,
    /// The cluster behind the gateway.
    pub upstream: Upstream,
    /// What the gateway does with jobs.
    pub jobs: Jobs,
}

/// The cluster behind the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// Its nodes. There is at least one.
    pub nodes: Vec<NodeUrl>,
}

/// What the gateway does with jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jobs {
    /// The index that they are stored in.
    pub index: IndexName,
    /// The version of Elasticsearch's API to answer as.
    pub api: Api,
}

const LISTEN: Key = Key::new("listen", "Where clients connect to the gateway.").named("listen");
const NODES: Key = Key::new("upstream.nodes", "The nodes of the cluster.").named("upstream");
const INDEX: Key = Key::new("jobs.index", "The index that jobs are stored in.").named("jobs-index");
const API: Key = Key::new(
    "jobs.api",
    "The version of Elasticsearch to answer as; `auto` is the cluster's own.",
)
.named("jobs-api");

impl Config {
    /// Reads every key there is.
    fn read(keys: &mut Reader<'_>) -> Self {
        Self {
            listen: keys.one(LISTEN, SocketAddr::from((Ipv4Addr::LOCALHOST, 9280))),
            upstream: Upstream {
                nodes: keys.many(NODES, vec![NodeUrl::default()]),
            },
            jobs: Jobs {
                index: keys.one(INDEX, IndexName::default()),
                api: keys.one(API, Api::Auto),
            },
        }
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
    let source =
        named.and_then(|(path, place)| file::read(&path, &place).map_err(|problem| problems.push(problem)).ok());
    let document = source.and_then(|source| {
        document::read(&source)
            .map_err(|problem| problems.push(problem))
            .ok()
            .flatten()
    });

    let mut reader = Reader::new(document.as_ref(), &given);
    let config = Config::read(&mut reader);
    let (wrong_values, known) = reader.finish();
    problems.extend(wrong_values);
    if let Some(root) = &document {
        problems.extend(key_check::problems(root, &known));
    }
    Problems::none_of(problems).map(|()| config)
}
