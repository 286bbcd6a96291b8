//! TLS to the cluster.

use std::io::Write;
use std::net::TcpStream;

use rustls::version::{TLS12, TLS13};

use super::{HOST, OK, node_identity, upstream_ca};
use crate::support::authority::{Authority, Files};
use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::stand_in::StandIn;
use crate::support::tls::{End, Front, server, server_of};
use crate::support::wire::{Connection, eventually, request};
use crate::support::{job, node};

/// Each a node, what the gateway is told of it, and what its log has to say.
#[test]
fn what_fails_is_told_to_clients_as_503_and_to_the_operator_with_what_to_do() {
    let upstream = ScriptedUpstream::answering(OK);
    let (authority, another) = (Authority::new("the cluster's"), Authority::new("another"));
    let files = Files::new();
    let ca = upstream_ca(&files, &authority);
    let ca = ca.to_str().expect("a path");
    files.write("another.pem", &another.certificate);
    files.write_identity("stranger", &another.sign("stranger", &[]));
    let (other_ca, stranger, stranger_key) = (
        files.text("another.pem"),
        files.text("stranger.pem"),
        files.text("stranger-key.pem"),
    );
    let front = |config| Front::before(&upstream.url, config);
    let good = front(server(&node_identity(&authority), None));
    let misnamed = front(server(&authority.sign("node", &["es.example.org"]), None));
    let expired = front(server(&authority.sign_expired("node", &[HOST]), None));
    let asking = front(server(&node_identity(&authority), Some(&authority)));
    let as_stranger = [
        "--upstream-tls-certificate",
        &stranger,
        "--upstream-tls-key",
        &stranger_key,
    ];
    let name_of_another = ["--upstream-tls-server-name", "another.example.org"];

    for (node, ca, arguments, told) in [
        (
            &good.url,
            &other_ca[..],
            &[][..],
            "`upstream.tls.ca` has to name the authority",
        ),
        (&misnamed.url, ca, &[], "valid for"),
        (
            &misnamed.url,
            ca,
            &[],
            "set `upstream.tls.server_name` to a name in the certificate",
        ),
        (&good.url, ca, &name_of_another, "another.example.org"),
        (&expired.url, ca, &[], "renew the node's certificate"),
        (
            &asking.url,
            ca,
            &[],
            "the node wants another certificate of the gateway",
        ),
        (
            &asking.url,
            ca,
            &as_stranger,
            "the node wants another certificate of the gateway",
        ),
    ] {
        let gateway = Gateway::with(&[node], &[&["--upstream-tls-ca", ca], arguments].concat());
        for answer in [
            gateway.call("GET", "/_search", ""),
            gateway.call("POST", "/_bulk", "{}\n"),
            gateway.create_job("a", &job::smallest()),
        ] {
            assert_eq!(answer.status(), 503, "{told}: {}", answer.text());
            let error = &answer.json()["error"];
            assert_eq!(error["type"], "upstream_unavailable_exception");
            assert!(
                !answer.text().contains("ertificate"),
                "no client's business: {}",
                answer.text()
            );
        }
        gateway.logged(&[told]);
    }
    assert!(
        upstream.heads().is_empty(),
        "nothing got through: {:?}",
        upstream.heads()
    );
}

/// A real node, because what it answers to the first bytes of TLS is its own.
#[test]
fn a_node_without_tls_is_told_from_one_with_it() {
    let node = node::shared_url().replace("http://", "https://");
    let gateway = Gateway::with(&[&node], &["--upstream-tls-verify", "none"]);
    assert_eq!(gateway.call("GET", "/", "").status(), 503);
    gateway.logged(&["its URL starts with `http://`"]);
}

/// The other way round: a real node with TLS, whose URL says `http`.
#[test]
fn a_node_with_tls_is_told_from_one_without_it() {
    let node = node::start_in_tls();
    let gateway = Gateway::before(&[&node.url().replace("https://", "http://")]);
    assert_eq!(gateway.call("GET", "/_search", "").status(), 502);
    // There is one line a second at most.
    eventually("a hint for each in the log", || {
        assert_eq!(gateway.create_job("a", &job::smallest()).status(), 502);
        let log = gateway.log();
        let hints = log
            .lines()
            .filter(|line| line.contains("Then its URL starts with `https://`"));
        let paths = ["path=\"/_search\"", "path=\"/_ml/anomaly_detectors/a\""];
        let mut hints = hints.filter(|line| paths.iter().any(|path| line.contains(path)));
        hints.any(|line| line.contains(paths[1]))
    });
    gateway.logged(&["path=\"/_search\"", "Then its URL starts with `https://`"]);
}

