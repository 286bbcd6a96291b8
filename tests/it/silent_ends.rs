//! Nodes, or what is before them, that end connections without saying so: what changes nothing is asked once more, and
//! nothing else ever is.

use std::collections::HashSet;
use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;
use std::time::Duration;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::scripted_upstream::{ScriptedUpstream, read_body};
use crate::support::stand_in::StandIn;
use crate::support::wire::{Connection, request};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// In the moment after each answer, and so late that the next request is on its way.
#[test]
fn jobs_are_created_before_an_upstream_that_ends_each_connection_after_its_answer() {
    for pause in [Duration::ZERO, Duration::from_millis(3), Duration::from_millis(20)] {
        let cluster = StandIn::closing_after(pause, "8.19.21");
        let gateway = Gateway::before(&[cluster.url()]);
        let answers = (0..60).map(|number| gateway.create_job(&format!("j{number}"), &job::smallest()).status());
        let answers: Vec<u16> = answers.collect();
        let succeeded = answers.iter().filter(|status| **status == 200).count();
        assert_eq!(succeeded, 60, "{pause:?}: {answers:?}");
        let creates = cluster.creates();
        assert_eq!(creates.len(), 60, "{pause:?}: each was sent once");
        assert_eq!(creates.into_iter().collect::<HashSet<_>>().len(), 60);
    }
}

/// A node that answers the first request on each connection, and ends the connection when the second one has come, once
/// it has sent this.
fn ending_at_the_second(parting: &'static str) -> ScriptedUpstream {
    let seen = Mutex::new(HashSet::new());
    ScriptedUpstream::new(move |head, stream: &mut TcpStream| {
        read_body(head, stream);
        let peer = stream.peer_addr().expect("it is connected");
        let is_first = seen.lock().expect("no test thread panicked").insert(peer);
        let _ = stream.write_all(if is_first { OK } else { parting }.as_bytes());
        if !is_first {
            let _ = stream.shutdown(Shutdown::Both);
        }
    })
}

/// Makes a request on a connection of the gateway's that has served one before, and gives its status and how often the
/// upstream has had it.
fn second(upstream: &ScriptedUpstream, method: &str, body: &str) -> (u16, usize) {
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(&request("GET", "/first", &[], ""));
    assert_eq!(connection.read().status(), 200);
    let before = upstream.heads().len();
    connection.send(&request(method, "/second", &[], body));
    let answers = std::iter::from_fn(|| connection.answer(method == "HEAD"));
    let status = answers.map(|answer| answer.status()).find(|status| *status >= 200);
    let heads = upstream.heads();
    let sent = heads.iter().skip(before).filter(|head| head.contains(" /second "));
    (status.expect("an answer"), sent.count())
}

#[test]
fn a_get_or_head_whose_idle_connection_ends_unanswered_is_sent_once_more() {
    for method in ["GET", "HEAD"] {
        let upstream = ending_at_the_second("");
        assert_eq!(second(&upstream, method, ""), (200, 2), "{method}");
    }
}

#[test]
fn nothing_else_is_sent_twice() {
    for (method, body, status) in [
        ("GET", "{}", 502),
        ("HEAD", "{}", 502),
        ("OPTIONS", "", 502),
        ("POST", "", 500),
        ("POST", "{}", 500),
        ("PUT", "{}", 500),
        ("DELETE", "", 500),
        ("PATCH", "{}", 500),
    ] {
        let upstream = ending_at_the_second("");
        assert_eq!(second(&upstream, method, body), (status, 1), "{method} {body}");
    }
    // Nor what was answered in part, though nothing can be made of the part.
    for parting in ["H", "HTTP/1.1 200 OK\r\nX: y", "HTTP/1.1 103 Early Hints\r\n\r\n"] {
        let upstream = ending_at_the_second(parting);
        assert_eq!(second(&upstream, "GET", ""), (502, 1), "{parting:?}");
    }
}

/// On a connection that was made for it nothing has been going on that it could have met.
#[test]
fn a_get_on_a_new_connection_is_not_sent_twice() {
    let upstream = ScriptedUpstream::new(|_, stream| {
        let _ = stream.shutdown(Shutdown::Both);
    });
    let gateway = Gateway::before(&[&upstream.url]);
    assert_eq!(gateway.call("GET", "/a", "").status(), 502);
    assert_eq!(upstream.requests(), 1);
}

/// A node that was stopped while the request was on its way: there is another one.
#[test]
fn the_next_node_is_asked_where_there_is_no_new_connection() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let stopping = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the gateway connects");
        let mut read = [0; 4096];
        let _ = std::io::Read::read(&mut stream, &mut read);
        stream.write_all(OK.as_bytes()).expect("the gateway reads");
        let _ = std::io::Read::read(&mut stream, &mut read);
        // The listener first, so that nobody can connect any more when the connection ends.
        drop(listener);
        drop(stream);
    });
    let living = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(&[&url, &living.url], "upstream: {probe: off}");
    let mut connection = Connection::to(gateway.address);
    for _ in 0..4 {
        connection.send(&request("GET", "/a", &[], ""));
        assert_eq!(connection.read().status(), 200);
    }
    stopping.join().expect("it was asked twice");
    assert_eq!(living.requests(), 3);
}
