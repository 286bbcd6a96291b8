//! Connections: kept, ended, half closed, and those that never say anything.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;

use super::{OK, counting};
use crate::support::gateway::{BINARY, Gateway};
use crate::support::job;
use crate::support::scripted_upstream::{ScriptedUpstream, read_body};
use crate::support::stand_in::StandIn;
use crate::support::wire::{Connection, PATIENCE, eventually, request};

/// fluent/fluent-bit#573: nginx with `keepalive_requests 50` says so with the last answer of a connection.
#[test]
fn an_upstream_that_ends_each_connection_after_fifty_answers_and_says_so_loses_nothing() {
    let counts: Mutex<std::collections::HashMap<SocketAddr, usize>> = Mutex::default();
    let upstream = ScriptedUpstream::new(move |head, stream| {
        read_body(head, stream);
        let peer = stream.peer_addr().expect("it is connected");
        let mut counts = counts.lock().expect("no test thread panicked");
        let count = counts.entry(peer).or_default();
        *count += 1;
        let is_last = *count == 50;
        let close = if is_last { "connection: close\r\n" } else { "" };
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{close}content-length: 2\r\n\r\nok").as_bytes());
        if is_last {
            let _ = stream.shutdown(Shutdown::Both);
        }
    });
    let gateway = Gateway::configured(&[&upstream.url], "upstream: {probe: off}");
    let mut connection = Connection::to(gateway.address);
    for number in 0..400 {
        connection.send(&request("PUT", "/a/_doc/1", &[], "{}"));
        assert_eq!(connection.read().status(), 200, "request {number}");
    }
    assert_eq!((upstream.requests(), upstream.connections()), (400, 8));
}

