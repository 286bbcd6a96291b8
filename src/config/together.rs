//! Finds values that are valid by themselves but not together with others, or not for what the gateway does with them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::num::NonZeroUsize;
use std::time::Duration;

use super::jobs::{COMMIT, INDEX, SCAN, SERVE};
use super::limits::{BODIES, HEAD, HEADS};
use super::reader::Reader;
use super::upstream::{NODES, PROBE_AUTHORIZATION, PROBE_INTERVAL, STRIP_HEADERS, TRUSTED_PROXIES};
use super::{ADMIN_LISTEN, BLAST_RADIUS_AUTHORIZATION, Config, LISTEN, Serve, Upstream, audit};
use crate::http::authorization;
use crate::http::forwarded::ForwardedField;
use crate::proxy::CommitMode;
use crate::upstream::node_url::NodeUrl;
use crate::upstream::{ProbeMode, Probing};

/// The least room for bodies, in bytes: the smallest job has about sixty, and a few hundred are usual.
const MIN_BODIES: usize = 1024;

/// The least time between two probes.
const MIN_PROBE_INTERVAL: Duration = Duration::from_millis(10);

/// The least time between two scans of the stored jobs.
const MIN_SCAN_INTERVAL: Duration = Duration::from_secs(1);

/// The least room for a head, in bytes: those of Elasticsearch's clients have a few hundred, and a token may have as many.
const MIN_HEAD: usize = 1024;

/// Finds what is wrong.
pub(super) fn check(config: &Config, keys: &mut Reader<'_>) {
    if config.limits.bodies.0.map_or(usize::MAX, NonZeroUsize::get) < MIN_BODIES {
        let help = "write `1kb` or more, or `none`";
        keys.refuse_set(&[BODIES], "no job would fit in there", Some(help));
    }
    let [head, heads] = [config.limits.head, config.limits.heads].map(|limit| limit.0.map(NonZeroUsize::get));
    if head.is_some_and(|head| head < MIN_HEAD) {
        let help = "write `1kb` or more, or `none`";
        keys.refuse_set(&[HEAD], "not every client's requests would fit in there", Some(help));
    } else if heads.zip(head).is_some_and(|(heads, head)| heads < head) {
        let help = "write at least as much as `limits.head`, or `none`";
        keys.refuse_set(
            &[HEADS, HEAD],
            "a single head of `limits.head` would not fit in there",
            Some(help),
        );
    }
    if config.jobs.serve == Serve::All && config.jobs.commit != CommitMode::Store {
        let message = format!(
            "`jobs.commit` is `{}`, so that jobs are the cluster's",
            config.jobs.commit
        );
        let help = "set `jobs.commit` to `store`, or `jobs.serve` to `create`";
        keys.refuse_set(&[SERVE, COMMIT], &message, Some(help));
    }
    if config.audit.index.as_ref() == Some(&config.jobs.index) {
        let help = "name another index for decisions";
        let message = "`jobs.index` is the same one, and decisions are no jobs";
        keys.refuse_set(&[audit::INDEX, INDEX], message, Some(help));
    }
    check_upstream(&config.upstream, keys);
    if config.jobs.scan.0.is_some_and(|interval| interval < MIN_SCAN_INTERVAL) {
        let help = "write `1s` or more, or `none`; a quarter of an hour is usual";
        keys.refuse_set(&[SCAN], "the cluster would do nothing else than answer", Some(help));
    } else if config.jobs.scan.0.is_some() && config.jobs.commit == CommitMode::Forward {
        let help = "leave one of the two keys out";
        let message = "with `jobs.commit: forward` there are no jobs in the index of jobs";
        keys.refuse_set(&[SCAN], message, Some(help));
    }
    let nodes = &config.upstream.nodes;
    let twice = nodes
        .iter()
        .enumerate()
        .find(|(place, node)| nodes.iter().take(*place).any(|other| other == *node));
    if let Some((_, node)) = twice {
        let message = format!("{node} is named twice, and would get twice as many requests as others");
        keys.refuse_set(&[NODES], &message, Some("name each node once"));
    }
    if let Some(file) = &config.policies.blast_radius.authorization
        && let Err(error) = authorization::read(file)
    {
        keys.refuse_set(&[BLAST_RADIUS_AUTHORIZATION], &error.to_string(), None);
    }
    let listeners = [Some(config.listen), config.admin.listen.0];
    let leads_back = |node: &NodeUrl| listeners.into_iter().flatten().any(|listener| leads_to(node, listener));
    if let Some(node) = config.upstream.nodes.iter().find(|node| leads_back(node)) {
        let message = format!("the gateway itself listens at {node}, so that it would ask itself");
        let help = "name the nodes of the cluster, or let the gateway listen elsewhere";
        keys.refuse_set(&[NODES, LISTEN, ADMIN_LISTEN], &message, Some(help));
    }
    let admin = config.admin.listen.0.filter(|admin| admin.port() != 0);
    if admin == Some(config.listen) {
        let help = "choose another port: what is answered there is not for clients";
        keys.refuse_set(&[ADMIN_LISTEN, LISTEN], "`listen` has the same address", Some(help));
    }
}

