//! The gateway's end: told to stop, it lets running requests end and takes no new ones.

use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::wire::{Connection, PATIENCE, eventually, request};

#[test]
fn a_running_request_ends_before_the_gateway_does() {
    let (started, finish) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let upstream = ScriptedUpstream::new({
        let (started, finish) = (Arc::clone(&started), Arc::clone(&finish));
        move |_, stream: &mut TcpStream| {
            started.wait();
            finish.wait();
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone")
                .expect("the gateway reads");
        }
    });
    let mut gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(&request("GET", "/_search", &[], ""));
    started.wait();

    let told = Command::new("kill")
        .args(["-TERM", &gateway.pid().to_string()])
        .status();
    assert!(told.expect("kill runs").success());
    let deadline = std::time::Instant::now() + PATIENCE;
    while TcpStream::connect(gateway.address).is_ok() {
        assert!(
            std::time::Instant::now() < deadline,
            "new connections are still accepted"
        );
        std::thread::yield_now();
    }
    finish.wait();
    assert_eq!(connection.read().text(), "done");
    assert_eq!(gateway.wait(), Some(0));
}

/// What a client that asks again and again has seen of its connections.
#[derive(Debug, Default)]
struct Ends {
    answers: AtomicUsize,
    announced: AtomicUsize,
    unannounced: AtomicUsize,
}

/// Asks on one connection after the other until the gateway is gone.
fn ask_until_the_end(gateway: std::net::SocketAddr, ends: &Ends) {
    while let Ok(stream) = TcpStream::connect(gateway) {
        let mut connection = Connection::over(stream);
        let mut answered = 0;
        loop {
            let asked = connection.write_all(&request("GET", "/a", &[], ""));
            let Some(answer) = asked.ok().and_then(|()| connection.answer(false)) else {
                // A connection on which nothing was answered yet is one that could be opened again.
                ends.unannounced.fetch_add(usize::from(answered > 0), Ordering::Relaxed);
                break;
            };
            answered += 1;
            ends.answers.fetch_add(1, Ordering::Relaxed);
            if answer.values("connection") == ["close"] {
                ends.announced.fetch_add(1, Ordering::Relaxed);
                assert_eq!(connection.read_some(&mut [0]), 0, "it ends as it was said");
                break;
            }
        }
    }
}

#[test]
fn no_client_that_keeps_asking_loses_its_connection_without_being_told() {
    const CLIENTS: usize = 16;
    let upstream = ScriptedUpstream::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    for delay in ["1s", "0s"] {
        let mut gateway = Gateway::configured(&[&upstream.url], &format!("shutdown: {{delay: {delay}}}"));
        let (address, ends) = (gateway.address, Ends::default());
        thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| ask_until_the_end(address, &ends));
            }
            eventually("that all are busy", || {
                ends.answers.load(Ordering::Relaxed) > 50 * CLIENTS
            });
            gateway.terminate();
            assert_eq!(gateway.wait(), Some(0));
        });
        eprintln!("delay {delay}: {ends:?}");
        assert_eq!(ends.unannounced.into_inner(), 0, "delay {delay}");
        assert!(ends.announced.into_inner() >= CLIENTS, "delay {delay}");
    }
}

/// From the first signal on, as long as anybody is served: those who are told can go elsewhere at their leisure.
#[test]
fn every_answer_of_a_gateway_that_stops_says_that_it_is_the_last_one() {
    let upstream =
        ScriptedUpstream::answering("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\ncontent-length: 2\r\n\r\nok");
    let yaml = "{shutdown: {delay: 10m}, admin: {listen: '127.0.0.1:0'}}";
    let gateway = Gateway::configured(&[&upstream.url], yaml);
    let mut kept: Vec<_> = (0..4).map(|_| Connection::to(gateway.address)).collect();
    for connection in &mut kept {
        connection.send(&request("GET", "/a", &[], ""));
        assert_eq!(connection.read().values("connection"), [""; 0]);
    }
    gateway.terminate();
    eventually("that it is not ready", || {
        gateway.ask_admin("GET", "/ready").status() == 503
    });
    let kept_alive = ("Connection", "keep-alive");
    for (connection, asked) in kept.iter_mut().zip([
        request("GET", "/a", &[], ""),
        request("PUT", "/a/_doc/1", &[kept_alive], "{}"),
        // One that is refused, and one that is the gateway's own to answer.
        request("GET", "/a", &[("Expect", "wonders")], ""),
        request("PUT", "/_ml/anomaly_detectors/j?unknown", &[], "{}"),
    ]) {
        connection.send(&asked);
        let answer = connection.read();
        assert_eq!(answer.values("connection"), ["close"], "{answer:?}");
        assert_eq!(connection.read_some(&mut [0]), 0);
    }
    let mut new = Connection::to(gateway.address);
    new.send(&request("GET", "/a", &[], ""));
    assert_eq!(new.read().values("connection"), ["close"]);
}