/// junkurihara/rust-rpxy#596: half a gigabyte is asked for by clients that read nothing.
#[test]
fn clients_that_read_nothing_take_bounded_memory() {
    const LENGTH: usize = 32 * 1024 * 1024;
    let upstream = ScriptedUpstream::new(|_, stream| {
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {LENGTH}\r\n\r\n").as_bytes());
        let piece = vec![b'a'; 64 * 1024];
        for _ in 0..LENGTH / piece.len() {
            if stream.write_all(&piece).is_err() {
                return;
            }
        }
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let silent: Vec<_> = (0..16)
        .map(|_| {
            let mut connection = Connection::to(gateway.address);
            connection.send(&request("GET", "/a", &[], ""));
            connection
        })
        .collect();
    eventually("all requests", || upstream.requests() == silent.len());
    // One that reads is served beside them.
    let mut reading = Connection::to(gateway.address);
    reading.send(&request("GET", "/a", &[], ""));
    assert_eq!(reading.read().body.len(), LENGTH);
    let peak = gateway.memory("VmHWM");
    assert!(peak < 128 * 1024 * 1024, "{peak} bytes were resident");
}

/// elasticsearch#21075: a preface of HTTP/2 is no request of HTTP/1.1, and is answered at once.
#[test]
fn the_preface_of_http_2_is_refused_at_once() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::before(&[&upstream.url]);
    assert_refused_at_once(&gateway, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert_eq!(upstream.heads(), [""; 0]);
}

/// elasticsearch#121545, logstash#4418: what is before the gateway speaks another protocol to it than it should.
#[test]
fn another_protocol_is_refused_at_once() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::before(&[&upstream.url]);
    let proxy_v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\x7f\x00\x00\x01\x7f\x00\x00\x01\x1f\x90\x24\x40";
    let hello = b"\x16\x03\x01\x00\xf4\x01\x00\x00\xf0\x03\x03abcdefghijklmnopqrstuvwxyz\r\n\r\n";
    for (name, bytes) in [
        (
            "PROXY 1",
            b"PROXY TCP4 127.0.0.1 127.0.0.1 40000 9280\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n".as_slice(),
        ),
        ("PROXY 2", proxy_v2),
        ("TLS", hello),
        ("SSH", b"SSH-2.0-OpenSSH_9.9\r\n"),
    ] {
        eprintln!("{name}");
        assert_refused_at_once(&gateway, bytes);
    }
    assert_eq!(upstream.heads(), [""; 0]);
}

/// The connection ends, perhaps with a 400 before that, long before anybody runs out of patience.
fn assert_refused_at_once(gateway: &Gateway, bytes: &[u8]) {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(gateway.address).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.write_all(bytes).expect("the gateway reads");
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
    }
    let text = String::from_utf8_lossy(&answer);
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 400 "), "{text}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

/// A client that goes on with HTTP/1.1 where nobody answers its `Upgrade` (`curl --http2`).
#[test]
fn an_upgrade_to_http_2_is_not_taken_up_and_the_request_is_served() {
    let upstream = counting();
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    let body = "a".repeat(2 * 1024 * 1024);
    let upgrade = [
        ("Connection", "Upgrade, HTTP2-Settings"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", "AAMAAABkAAQCAAAAAAIAAAAA"),
    ];
    for _ in 0..2 {
        connection.send(&request("POST", "/_bulk", &upgrade, &body));
        let answer = connection.read();
        assert_eq!((answer.status(), answer.text()), (200, body.len().to_string()));
    }
}

/// elasticsearch#65213, elasticsearch-php#836: time that passes between bytes is nobody's fault; only a head has to come in
/// its time.
#[test]
fn pauses_longer_than_a_head_may_take_end_nothing() {
    const PAUSE: Duration = Duration::from_millis(900);
    let cluster = StandIn::elasticsearch("8.19.21");
    let upstream = ScriptedUpstream::new(|head, stream| {
        read_body(head, stream);
        thread::sleep(PAUSE);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nok");
        thread::sleep(PAUSE);
        let _ = stream.write_all(b"ok");
    });
    let limits = "{limits: {head_timeout: 300ms}}";
    let gateway = Gateway::configured(&[&upstream.url], limits);
    let mut connection = Connection::to(gateway.address);
    // Before a head, inside a body, before and inside an answer, and between requests.
    for _ in 0..2 {
        thread::sleep(PAUSE);
        connection.send(b"PUT /a/_doc/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n{");
        thread::sleep(PAUSE);
        connection.send(b"  }");
        assert_eq!(connection.read().text(), "okok");
    }
    let gateway = Gateway::configured(&[cluster.url()], limits);
    let mut connection = Connection::to(gateway.address);
    let (job, target) = (job::smallest(), "/_ml/anomaly_detectors/slow");
    let (first, second) = job.split_at(job.len() / 2);
    let head = format!(
        "PUT {target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        job.len()
    );
    connection.send(head.as_bytes());
    connection.send(first.as_bytes());
    thread::sleep(PAUSE);
    connection.send(second.as_bytes());
    assert_eq!(connection.read().status(), 200);
}

fn open_files(gateway: &Gateway) -> usize {
    let files = fs::read_dir(format!("/proc/{}/fd", gateway.pid())).expect("Linux shows the process");
    files.count()
}

/// Checks of load balancers: a connection that is opened and ended at once, in order or by a reset.
#[test]
fn connections_that_say_nothing_leave_nothing_in_the_log_and_nothing_open() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::before(&[&upstream.url]);
    assert_eq!(gateway.call("GET", "/a", "").status(), 200);
    let (log, files) = (gateway.log(), open_files(&gateway));
    for number in 0..300 {
        let stream = TcpStream::connect(gateway.address).expect("it listens");
        if number % 2 == 0 {
            SockRef::from(&stream)
                .set_linger(Some(Duration::ZERO))
                .expect("an option"); // Ends it by a reset.
        }
    }
    eventually("the end of all", || open_files(&gateway) <= files);
    assert_eq!(gateway.call("GET", "/a", "").status(), 200);
    assert_eq!(gateway.log(), log);
}

/// ninenines/ranch#36: where there are no files for more connections, nothing spins, and it is over when they are gone.
#[test]
fn a_gateway_that_runs_out_of_files_recovers() {
    let upstream = ScriptedUpstream::answering(OK);
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 120; exec \"$0\" \"$@\"", BINARY]);
    let gateway = Gateway::by(command, "127.0.0.1:0", &[&upstream.url], &[]);
    let crowd: Vec<_> = (0..200)
        .map(|_| TcpStream::connect(gateway.address).expect("the system accepts"))
        .collect();
    let busy = || -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", gateway.pid())).expect("Linux shows the process");
        let after_name = stat.rsplit(')').next().expect("a name");
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        fields[11].parse::<u64>().expect("ticks") + fields[12].parse::<u64>().expect("ticks")
    };
    let before = busy();
    thread::sleep(Duration::from_secs(2)); // What is waited for is that nothing happens.
    let ticks = busy() - before;
    assert!(ticks < 60, "{ticks} hundredths of a second of 200 were spent");
    drop(crowd);
    eventually("service", || {
        let Ok(stream) = TcpStream::connect(gateway.address) else {
            return false;
        };
        let mut connection = Connection::over(stream);
        let asked = connection.write_all(&request("GET", "/a", &[], ""));
        asked.is_ok() && connection.answer(false).is_some_and(|answer| answer.status() == 200)
    });
}

/// A client that sends its request and closes its half, on every path through the gateway.
#[test]
fn clients_that_have_closed_their_half_are_answered() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let gateway = Gateway::before(&[cluster.url()]);
    let json = [("Content-Type", "application/json")];
    for (name, bytes, status) in [
        ("forwarded", request("GET", "/a", &[], ""), 400),
        (
            "claimed",
            request("PUT", "/_ml/anomaly_detectors/half", &json, &job::smallest()),
            200,
        ),
        ("HTTP/1.0", b"GET /a HTTP/1.0\r\n\r\n".to_vec(), 400),
    ] {
        let mut connection = Connection::to(gateway.address);
        connection.send(&bytes);
        connection.stop_sending();
        assert_eq!(connection.read().status(), status, "{name}");
        assert_eq!(connection.read_some(&mut [0]), 0, "{name}: the connection ends");
    }
}

/// A bulk of which half is still to be sent when the gateway is told to stop.
#[test]
fn a_body_that_is_still_being_sent_is_answered_before_the_gateway_ends() {
    let upstream = counting();
    let mut gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(b"POST /_bulk HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    connection.send(&[b'a'; 500]);
    eventually("the request", || upstream.requests() == 1);
    gateway.terminate();
    eventually("a closed listener", || TcpStream::connect(gateway.address).is_err());
    connection.send(&[b'a'; 500]);
    let answer = connection.read();
    assert_eq!((answer.status(), answer.text().as_str()), (200, "1000"));
    assert_eq!(answer.values("connection"), ["close"]);
    assert_eq!(gateway.wait(), Some(0));
}
