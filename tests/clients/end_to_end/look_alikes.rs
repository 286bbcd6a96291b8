//! The lines of checklist group I that are about programs which cannot be run here, by the requests that they make.

use std::io::Write;
use std::net::SocketAddr;

use clients::Server;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::ground::Ground;
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::scripted_upstream::field;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{self, Answer, Connection};

const JOB: &str = "/_ml/anomaly_detectors/look-alike";

/// As Go's and .NET's clients write it, without a blank.
const VERSION_8: &str = "application/vnd.elasticsearch+json;compatible-with=8";
const VERSIONED: [(&str, &str); 2] = [("content-type", VERSION_8), ("accept", VERSION_8)];

/// An empty node of the version, and a gateway before it.
fn before(server: Server) -> (impl std::ops::Deref<Target = Ground>, Gateway) {
    let ground = Ground::of(server);
    ground.clear();
    let gateway = Gateway::before(&[ground.url()]);
    (ground, gateway)
}

fn call_with_bytes(address: SocketAddr, method: &str, target: &str, fields: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut connection = Connection::to(address);
    let length = body.len().to_string();
    let fields = [fields, &[("Content-Length", length.as_str())]].concat();
    connection.send(&wire::request(method, target, &fields, ""));
    connection.send(body);
    connection.read()
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// Asserts that the gateway's answer is the node's, byte for byte, and gives it.
fn alike(
    ground: &Ground,
    gateway: &Gateway,
    method: &str,
    target: &str,
    fields: &[(&str, &str)],
    body: &str,
) -> Answer {
    let direct = wire::call(ground.address(), method, target, fields, body);
    let through = wire::call(gateway.address, method, target, fields, body);
    assert_eq!(direct, through, "{method} {target}");
    through
}

#[test]
fn line_108_dotnet_sends_gzip_and_asks_for_it() {
    let (ground, gateway) = before(Server::Elasticsearch8);
    let fields = [
        &VERSIONED[..],
        &[
            ("Content-Encoding", "gzip"),
            ("Accept-Encoding", "gzip, deflate"),
            ("x-elastic-client-meta", "es=8.19.0,a=1,net=8.0.0,t=0.5.9"),
        ],
    ]
    .concat();
    let created = call_with_bytes(gateway.address, "PUT", JOB, &fields, &gzipped(&job::total_requests()));
    assert_eq!(created.status(), 200, "{}", created.text());
    assert_eq!(created.values("content-type"), [VERSION_8]);
    assert_eq!(created.values("x-elastic-product"), ["Elasticsearch"]);

    let document = gzipped(&json!({"text": "x".repeat(10_000)}).to_string());
    for (address, id) in [(ground.address(), "direct"), (gateway.address, "through")] {
        let stored = call_with_bytes(address, "PUT", &format!("/clients/_doc/{id}"), &fields, &document);
        assert_eq!(stored.status(), 201, "{}", stored.text());
    }
    let compressed = [("accept", VERSION_8), ("Accept-Encoding", "gzip, deflate")];
    let read = alike(&ground, &gateway, "GET", "/clients/_doc/through", &compressed, "");
    assert_eq!(read.values("content-encoding"), ["gzip"]);
}

#[test]
fn line_110_curl_without_a_media_type_is_refused() {
    for server in [
        Server::Elasticsearch7_17,
        Server::Elasticsearch8,
        Server::Elasticsearch9,
    ] {
        let (ground, gateway) = before(server);
        // What `curl -d` says by itself, and what it says when told to say nothing.
        for fields in [&[("Content-Type", "application/x-www-form-urlencoded")][..], &[]] {
            let refused = wire::call(gateway.address, "PUT", JOB, fields, &job::smallest());
            assert_eq!(refused.status(), 406, "{}", refused.text());
            let told = fields.first().map_or("", |(_, value)| value);
            let reason = format!("Content-Type header [{told}] is not supported");
            assert_eq!(refused.json(), json!({"error": reason, "status": 406}), "{server:?}");
            alike(&ground, &gateway, "PUT", "/clients/_doc/1", fields, "{}");
        }
    }
}

/// The provider's calls in their order (http.md §4.6).
#[test]
fn line_111_terraform_creates_a_job_and_asks_the_cluster_for_the_rest() {
    let (ground, gateway) = before(Server::Elasticsearch8);
    let created = wire::call(gateway.address, "PUT", JOB, &VERSIONED, &job::total_requests());
    assert_eq!(created.status(), 200, "{}", created.text());

    let page = alike(&ground, &gateway, "GET", "/", &VERSIONED[1..], "");
    assert!(
        page.json()["cluster_uuid"].is_string(),
        "the provider's ids begin with it"
    );
    for (method, call, body) in [
        ("GET", "?allow_no_match=true", ""),
        ("POST", "/_update", r#"{"description":"changed"}"#),
        ("POST", "/_close?force=true&allow_no_match=true", ""),
        ("GET", "/_stats?allow_no_match=true", ""),
        ("DELETE", "", ""),
        ("DELETE", "?force=true", ""),
    ] {
        let fields = if body.is_empty() {
            &VERSIONED[1..]
        } else {
            &VERSIONED[..]
        };
        alike(&ground, &gateway, method, &format!("{JOB}{call}"), fields, body);
    }
    let again = wire::call(gateway.address, "PUT", JOB, &VERSIONED, &job::total_requests());
    assert_eq!(
        again.json()["error"]["type"],
        "resource_already_exists_exception",
        "the job is the gateway's"
    );
}

/// What Kibana's server sends for its user: its own credentials, and the user's in a field of their own.
const KIBANA: [(&str, &str); 5] = [
    ("content-type", "application/vnd.elasticsearch+json;compatible-with=8"),
    ("accept", "application/vnd.elasticsearch+json;compatible-with=8"),
    ("x-elastic-product-origin", "kibana"),
    ("authorization", "Basic a2liYW5hX3N5c3RlbTp4"),
    ("es-secondary-authorization", "Basic ZW5kLXVzZXI6eA=="),
];

/// The smallest job with the id in its body, which Kibana sends when it brings jobs in.
fn with_id(id: &str) -> String {
    let mut job: Value = serde_json::from_str(&job::smallest()).expect("a job");
    job["job_id"] = id.into();
    job.to_string()
}

#[test]
fn line_112_kibana_creates_a_job_with_its_id_in_the_body() {
    let (ground, gateway) = before(Server::Elasticsearch8);
    let created = wire::call(gateway.address, "PUT", JOB, &KIBANA, &with_id("look-alike"));
    assert_eq!(created.status(), 200, "{}", created.text());
    assert_eq!(created.json()["job_id"], "look-alike");
    for (method, target) in [
        ("GET", "/_ml/info"),
        ("POST", "/_ml/anomaly_detectors/_validate"),
        ("PUT", "/_ml/datafeeds/f"),
    ] {
        let body = if method == "GET" { "" } else { "{}" };
        alike(&ground, &gateway, method, target, &KIBANA, body);
    }
}

/// Elasticsearch asks who may create a job of `Authorization`; the secondary user is whom datafeeds run as.
#[test]
fn line_112_kibanas_own_user_is_whose_permission_counts() {
    for (may, status) in [(true, 200), (false, 403)] {
        let cluster = StandIn::answering("8.19.21", move |(line, _)| {
            let verdict = json!({"username": "kibana_system", "has_all_requested": may, "cluster": {"manage_ml": may}});
            line.contains("_has_privileges")
                .then(|| with_fields("200 OK", &["X-elastic-product: Elasticsearch"], &verdict.to_string()))
        });
        let gateway = Gateway::before(&[cluster.url()]);
        let answer = wire::call(gateway.address, "PUT", JOB, &KIBANA, &with_id("look-alike"));
        assert_eq!(answer.status(), status, "{}", answer.text());
        for head in cluster.upstream.heads() {
            for (name, value) in &KIBANA[3..] {
                assert_eq!(field(&head, name).as_deref(), Some(*value), "{head}");
            }
        }
        assert_eq!(cluster.creates().len(), usize::from(may));
    }
}

#[test]
fn line_113_the_nodes_addresses_pass_byte_for_byte() {
    for server in [
        Server::Elasticsearch7_17,
        Server::Elasticsearch8,
        Server::Elasticsearch9,
        Server::OpenSearch,
    ] {
        let (ground, gateway) = before(server);
        for target in [
            "/_nodes/_all/http",
            "/_nodes/http?timeout=1s",
            "/_nodes/http?filter_path=nodes.*.http",
        ] {
            let nodes = alike(&ground, &gateway, "GET", target, &[], "");
            assert_eq!(nodes.status(), 200, "{server:?} {target}");
            assert!(nodes.text().contains(&ground.address().to_string()), "{}", nodes.text());
        }
    }
}

/// What the JavaScript clients from 8 on send with each HEAD. Nothing but the field about the connection differs.
#[test]
fn only_the_end_of_the_connection_is_said() {
    let (ground, gateway) = before(Server::Elasticsearch8);
    let ask = |address| {
        let mut connection = Connection::to(address);
        connection.send(b"HEAD / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        let head = connection.read_head();
        assert_eq!(connection.read_some(&mut [0]), 0, "the connection has ended");
        head
    };
    let (direct, mut through) = (ask(ground.address()), ask(gateway.address));
    assert_eq!(
        (direct.values("connection"), through.values("connection")),
        (vec![], vec!["close"])
    );
    through
        .fields
        .retain(|(name, _)| !name.eq_ignore_ascii_case("connection"));
    assert_eq!(direct, through);
}
