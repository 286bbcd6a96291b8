//! How nodes are reached, asked and told of clients.

use std::time::Duration;

use ipnet::IpNet;

use super::key::Key;
use super::parts::Upstream;
use super::reader::Reader;
use super::tls;
use super::tls::value::OptionalFile;
use super::{Time, TimeLimit, Timeout};
use crate::http::forwarded::{ForwardedField, Forwarding};
use crate::upstream::node_url::NodeUrl;
use crate::upstream::{HostChoice, ProbeMode, Probing};

pub(super) const NODES: Key = Key::new("upstream.nodes", "The nodes of the cluster.").named("upstream");
const CONNECT_TIMEOUT: Key = Key::new(
    "upstream.connect_timeout",
    "How long a node may take to accept a connection.",
);
const RESPONSE_TIMEOUT: Key = Key::new(
    "upstream.response_timeout",
    "How long a node may take to begin its answer, once it has the request.",
);
const IDLE_TIMEOUT: Key = Key::new(
    "upstream.idle_timeout",
    "How long a connection to a node is kept that no request uses.",
);
const PROBE: Key = Key::new(
    "upstream.probe",
    "How nodes are asked whether they answer: `auto`, by a connection (`connect`), by `HEAD /` (`http`), or not (`off`).",
);
pub(super) const PROBE_INTERVAL: Key = Key::new("upstream.probe_interval", "How often they are asked.");
pub(super) const PROBE_AUTHORIZATION: Key = Key::new(
    "upstream.probe_authorization",
    "The file with the value of `Authorization` to ask them with.",
);
const HOST: Key = Key::new(
    "upstream.host",
    "Which host nodes are told that a request is for: the `client`'s, the `node`'s own, or a name.",
);
const FORWARDED: Key = Key::new(
    "upstream.forwarded",
    "The field in which nodes are told the address of a client: `x-forwarded-for`, `forwarded`, or `none`.",
);
pub(super) const STRIP_HEADERS: Key = Key::new(
    "upstream.strip_headers",
    "Header fields of requests that are not sent on, such as those by which a cluster knows users of a proxy.",
)
.named("upstream-strip-headers")
.special();

/// Long enough for a lost SYN to be sent again twice, short enough for a client to hear of a dead cluster before its
/// own timeout (10 s in the Python client).
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// Shorter than load balancers and firewalls keep a silent connection: the least of the well-known ones, 60 s, is not
/// reached by much, so that it is rarely them who close it.
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(55);

/// A node that has gone is found out by requests; what is gone without any is to be known soon enough for who looks.
const DEFAULT_PROBE_INTERVAL: Duration = Duration::from_secs(5);

/// Reads what is set of it. Of clients' addresses, the lists of these proxies are believed.
pub(super) fn upstream(keys: &mut Reader<'_>, trusted: Vec<IpNet>) -> Upstream {
    let nodes = keys.many(NODES, vec![NodeUrl::default()]);
    Upstream {
        tls: tls::client(keys, &nodes, NODES),
        nodes,
        connect_timeout: keys.one(CONNECT_TIMEOUT, Timeout(DEFAULT_CONNECT_TIMEOUT)),
        // Elasticsearch has calls that answer after hours, such as `_forcemerge`.
        response_timeout: keys.one(RESPONSE_TIMEOUT, TimeLimit(None)),
        idle_timeout: keys.one(IDLE_TIMEOUT, Time(DEFAULT_IDLE_TIMEOUT)),
        host: keys.one(HOST, HostChoice::Client),
        forwarding: Forwarding {
            field: keys.one(FORWARDED, ForwardedField::None),
            trusted,
        },
        probing: Probing {
            mode: keys.one(PROBE, ProbeMode::Auto),
            interval: keys.one(PROBE_INTERVAL, Timeout(DEFAULT_PROBE_INTERVAL)).0,
            authorization: keys.one(PROBE_AUTHORIZATION, OptionalFile(None)).0,
        },
        strip_headers: keys.many(STRIP_HEADERS, Vec::new()),
    }
}
