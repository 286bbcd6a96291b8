//! TLS on both sides at once.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cluster::WRITER;
use rustls::ALL_VERSIONS;

use super::{GATEWAY, Secured, node_identity, upstream_ca};
use crate::support::authority::{Authority, Files};
use crate::support::scripted_upstream::{ScriptedUpstream, read_body};
use crate::support::tls::{Front, call, client, door, server};
use crate::support::wire::Connection;
use crate::support::{job, node};
use std::io::Write;

/// A real cluster with TLS, users and roles, and a gateway that lets no client in without a certificate.
#[test]
fn a_job_is_created_from_end_to_end() {
    let cluster = node::start_in_tls();
    assert!(cluster.url().starts_with("https://"), "{}", cluster.url());
    let certificates = cluster.certificates().expect("a cluster with TLS has some");
    let authority = Authority::new("clients");
    let files = Files::new();
    files.write("clients.pem", &authority.certificate);
    let (ca, clients) = (
        certificates.authority.to_str().expect("a path"),
        files.text("clients.pem"),
    );
    let mutual = [
        "--upstream-tls-ca",
        ca,
        "--tls-client-ca",
        &clients,
        "--tls-client-auth",
        "required",
    ];
    let secured = Secured::before(cluster.url(), &mutual);
    let identity = authority.sign("client", &[]);
    let config = client(secured.authority.roots(), ALL_VERSIONS, Some(&identity));
    let door = door(secured.gateway.address, GATEWAY, config);

    let authorization = format!("Basic {}", BASE64_STANDARD.encode(WRITER.to_string()));
    let fields = [
        ("Authorization", authorization.as_str()),
        ("Content-Type", "application/json"),
    ];
    let target = "/_ml/anomaly_detectors/over-tls";
    let created = call(door, "PUT", target, &fields, &job::smallest());
    assert_eq!(created.status(), 200, "{}", created.text());
    let again = call(door, "PUT", target, &fields, &job::smallest());
    assert_eq!(again.json()["error"]["type"], "resource_already_exists_exception");
    let stored = "/anomaly-detectors/_doc/anomaly_detector-over-tls";
    assert_eq!(
        call(door, "GET", stored, &fields, "").json()["_source"]["job_id"],
        "over-tls"
    );
    assert_eq!(
        call(door, "GET", stored, &[], "").status(),
        401,
        "no certificate stands in for a user"
    );
}

const LENGTH: usize = 64 * 1024 * 1024;

/// A body in which every place differs from the next.
fn body() -> Vec<u8> {
    (0..LENGTH as u64 / 8)
        .flat_map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes())
        .collect()
}

#[test]
fn line_64_a_large_body_goes_up_and_comes_down_whole() {
    let upstream = ScriptedUpstream::new(|head, stream| {
        let body = read_body(head, stream);
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes());
        let _ = stream.write_all(&body);
    });
    let authority = Authority::new("the cluster's");
    let files = Files::new();
    let ca = upstream_ca(&files, &authority);
    let front = Front::before(&upstream.url, server(&node_identity(&authority), None));
    let secured = Secured::before(&front.url, &["--upstream-tls-ca", ca.to_str().expect("a path")]);
    let config = client(secured.authority.roots(), ALL_VERSIONS, None);
    let mut connection = Connection::to(door(secured.gateway.address, GATEWAY, config));
    let body = body();
    connection.send(format!("POST /_bulk HTTP/1.1\r\nHost: a\r\nContent-Length: {LENGTH}\r\n\r\n").as_bytes());
    connection.send(&body);
    assert!(connection.read().body == body, "the body that came back is another");
    let peak = secured.gateway.memory("VmHWM");
    eprintln!("peak resident memory: {:.1} MiB", peak as f64 / 1_048_576.0);
    assert!(peak < 64 * 1024 * 1024, "{peak} bytes were resident");
}
