//! Clients that are refused before they ask anything, and limits.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use rustls::ALL_VERSIONS;
use rustls::version::TLS12;

use super::{ADMIN, OK};
use crate::support::authority::{Authority, Files};
use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::tls::{client, connect};
use crate::support::wire::{Connection, PATIENCE, eventually, request};

const NAME: &str = "gateway.example.org";

fn handshakes(gateway: &Gateway, reason: &str) -> u64 {
    gateway.metric(&format!(
        "anomaly_gateway_client_handshakes_failed_total{{reason=\"{reason}\"}}"
    ))
}

#[test]
fn refused_handshakes_are_counted_by_reason_and_told_at_most_once_a_second() {
    let upstream = ScriptedUpstream::answering(OK);
    let (files, authority, clients) = (Files::new(), Authority::new("servers"), Authority::new("clients"));
    files.write_identity("gateway", &authority.sign("gateway", &[NAME]));
    files.write("clients.pem", &clients.certificate);
    let [certificate, key, ca] = ["gateway.pem", "gateway-key.pem", "clients.pem"].map(|name| files.text(name));
    let yaml = format!(
        "{{{ADMIN}, tls: {{certificate: '{certificate}', key: '{key}', client_ca: '{ca}', client_auth: required}}, \
         limits: {{handshake_timeout: 300ms}}}}"
    );
    let gateway = Gateway::configured(&[&upstream.url], &yaml);

    let begun = Instant::now();
    // http:// at the port of https://, many times and then once more.
    for _ in 0..20 {
        let mut plain = TcpStream::connect(gateway.address).expect("it listens");
        plain.write_all(&request("GET", "/", &[], "")).expect("it reads");
    }
    eventually("twenty of them", || handshakes(&gateway, "not_tls") == 20);
    let counted = |reason: &str| {
        let before = if reason == "not_tls" { 20 } else { 0 };
        eventually(reason, || handshakes(&gateway, reason) == before + 1);
    };
    let mut plain = TcpStream::connect(gateway.address).expect("it listens");
    plain.write_all(&request("GET", "/", &[], "")).expect("it reads");
    counted("not_tls");
    // In TLS 1.2 a client hears within the handshake that its certificate is missing, or not accepted.
    connect(gateway.address, NAME, client(authority.roots(), &[&TLS12], None)).expect_err("it shows no certificate");
    counted("no_certificate");
    let stranger = Authority::new("somebody else").sign("client", &["client"]);
    let shown = client(authority.roots(), &[&TLS12], Some(&stranger));
    connect(gateway.address, NAME, shown).expect_err("nobody knows who has signed it");
    counted("bad_certificate");
    // One that does not trust the gateway.
    let doubting = client(clients.roots(), ALL_VERSIONS, None);
    connect(gateway.address, NAME, doubting).expect_err("it knows another authority");
    counted("rejected");
    // One that says nothing, and one that only connects.
    let mut silent = TcpStream::connect(gateway.address).expect("it listens");
    silent.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let _ = silent.read(&mut [0]);
    counted("timeout");
    drop(TcpStream::connect(gateway.address).expect("it listens"));
    counted("gone");

    let line = gateway.logged(&["WARN", "the TLS handshake with a client failed"]);
    assert!(
        line.contains("reason=\"not_tls\"") && line.contains("client=127.0.0.1:"),
        "{line}"
    );
    let lines = gateway.log().matches("the TLS handshake with a client failed").count();
    let most = begun.elapsed().as_secs() + 2;
    assert!(
        lines as u64 <= most,
        "{lines} lines, and {most} are the most: {}",
        gateway.log()
    );
}

#[test]
fn a_limit_that_strikes_is_counted_by_reason_and_told() {
    let upstream = ScriptedUpstream::answering(OK);
    let yaml = format!("{{{ADMIN}, limits: {{head: 1kb, head_timeout: 300ms}}}}");
    let gateway = Gateway::configured(&[&upstream.url], &yaml);
    let count = |reason: &str| gateway.metric(&format!("anomaly_gateway_turned_away_total{{reason=\"{reason}\"}}"));
    for reason in [
        "connections",
        "requests",
        "bodies",
        "heads",
        "loop",
        "head",
        "head_timeout",
        "body_timeout",
    ] {
        assert_eq!(count(reason), 0, "{reason}");
    }
    let long = "x".repeat(2000);
    let mut client = Connection::to(gateway.address);
    client.send(&request("GET", "/a", &[("x-long", &long)], ""));
    assert_eq!(client.read().status(), 431);
    eventually("a long head", || count("head") == 1);
    let mut slow = Connection::to(gateway.address);
    slow.send(b"GET /a HTTP/1.1\r\nHo");
    assert_eq!(slow.read_some(&mut [0]), 0, "closed without an answer");
    eventually("a slow head", || count("head_timeout") == 1);
    gateway.logged(&["WARN", "clients were turned away", "head=1"]);
    gateway.logged(&["WARN", "clients were turned away", "head_timeout=1"]);
}
