//! The parts of the configuration, as they are used.

use super::{KeptDecisions, OptionalAddress, StrippedHeader, Time, TimeLimit, Timeout};
use crate::http::forwarded::Forwarding;
use crate::tls::NodeTlsSettings;
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
    pub tls: NodeTlsSettings,
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
    /// How many decisions it has to show.
    pub decisions: KeptDecisions,
}
