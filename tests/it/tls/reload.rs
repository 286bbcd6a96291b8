//! Certificates that are exchanged while the gateway runs.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustls::ALL_VERSIONS;
use rustls::pki_types::CertificateDer;

use super::{GATEWAY, OK, Secured, node_identity, upstream_ca};
use crate::support::authority::{Authority, Files};
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::tls::{self, Front, client, connect, door, server};
use crate::support::wire::{self, Connection, PATIENCE, request};

/// Waits until something holds.
fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "still not so: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn hang_up(secured: &Secured) {
    let told = Command::new("kill")
        .args(["-HUP", &secured.gateway.pid().to_string()])
        .status();
    assert!(told.expect("kill runs").success());
}

/// The certificate that a new client is shown.
fn shown(secured: &Secured) -> Option<CertificateDer<'static>> {
    let config = client(secured.authority.roots(), ALL_VERSIONS, None);
    let stream = connect(secured.gateway.address, GATEWAY, config).expect("a handshake");
    stream.conn.peer_certificates().and_then(|chain| chain.first().cloned())
}

/// Stops the traffic, also when the test fails.
struct OnDrop<'s>(&'s AtomicBool);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn free_address() -> SocketAddr {
    let bound = TcpListener::bind("127.0.0.1:0").expect("a free port");
    bound.local_addr().expect("it is bound")
}

#[test]
fn certificates_of_both_sides_are_exchanged_under_traffic_and_no_request_fails() {
    let upstream = ScriptedUpstream::answering(OK);
    let authority = Authority::new("the cluster's");
    let files = Files::new();
    let ca = upstream_ca(&files, &authority);
    files.write_identity("upstream", &authority.sign("gateway 0", &[]));
    let front = Front::before(&upstream.url, server(&node_identity(&authority), Some(&authority)));
    let arguments = [
        "--upstream-tls-ca",
        ca.to_str().expect("a path"),
        "--upstream-tls-certificate",
        &files.text("upstream.pem"),
        "--upstream-tls-key",
        &files.text("upstream-key.pem"),
    ];
    let secured = Secured::before(&front.url, &arguments);
    let config = client(secured.authority.roots(), ALL_VERSIONS, None);
    let door = door(secured.gateway.address, GATEWAY, config);
    let (stop, served) = (AtomicBool::new(false), AtomicUsize::new(0));

    let check = |answer: wire::Answer| {
        assert_eq!(answer.status(), 200, "{}", answer.text());
        served.fetch_add(1, Ordering::Relaxed);
    };
    thread::scope(|scope| {
        let _stop = OnDrop(&stop);
        // One client keeps its connection, the others come anew for each request.
        scope.spawn(|| {
            let mut connection = Connection::to(door);
            while !stop.load(Ordering::Relaxed) {
                connection.send(&request("GET", "/kept", &[], ""));
                check(connection.read());
            }
        });
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    check(tls::call(door, "GET", "/new", &[("Connection", "close")], ""));
                }
            });
        }
        for round in 1..=3 {
            let own = secured.authority.sign("gateway", &[GATEWAY]);
            let upstream = authority.sign(&format!("gateway {round}"), &[]);
            secured.files.write_identity("gateway", &own);
            files.write_identity("upstream", &upstream);
            if round < 3 {
                hang_up(&secured); // The last time the change has to be found.
            }
            until("new clients see the new certificate", || {
                shown(&secured) == own.chain().into_iter().next()
            });
            // Pooled connections serve on; more at a time than there are need new ones.
            until("the node is shown the new certificate", || {
                thread::scope(|scope| {
                    for _ in 0..8 {
                        scope.spawn(|| tls::call(door, "GET", "/new", &[("Connection", "close")], ""));
                    }
                });
                let shown = front.seen().last().and_then(|seen| seen.certificate.clone());
                shown == upstream.chain().into_iter().next()
            });
        }
    });
    let served = served.load(Ordering::Relaxed);
    eprintln!("{served} requests, none failed");
    assert!(served > 20, "{served}");
}

#[test]
fn what_cannot_be_used_is_told_and_the_last_that_could_stays() {
    let upstream = ScriptedUpstream::answering(OK);
    let admin = free_address();
    let secured = Secured::before(&upstream.url, &["--admin-listen", &admin.to_string()]);
    let ready = || wire::call(admin, "GET", "/ready", &[], "").json();
    let faults = || ready()["outdated_certificates"].clone();
    let first = shown(&secured);
    assert!(faults().is_null());

    // The key of another certificate; nobody has asked for it to be read.
    let next = secured.authority.sign("gateway", &[GATEWAY]);
    secured.files.write("gateway-key.pem", &next.key);
    until("it is told", || !faults().is_null());
    assert_eq!(faults()[0]["side"], "tls");
    let error = faults()[0]["error"].as_str().expect("a text").to_owned();
    assert!(
        error.contains("gateway-key.pem is not that of the certificate in"),
        "{error}"
    );
    until("it is ready all the same", || ready()["ready"] == true);
    secured.gateway.logged(&[&error]);
    assert_eq!(shown(&secured), first);

    // Nothing at all, and somebody asks.
    std::fs::remove_file(secured.files.path("gateway.pem")).expect("it was there");
    hang_up(&secured);
    until("it is told", || {
        faults()[0]["error"]
            .as_str()
            .is_some_and(|error| error.contains("cannot be read"))
    });
    assert_eq!(shown(&secured), first);

    secured.files.write("gateway.pem", &next.certificate);
    until("what is whole again is used", || shown(&secured) != first);
    until("and nothing is told any more", || faults().is_null());
}

#[test]
fn a_hangup_does_not_end_a_gateway_without_tls() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = crate::support::gateway::Gateway::before(&[&upstream.url]);
    let told = Command::new("kill").args(["-HUP", &gateway.pid().to_string()]).status();
    assert!(told.expect("kill runs").success());
    for _ in 0..3 {
        assert_eq!(gateway.call("GET", "/", "").status(), 200);
    }
}

#[test]
fn who_may_sign_for_clients_is_exchanged_too() {
    let upstream = ScriptedUpstream::answering(OK);
    let (before, after) = (Authority::new("before"), Authority::new("after"));
    let files = Files::new();
    files.write("clients.pem", &before.certificate);
    let ca = files.text("clients.pem");
    let secured = Secured::before(
        &upstream.url,
        &["--tls-client-ca", &ca, "--tls-client-auth", "required"],
    );
    let is_served = |authority: &Authority| {
        let identity = authority.sign("client", &[]);
        let config = client(secured.authority.roots(), ALL_VERSIONS, Some(&identity));
        let stream = connect(secured.gateway.address, GATEWAY, config);
        let request = request("GET", "/", &[("Connection", "close")], "");
        stream
            .and_then(|mut stream| tls::exchange(&mut stream, &request))
            .is_ok()
    };
    assert!(is_served(&before) && !is_served(&after));
    files.write("clients.pem", &after.certificate);
    hang_up(&secured);
    until("the new authority is believed", || is_served(&after));
    assert!(!is_served(&before));
}