/// Finds what is wrong with how nodes are asked and told of clients.
fn check_upstream(upstream: &Upstream, keys: &mut Reader<'_>) {
    let Probing {
        mode,
        interval,
        authorization,
    } = &upstream.probing;
    if *interval < MIN_PROBE_INTERVAL {
        let help = "write `10ms` or more; a few seconds are usual";
        keys.refuse_set(&[PROBE_INTERVAL], "nodes would do nothing else than answer", Some(help));
    }
    match authorization {
        Some(_) if matches!(mode, ProbeMode::Connect | ProbeMode::Off) => {
            let message = format!("`upstream.probe` is `{mode}`, which asks nothing");
            let help = "leave one of the two keys out";
            keys.refuse_set(&[PROBE_AUTHORIZATION], &message, Some(help));
        }
        Some(file) => {
            if let Err(error) = authorization::read(file) {
                keys.refuse_set(&[PROBE_AUTHORIZATION], &error.to_string(), None);
            }
        }
        None => {}
    }
    let forwarding = &upstream.forwarding;
    if forwarding.field == ForwardedField::None && !forwarding.trusted.is_empty() {
        let message = "nodes are told no addresses, so that there is no list to believe";
        let help = "set `upstream.forwarded` to `x-forwarded-for` or `forwarded`, or leave the key out";
        keys.refuse_set(&[TRUSTED_PROXIES], message, Some(help));
    }
    let written = forwarding.field.header();
    if upstream
        .strip_headers
        .iter()
        .any(|header| Some(&header.0) == written.as_ref())
    {
        let message = format!(
            "`upstream.forwarded` is `{}`, and the field would not be sent on",
            forwarding.field
        );
        let help = "leave it out of here: what clients write into it that are not in `trusted_proxies` is not sent on";
        keys.refuse_set(&[STRIP_HEADERS], &message, Some(help));
    }
}

/// Whether a connection to a node ends at this listener, as far as its address shows it. Names are not looked up, but for
/// `localhost`: what they resolve to can change, and a request that comes back is found out when it does.
fn leads_to(node: &NodeUrl, listener: SocketAddr) -> bool {
    if listener.port() == 0 || node.port() != listener.port() {
        return false;
    }
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let addresses = match node.host().parse::<IpAddr>() {
        // The system connects to itself.
        Ok(address) if address.is_unspecified() => loopback.to_vec(),
        Ok(address) => vec![address.to_canonical()],
        Err(_) if node.host() == "localhost" => loopback.to_vec(),
        Err(_) => Vec::new(),
    };
    addresses.into_iter().any(|address| match listener.ip() {
        // One for IPv6 takes connections of both versions.
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => is_of_this_machine(address),
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.is_ipv4() && is_of_this_machine(address),
        one => one.to_canonical() == address,
    })
}

/// Whether an address is one of this machine: the system then takes it for its own end of a connection to it. Nothing is
/// sent.
fn is_of_this_machine(address: IpAddr) -> bool {
    let any: SocketAddr = match address {
        IpAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        IpAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let own_end = || {
        let socket = UdpSocket::bind(any)?;
        socket.connect((address, 9))?;
        socket.local_addr()
    };
    address.is_loopback() || own_end().is_ok_and(|own_end| own_end.ip() == address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_leads_back_is_found() {
        for (node, listener, expected) in [
            ("http://127.0.0.1:9280", "127.0.0.1:9280", true),
            ("https://127.0.0.1:9280", "127.0.0.1:9280", true),
            ("http://127.0.0.1:9200", "127.0.0.1:9280", false),
            ("http://127.0.0.2:9280", "127.0.0.1:9280", false),
            ("http://localhost:9280", "127.0.0.1:9280", true),
            ("http://localhost:9280", "[::1]:9280", true),
            ("http://[::1]:9280", "127.0.0.1:9280", false),
            ("http://127.0.0.1:9280", "0.0.0.0:9280", true),
            ("http://127.9.9.9:9280", "0.0.0.0:9280", true),
            ("http://[::1]:9280", "0.0.0.0:9280", false),
            ("http://127.0.0.1:9280", "[::]:9280", true),
            ("http://[::1]:9280", "[::]:9280", true),
            ("http://0.0.0.0:9280", "127.0.0.1:9280", true),
            ("http://192.0.2.1:9280", "0.0.0.0:9280", false),
            ("http://[2001:db8::1]:9280", "[::]:9280", false),
            ("http://gateway.example.org:9280", "0.0.0.0:9280", false),
            ("http://127.0.0.1:9280", "127.0.0.1:0", false),
        ] {
            let node = NodeUrl::parse(node).expect(node);
            let listener: SocketAddr = listener.parse().expect(listener);
            assert_eq!(leads_to(&node, listener), expected, "{node} {listener}");
        }
    }
}
