//! How nodes are reached and probed, and what they are told of clients.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde_json::Value;

use super::form;
use super::key::Key;
use super::parts::Upstream;
use super::reader::Reader;
use super::scalar::ScalarKind;
use super::setting::{Fault, Setting, one_of};
use super::tls;
use super::tls::value::OptionalFile;
use super::{Time, TimeLimit, Timeout};
use crate::http::forwarded::{ForwardedField, Forwarding};
use crate::upstream::node_url::NodeUrl;
use crate::upstream::{HostChoice, ProbeMode, Probing};

pub(super) const TRUSTED_PROXIES: Key = Key::new(
    "trusted_proxies",
    "The proxies before the gateway whose list of addresses is trusted, as networks.",
)
.detail("To their list, in the field of `upstream.forwarded`, the gateway adds their address; the list of anybody else is replaced.");
pub(super) const NODES: Key = Key::new("upstream.nodes", "The nodes of the cluster.").named("upstream");
const CONNECT_TIMEOUT: Key = Key::new(
    "upstream.connect_timeout",
    "How long a node may take to accept a connection.",
);
const RESPONSE_TIMEOUT: Key = Key::new(
    "upstream.response_timeout",
    "How long a node may take to begin its answer, once it has the request.",
)
.detail("Then a read gets 504, and a write 500: whether it was done is not known.");
const IDLE_TIMEOUT: Key = Key::new(
    "upstream.idle_timeout",
    "How long an idle connection to a node is kept.",
)
.detail("With `0s` none is kept.");
const PROBE: Key = Key::new(
    "upstream.probe",
    "How nodes are probed: `auto`, by a connection (`connect`), by `HEAD /` (`http`), or not (`off`).",
)
.detail("With `auto` the gateway only connects, with a handshake where a node has TLS, until it has seen that the node answers `GET /` or `HEAD /` to a client without credentials: a cluster may count those as failed logins.");
pub(super) const PROBE_INTERVAL: Key = Key::new("upstream.probe_interval", "How often nodes are probed.")
    .detail("With `off`: how long a request waits before it asks a node again that could not be reached.");
pub(super) const PROBE_AUTHORIZATION: Key = Key::new(
    "upstream.probe_authorization",
    "The file with the value of `Authorization` to probe nodes with.",
)
.detail("It is read again when it changes.");
const HOST: Key = Key::new(
    "upstream.host",
    "The `Host` field that nodes get: the `client`'s, the `node`'s own, or a fixed name.",
)
.detail(
    "For clusters behind something that chooses by `Host`. What the gateway asks itself names the node, or that name.",
);
const FORWARDED: Key = Key::new(
    "upstream.forwarded",
    "The field that carries the client's address to nodes: `x-forwarded-for`, `forwarded`, or `none`.",
)
.detail("With `none` both fields pass as clients send them.");
pub(super) const STRIP_HEADERS: Key = Key::new(
    "upstream.strip_headers",
    "Header fields of requests that are not forwarded, such as those by which a cluster knows users of a proxy.",
)
.named("upstream-strip-headers")
.special();

/// Long enough for a lost SYN to be sent again twice, short enough for a client to hear of a dead cluster before its
/// own timeout (10 s in the Python client).
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(4);

/// Just under 60 s, the shortest common idle timeout of load balancers and firewalls, so that the gateway closes first.
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(55);

/// Requests find out by themselves that a node is gone. Without any, probes have to find it out soon enough for those who
/// watch.
const DEFAULT_PROBE_INTERVAL: Duration = Duration::from_secs(5);

/// Reads what is set of it. Of clients' addresses, the lists of these proxies are believed.
pub(super) fn upstream(keys: &mut Reader<'_>, trusted: Vec<IpNet>) -> Upstream {
    let nodes = keys.many(NODES, vec![NodeUrl::default()]);
    Upstream {
        tls: tls::to_nodes(keys, &nodes, NODES),
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

impl Setting for ProbeMode {
    const EXPECTED: &'static str = "`auto`, `connect`, `http` or `off`";
    const PLACEHOLDER: &'static str = "MODE";

    fn parse(text: &str) -> Result<Self, Fault> {
        one_of(text, Self::ALL)
    }

    fn form() -> Value {
        form::words(Self::ALL)
    }

    /// YAML 1.1 takes `off` for a boolean.
    fn accepts(kind: ScalarKind) -> bool {
        matches!(kind, ScalarKind::Text | ScalarKind::Boolean)
    }
}

impl Setting for HostChoice {
    const EXPECTED: &'static str = "`client`, `node`, or a host such as `es.example.org`";
    const PLACEHOLDER: &'static str = "HOST";

    fn parse(text: &str) -> Result<Self, Fault> {
        Self::parse(text).map_err(|error| Fault::new(format!("expected {}; {error}", Self::EXPECTED)))
    }
}

impl Setting for ForwardedField {
    const EXPECTED: &'static str = "`none`, `x-forwarded-for` or `forwarded`";
    const PLACEHOLDER: &'static str = "FIELD";

    fn parse(text: &str) -> Result<Self, Fault> {
        one_of(text, Self::ALL)
    }

    fn form() -> Value {
        form::words(Self::ALL)
    }
}

impl Setting for IpNet {
    const EXPECTED: &'static str = "a network such as `10.0.0.0/8`, or an address";
    const PLACEHOLDER: &'static str = "NETWORK";

    fn parse(text: &str) -> Result<Self, Fault> {
        let address = || text.parse::<IpAddr>().ok().map(Self::from);
        let network: Option<Self> = text.parse().ok().or_else(address);
        let network = network.ok_or_else(|| Fault::new(format!("expected {}", Self::EXPECTED)))?;
        // `10.1.2.3/8` is a slip: either the address is meant, or the network.
        if network.addr() != network.network() {
            let help = format!(
                "write `{}` for the network, or `{}` for the address",
                network.trunc(),
                network.addr()
            );
            return Err(Fault::with_help(
                "the address has bits beyond those of its network",
                Some(&help),
            ));
        }
        Ok(network)
    }

    fn form() -> Value {
        form::text("[0-9A-Fa-f.:]+(?:/[0-9]+)?")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_read_as_they_are_shown() {
        for mode in ProbeMode::ALL {
            assert_eq!(ProbeMode::parse(&mode.to_string()).ok(), Some(mode));
        }
        assert!(ProbeMode::parse("false").is_err());
        for field in ForwardedField::ALL {
            assert_eq!(ForwardedField::parse(&field.to_string()).ok(), Some(field));
        }
    }

    #[test]
    fn networks_are_whole_ones() {
        for (text, shown) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("192.0.2.7", "192.0.2.7/32"),
            ("::1", "::1/128"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("0.0.0.0/0", "0.0.0.0/0"),
        ] {
            let network = <IpNet as Setting>::parse(text).expect(text);
            assert_eq!(network.to_string(), shown);
        }
        for text in ["10.1.2.3/8", "10.0.0.0/33", "10.0.0", "proxy", "10.0.0.0/8,", ""] {
            assert!(<IpNet as Setting>::parse(text).is_err(), "{text:?}");
        }
    }
}
