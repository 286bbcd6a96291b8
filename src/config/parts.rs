//! The parts of the configuration, as they are used.

use super::{Api, CountLimit, OptionalAddress, Protect, SizeLimit, StrippedHeader, Switch, Time, TimeLimit, Timeout};
use crate::http::forwarded::Forwarding;
use crate::proxy::CommitMode;
use crate::store::index_name::IndexName;
use crate::tls::ClientSettings;
use crate::upstream::node_url::NodeUrl;
use crate::upstream::{HostChoice, Probing};

/// The cluster behind the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// Its nodes. There is at least one.
    pub nodes: Vec<NodeUrl>,
    /// How long a node may take to accept a connection.
    pub connect_timeout: Timeout,
    /// How long a node may take to begin its answer, once it has the request.
    pub response_timeout: TimeLimit,
    /// How long a connection to a node is kept that no request uses.
    pub idle_timeout: Time,
    /// Which host they are told that a request is for.
    pub host: HostChoice,
    /// How they are told from which address a request comes.
    pub forwarding: Forwarding,
    /// How they are asked whether they answer.
    pub probing: Probing,
    /// Header fields of requests that are not sent on.
    pub strip_headers: Vec<StrippedHeader>,
    /// How the gateway speaks TLS to nodes at `https` addresses.
    pub tls: ClientSettings,
}

/// What the gateway does with jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jobs {
    /// The index that they are stored in.
    pub index: IndexName,
    /// The version of Elasticsearch's API to answer as.
    pub api: Api,
    /// Who keeps them.
    pub commit: CommitMode,
    /// Whether clients may try out the creation of a job.
    pub dry_run: Switch,
    /// Whether their index is protected from writes by other calls.
    pub protect: Protect,
}

/// What clients may take of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How many connections they may have.
    pub connections: CountLimit,
    /// How many requests may be under way.
    pub requests: CountLimit,
    /// How many bytes the bodies that the gateway reads itself may have, all together.
    pub bodies: SizeLimit,
    /// How long a client may pause in a body that is read for it, or in one that takes a place among the requests.
    pub body_timeout: TimeLimit,
    /// How many bytes of it a client has to move in a second.
    pub body_rate: SizeLimit,
    /// How many bytes the head of a request may have.
    pub head: SizeLimit,
    /// How many bytes the heads that have not ended may have, all together.
    pub heads: SizeLimit,
    /// How long a client may take to send the head of a request, from its first byte on.
    pub head_timeout: TimeLimit,
    /// How long a client may take to set up TLS.
    pub handshake_timeout: TimeLimit,
}

/// How the gateway stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shutdown {
    /// How long it goes on accepting connections after it has said that it is not ready any more.
    pub delay: Time,
    /// How long running requests may take to end.
    pub timeout: Time,
}

/// The listener for those who run the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    /// Where it is.
    pub listen: OptionalAddress,
}
