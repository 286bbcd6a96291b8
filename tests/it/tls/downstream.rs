//! TLS to clients.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustls::version::{TLS12, TLS13};
use rustls::{ALL_VERSIONS, ProtocolVersion};

use super::{GATEWAY, HOST, OK, Secured};
use crate::support::authority::{Authority, Files};
use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::tls::{client, connect, door, exchange};
use crate::support::wire::{Connection, PATIENCE, request};

const CLOSING: [(&str, &str); 1] = [("Connection", "close")];

#[test]
fn both_versions_are_spoken_and_http_1_1_is_chosen() {
    let upstream = ScriptedUpstream::answering(OK);
    let secured = Secured::before(&upstream.url, &[]);
    for (version, name) in [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)] {
        let mut config = client(secured.authority.roots(), &[version], None);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut stream = connect(secured.gateway.address, GATEWAY, config).expect("a handshake");
        assert_eq!(stream.conn.protocol_version(), Some(name));
        assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
        let answer =
            exchange(&mut stream, &request("GET", "/_search", &CLOSING, "")).expect("it ends with close_notify");
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nok"),
            "{answer}"
        );
    }
    // A client that speaks nothing else than HTTP/2 learns it at once.
    let mut config = client(secured.authority.roots(), ALL_VERSIONS, None);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let refused = connect(secured.gateway.address, GATEWAY, config).expect_err("no handshake");
    assert!(refused.to_string().contains("NoApplicationProtocol"), "{refused}");
}

#[test]
fn a_client_without_tls_is_closed_and_told_nothing_in_http() {
    let upstream = ScriptedUpstream::answering(OK);
    let secured = Secured::before(&upstream.url, &[]);
    let mut stream = TcpStream::connect(secured.gateway.address).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
        .write_all(&request("GET", "/", &[], ""))
        .expect("the gateway reads");
    let mut answer = Vec::new();
    // The connection may be reset: the gateway reads no more than it needs to see what came.
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&answer));
    assert!(upstream.heads().is_empty());
}

#[test]
fn silent_connections_are_closed_and_keep_nobody_waiting() {
    let upstream = ScriptedUpstream::answering(OK);
    let files = Files::new();
    files.write("gateway.yml", "limits: {handshake_timeout: 2s}\n");
    let secured = Secured::before(&upstream.url, &["--config", &files.text("gateway.yml")]);
    let silent = || {
        let stream = TcpStream::connect(secured.gateway.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream
    };
    let mut silent: Vec<TcpStream> = (0..100).map(|_| silent()).collect();
    // One that stops in the middle of its first message: a handshake record of 512 bytes is announced.
    silent[0].write_all(&[22, 3, 1, 2, 0]).expect("the gateway reads");
    let config = client(secured.authority.roots(), ALL_VERSIONS, None);
    let mut stream = connect(secured.gateway.address, GATEWAY, config).expect("a handshake");
    let answer = exchange(&mut stream, &request("GET", "/", &CLOSING, "")).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    for stream in &mut silent {
        let mut rest = Vec::new();
        stream
            .read_to_end(&mut rest)
            .expect("the gateway closes, and that is all");
    }
}

#[test]
fn a_client_needs_a_certificate_where_it_is_required() {
    let upstream = ScriptedUpstream::answering(OK);
    let (clients, strangers) = (Authority::new("clients"), Authority::new("strangers"));
    let files = Files::new();
    files.write("clients.pem", &clients.certificate);
    let ca = files.text("clients.pem");
    let (known, unknown) = (clients.sign("known", &[]), strangers.sign("unknown", &[]));
    let expired = clients.sign_expired("expired", &[]);
    for (client_auth, without_one) in [("required", false), ("optional", true)] {
        let arguments = ["--tls-client-ca", &ca, "--tls-client-auth", client_auth];
        let secured = Secured::before(&upstream.url, &arguments);
        for version in [&TLS12, &TLS13] {
            for (identity, is_served) in [
                (None, without_one),
                (Some(&known), true),
                (Some(&unknown), false),
                (Some(&expired), false),
            ] {
                let before = upstream.heads().len();
                let config = client(secured.authority.roots(), &[version], identity);
                let answer = connect(secured.gateway.address, GATEWAY, config)
                    // In TLS 1.3 a client learns that it was refused when it reads.
                    .and_then(|mut stream| exchange(&mut stream, &request("GET", "/", &CLOSING, "")));
                let case = format!("{client_auth} {version:?} {answer:?}");
                assert_eq!(answer.is_ok(), is_served, "{case}");
                assert_eq!(upstream.heads().len() - before, usize::from(is_served), "{case}");
            }
        }
        // Who a client is by its certificate is not told to the cluster.
        assert!(upstream.heads().iter().all(|head| !head.contains("known")));
    }
}

/// Without `close_notify` a client of HTTP/1.0, whose answer ends with the connection, could not tell a whole answer from
/// a part (RFC 9112 §9.8).
#[test]
fn an_answer_that_was_cut_off_ends_without_close_notify() {
    let upstream = ScriptedUpstream::new(|head, stream: &mut TcpStream| {
        let answer = if head.contains("/whole") {
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
        } else {
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n"
        };
        stream.write_all(answer.as_bytes()).expect("the gateway reads");
        if !head.contains("/whole") {
            stream.shutdown(std::net::Shutdown::Both).expect("it is open");
        }
    });
    let secured = Secured::before(&upstream.url, &[]);
    for (target, is_whole) in [("/whole", true), ("/part", false)] {
        let config = client(secured.authority.roots(), ALL_VERSIONS, None);
        let mut stream = connect(secured.gateway.address, GATEWAY, config).expect("a handshake");
        let request = format!("GET {target} HTTP/1.0\r\n\r\n");
        let answer = exchange(&mut stream, request.as_bytes());
        assert_eq!(answer.is_ok(), is_whole, "{target}: {answer:?}");
    }
}

#[test]
fn a_connection_serves_many_requests_and_lives_on_when_idle() {
    let upstream = ScriptedUpstream::answering(OK);
    let files = Files::new();
    // Neither limit is one for connections that have nothing to say.
    files.write(
        "gateway.yml",
        "limits: {handshake_timeout: 300ms, head_timeout: 300ms}\n",
    );
    let secured = Secured::before(&upstream.url, &["--config", &files.text("gateway.yml")]);
    let config = client(secured.authority.roots(), ALL_VERSIONS, None);
    let mut connection = Connection::to(door(secured.gateway.address, GATEWAY, config));
    for _ in 0..3 {
        connection.send(&request("GET", "/", &[], ""));
        assert_eq!(connection.read().text(), "ok");
        // What is waited for is that nothing happens.
        std::thread::sleep(Duration::from_millis(700));
    }
}

#[test]
fn a_gateway_without_tls_does_not_take_tls_for_http() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::before(&[&upstream.url]);
    let authority = Authority::new("nobody's");
    let refused = connect(gateway.address, HOST, client(authority.roots(), ALL_VERSIONS, None));
    assert!(refused.is_err());
    assert!(upstream.heads().is_empty());
}