#[test]
fn a_name_that_is_set_is_asked_for_and_checked_by_every_kind_of_call() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let authority = Authority::new("the cluster's");
    let files = Files::new();
    let ca = upstream_ca(&files, &authority);
    let front = Front::before(
        cluster.url(),
        server(&authority.sign("node", &["es.example.org"]), None),
    );
    let arguments = [
        "--upstream-tls-ca",
        ca.to_str().expect("a path"),
        "--upstream-tls-server-name",
        "es.example.org",
    ];
    let gateway = Gateway::with(&[&front.url], &arguments);
    assert_eq!(gateway.create_job("a", &job::smallest()).status(), 200);
    assert_ne!(gateway.call("GET", "/_search", "").status(), 503);
    let seen = front.seen();
    assert!(seen.len() >= 2, "forwarded requests have connections of their own");
    for seen in seen {
        assert_eq!(seen.name.as_deref(), Some("es.example.org"));
        assert_eq!(seen.protocol.as_deref(), Some(&b"http/1.1"[..]));
        assert_eq!(seen.certificate, None);
    }
}

#[test]
fn verification_is_as_strict_as_it_was_told_to_be() {
    let upstream = ScriptedUpstream::answering(OK);
    let (authority, another) = (Authority::new("the cluster's"), Authority::new("another"));
    let files = Files::new();
    let ca = upstream_ca(&files, &authority);
    let ca = ca.to_str().expect("a path");
    let misnamed = Front::before(
        &upstream.url,
        server(&authority.sign("node", &["es.example.org"]), None),
    );
    let strange = Front::before(&upstream.url, server(&another.sign("node", &[HOST]), None));
    for (verify, node, status) in [
        ("full", &misnamed, 503),
        ("certificate", &misnamed, 200),
        ("certificate", &strange, 503),
        ("none", &strange, 200),
    ] {
        let arguments = ["--upstream-tls-ca", ca, "--upstream-tls-verify", verify];
        let gateway = Gateway::with(&[&node.url], &arguments);
        assert_eq!(gateway.call("GET", "/", "").status(), status, "{verify}");
        let warns = gateway.log().contains("`upstream.tls.verify` is `none`");
        assert_eq!(warns, verify == "none");
    }
}

#[test]
fn a_node_that_asks_is_shown_the_gateways_certificate() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let authority = Authority::new("the cluster's");
    let files = Files::new();
    let ca = upstream_ca(&files, &authority);
    let identity = authority.sign("gateway", &[]);
    files.write_identity("gateway", &identity);
    for version in [&TLS12, &TLS13] {
        let config = server_of(&[version], &node_identity(&authority), Some(&authority));
        let front = Front::before(cluster.url(), config);
        let arguments = [
            "--upstream-tls-ca",
            ca.to_str().expect("a path"),
            "--upstream-tls-certificate",
            &files.text("gateway.pem"),
            "--upstream-tls-key",
            &files.text("gateway-key.pem"),
        ];
        let gateway = Gateway::with(&[&front.url], &arguments);
        let answer = gateway.create_job("a", &job::smallest());
        assert_eq!(answer.status(), 200, "{}", answer.text());
        assert_ne!(gateway.call("GET", "/_search", "").status(), 503);
        let shown = identity.chain().into_iter().next();
        assert!(front.seen().iter().all(|seen| seen.certificate == shown));
    }
}

/// An answer that ends with the connection is whole only if the node said `close_notify`: a connection can be cut by
/// anybody in between (RFC 9112 §9.8).
#[test]
fn line_67_an_answer_cut_off_without_close_notify_is_cut_off_for_the_client() {
    let upstream = ScriptedUpstream::new(|_, stream: &mut TcpStream| {
        let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nas much as came";
        stream.write_all(answer.as_bytes()).expect("the gateway reads");
        stream.shutdown(std::net::Shutdown::Both).expect("it is open");
    });
    let authority = Authority::new("the cluster's");
    let files = Files::new();
    let ca = upstream_ca(&files, &authority);
    for (end, is_whole) in [(End::Announced, true), (End::CutOff, false)] {
        let front = Front::ending(&upstream.url, server(&node_identity(&authority), None), end);
        let gateway = Gateway::with(&[&front.url], &["--upstream-tls-ca", ca.to_str().expect("a path")]);
        let mut connection = Connection::to(gateway.address);
        connection.send(&request("GET", "/", &[("Connection", "close")], ""));
        let mut came = Vec::new();
        let mut buffer = [0; 1024];
        loop {
            match connection.read_some(&mut buffer) {
                0 => break,
                length => came.extend_from_slice(&buffer[..length]),
            }
        }
        let came = String::from_utf8_lossy(&came).into_owned();
        assert!(came.contains("as much as came"), "{came}");
        assert_eq!(came.ends_with("\r\n0\r\n\r\n"), is_whole, "{came}");
    }
}

#[test]
fn nodes_with_and_without_tls_stand_side_by_side() {
    let (plain, secured) = (ScriptedUpstream::answering(OK), ScriptedUpstream::answering(OK));
    let authority = Authority::new("the cluster's");
    let files = Files::new();
    let ca = upstream_ca(&files, &authority);
    let front = Front::before(&secured.url, server(&node_identity(&authority), None));
    let gateway = Gateway::with(
        &[&plain.url, &front.url],
        &["--upstream-tls-ca", ca.to_str().expect("a path")],
    );
    for _ in 0..8 {
        assert_eq!(gateway.call("GET", "/mine", "").status(), 200);
    }
    for upstream in [plain, secured] {
        assert!(upstream.heads().iter().any(|head| head.starts_with("GET /mine ")));
    }
}
