//! Before real nodes: whatever spelling a node would route to the call, judged by how it routes the same spelling of a
//! call of the same shape that it has, is judged by the gateway.

use std::collections::BTreeMap;

use cluster::Kind;

use super::Governed;
use super::request::{self, Coding, FIELDS};
use super::spelling::{self, Spelling};
use crate::support::node;
use crate::support::wire::{self, Answer, Connection};

/// The call that every node has beside the one that none of these has: two literal segments, and a name.
const NEIGHBOUR: (&str, &str) = ("_ingest", "pipeline");

fn send(connection: &mut Connection, address: std::net::SocketAddr, bytes: &[u8]) -> Option<Answer> {
    connection.send(bytes);
    let answer = connection.answer(false);
    let goes_on = answer.as_ref().is_some_and(|answer| {
        let is_hypers_own = answer.status() == 400 && answer.body.is_empty();
        !is_hypers_own && !answer.values("connection").contains(&"close")
    });
    if !goes_on {
        *connection = Connection::to(address);
    }
    answer
}

/// Whether the node takes this spelling of the neighbouring call for that call: it then misses the body.
fn is_routed(answer: Option<&Answer>) -> bool {
    answer.is_some_and(|answer| answer.text().contains("request body or source parameter is required"))
}

fn run(name: &str, url: &str) {
    let governed = Governed::before(url, "commit: store");
    let (node, gateway) = (wire::address_of(url), governed.gateway.address);
    let (mut direct, mut through) = (Connection::to(node), Connection::to(gateway));
    let mut counts: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    let creates = spelling::all().into_iter().filter(|spelling| !spelling.is_update);
    for (number, Spelling { kind, target, .. }) in creates.enumerate() {
        // The older path has no neighbour; nothing but its literal segments is different about it.
        if !target.contains("anomaly_detectors") || target.contains("_xpack") {
            continue;
        }
        let neighbour = target
            .replace("anomaly_detectors", NEIGHBOUR.1)
            .replace("_ml", NEIGHBOUR.0);
        let is_routed = is_routed(send(&mut direct, node, &wire::request("PUT", &neighbour, &[], "")).as_ref());
        *counts.entry((kind, is_routed)).or_default() += 1;
        let (_, fields) = FIELDS[number % 6];
        let answer = send(
            &mut through,
            gateway,
            &request::bytes("PUT", &target, fields, Coding::Plain, false),
        );
        let text = answer.as_ref().map(Answer::text).unwrap_or_default();
        if is_routed {
            let is_refused = answer.as_ref().is_none_or(|answer| answer.status() >= 400);
            let is_the_nodes = text.contains("no handler found") || text.contains("Incorrect HTTP method");
            assert!(is_refused, "{name}: {target}: {text}");
            assert!(
                !is_the_nodes,
                "{name}: a spelling that the node routes was passed on: {target}: {text}"
            );
        }
    }
    for ((kind, is_routed), count) in &counts {
        let by_the_node = if *is_routed { "routed" } else { "not routed" };
        eprintln!("{name}: {count:5} {kind}, {by_the_node} by the node");
    }
    let routed: usize = counts
        .iter()
        .filter(|((_, is_routed), _)| *is_routed)
        .map(|(_, count)| count)
        .sum();
    assert!(routed > 50, "{name}: the neighbouring call is found: {routed}");
    // What is not routed to the call may be anything else, such as a document of version 7 in an index of an odd name.
    let found = wire::call(
        node,
        "GET",
        "/anomaly-detectors,.ml-config/_search?q=description:FORBIDDEN&ignore_unavailable=true",
        &[],
        "",
    );
    assert_eq!(found.json()["hits"]["total"]["value"], 0, "{name}: {}", found.text());
}

#[test]
fn what_a_node_would_route_to_the_call_is_judged() {
    run("OpenSearch 3", node::shared_url());
    for kind in [Kind::Elasticsearch7_17, Kind::Elasticsearch8, Kind::Elasticsearch9] {
        let node = node::start(kind);
        run(&kind.to_string(), node.url());
    }
}
