//! What nodes are told of a request besides itself: which host it is for, and from which address it comes.

use std::io::Write;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::scripted_upstream::{ScriptedUpstream, field};
use crate::support::stand_in::StandIn;
use crate::support::wire::{Connection, call, eventually};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

fn own(head: &str) -> bool {
    field(head, "user-agent").is_some_and(|agent| agent.starts_with("anomaly-gateway/"))
}

/// A cluster behind something that chooses by `Host`, and knows it by this name only.
fn routed(name: &'static str) -> StandIn {
    StandIn::answering("8.19.21", move |(_, head)| {
        let is_wanted = field(head, "host").is_some_and(|host| host == name);
        (!is_wanted).then(|| "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned())
    })
}

#[test]
fn a_cluster_behind_a_router_by_host_is_reached_by_forwarded_and_own_calls() {
    let cluster = routed("es.example.org");
    let gateway = Gateway::configured(&[cluster.url()], "upstream: {host: es.example.org, probe: http}");
    assert_eq!(
        gateway.call("GET", "/_search", "").status(),
        400,
        "the stand-in's own answer"
    );
    assert_eq!(gateway.create_job("a", &job::smallest()).status(), 200);
    eventually("a probe", || !cluster.upstream.probes().is_empty());
    for head in [cluster.upstream.heads(), cluster.upstream.probes()].concat() {
        assert_eq!(field(&head, "host").as_deref(), Some("es.example.org"), "{head}");
    }
    // By itself the gateway passes the client's on, and the router knows no such host.
    let gateway = Gateway::before(&[cluster.url()]);
    assert_eq!(gateway.call("GET", "/_search", "").status(), 404);
}

#[test]
fn each_node_may_be_told_its_own_host() {
    let nodes = [(); 2].map(|()| ScriptedUpstream::answering(OK));
    let gateway = Gateway::configured(&[&nodes[0].url, &nodes[1].url], "upstream: {host: node}");
    let mut connection = Connection::to(gateway.address);
    for _ in 0..4 {
        connection.send(b"GET /a HTTP/1.1\r\nX-Before: 1\r\nHOST: sent.example.org\r\nX-After: 1\r\n\r\n");
        assert_eq!(connection.read().status(), 200);
    }
    for node in &nodes {
        let own = node.url.trim_start_matches("http://");
        let expected = format!("GET /a HTTP/1.1\r\nX-Before: 1\r\nHOST: {own}\r\nX-After: 1\r\n\r\n");
        assert_eq!(
            node.heads(),
            vec![expected; 2],
            "in its place, and nothing else is another"
        );
    }
}

/// A client does not choose by its `Host` whom the gateway asks who the cluster is.
#[test]
fn what_the_gateway_asks_itself_names_the_node_whatever_the_client_sends() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let gateway = Gateway::before(&[cluster.url()]);
    assert_eq!(gateway.create_job("a", &job::smallest()).status(), 200);
    let node = cluster.url().trim_start_matches("http://").to_owned();
    let heads = cluster.upstream.heads();
    assert!(heads.iter().filter(|head| own(head)).count() >= 3);
    for head in heads.iter().filter(|head| own(head)) {
        assert_eq!(field(head, "host"), Some(node.clone()), "{head}");
    }
}

/// The values of a field in what a cluster was forwarded and was asked by the gateway itself, for one request each.
fn told(yaml: &str, sent: &[(&str, &str)], name: &str) -> (Option<String>, Option<String>) {
    let cluster = StandIn::elasticsearch("8.19.21");
    let gateway = Gateway::configured(&[cluster.url()], yaml);
    call(gateway.address, "GET", "/a", sent, "");
    let json = [("Content-Type", "application/json")];
    let fields = [&json[..], sent].concat();
    let created = call(
        gateway.address,
        "PUT",
        "/_ml/anomaly_detectors/a",
        &fields,
        &job::smallest(),
    );
    assert_eq!(created.status(), 200, "{created:?}");
    let heads = cluster.upstream.heads();
    let value = |wanted: &dyn Fn(&&String) -> bool| {
        let values: Vec<_> = heads.iter().filter(wanted).map(|head| field(head, name)).collect();
        assert!(!values.is_empty());
        assert!(values.iter().all(|value| *value == values[0]), "{values:?}");
        values[0].clone()
    };
    (value(&|head| head.starts_with("GET /a ")), value(&|head| own(head)))
}

#[test]
fn nodes_are_told_the_address_of_a_client_where_that_is_wanted() {
    let xff = "x-forwarded-for";
    let both = |value: &str| (Some(value.to_owned()), Some(value.to_owned()));
    // By itself the gateway neither adds nor removes anything.
    assert_eq!(told("{}", &[], xff), (None, None));
    assert_eq!(told("{}", &[(xff, "203.0.113.7")], xff), both("203.0.113.7"));

    let yaml = "upstream: {forwarded: x-forwarded-for}";
    assert_eq!(told(yaml, &[], xff), both("127.0.0.1"));
    assert_eq!(
        told(yaml, &[(xff, "203.0.113.7")], xff),
        both("127.0.0.1"),
        "nobody is believed"
    );
    let hiding = [("Connection", "X-Forwarded-For"), (xff, "203.0.113.7")];
    assert_eq!(
        told(yaml, &hiding, xff),
        both("127.0.0.1"),
        "nobody hides where they are"
    );
    let trusting = "{upstream: {forwarded: x-forwarded-for}, trusted_proxies: [10.0.0.0/8, 127.0.0.1]}";
    assert_eq!(
        told(trusting, &[(xff, "203.0.113.7")], xff),
        both("203.0.113.7, 127.0.0.1")
    );
    let others = "{upstream: {forwarded: x-forwarded-for}, trusted_proxies: 10.0.0.0/8}";
    assert_eq!(told(others, &[(xff, "203.0.113.7")], xff), both("127.0.0.1"));

    let yaml = "{upstream: {forwarded: forwarded}, trusted_proxies: 127.0.0.0/8}";
    assert_eq!(told(yaml, &[], "forwarded"), both("for=127.0.0.1"));
    let sent = [("Forwarded", "for=203.0.113.7;proto=https")];
    assert_eq!(
        told(yaml, &sent, "forwarded"),
        both("for=203.0.113.7;proto=https, for=127.0.0.1")
    );
}

/// A list in several fields is one list, in the place of the first.
#[test]
fn a_list_of_addresses_in_several_fields_is_gone_on_with() {
    let upstream = ScriptedUpstream::new(|_, stream| {
        let _ = stream.write_all(OK.as_bytes());
    });
    let yaml = "{upstream: {forwarded: x-forwarded-for}, trusted_proxies: 127.0.0.1}";
    let gateway = Gateway::configured(&[&upstream.url], yaml);
    let mut connection = Connection::to(gateway.address);
    connection
        .send(b"GET / HTTP/1.1\r\nX-Forwarded-For: 1.1.1.1\r\nHost: a\r\nX-Forwarded-For: 2.2.2.2, 3.3.3.3\r\n\r\n");
    assert_eq!(connection.read().status(), 200);
    assert_eq!(
        upstream.only_head(),
        "GET / HTTP/1.1\r\nX-Forwarded-For: 1.1.1.1, 2.2.2.2, 3.3.3.3, 127.0.0.1\r\nHost: a\r\n\r\n"
    );
}
