//! Several nodes: each in its turn, those that do not answer left out until they do.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::support::authority::Files;
use crate::support::gateway::{ANY_PORT, Gateway};
use crate::support::job;
use crate::support::scripted_upstream::{ScriptedUpstream, read_body};
use crate::support::stand_in::StandIn;
use crate::support::wire::{Connection, PATIENCE, eventually, request};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A node that is not there yet: nothing listens on its port, which nobody else can be given meanwhile.
struct Dead {
    url: String,
    socket: Socket,
}

impl Dead {
    fn new() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(&any.into()).expect("a free port");
        let address = socket.local_addr().expect("it is bound");
        let address = address.as_socket().expect("an address of TCP");
        Self {
            url: format!("http://{address}"),
            socket,
        }
    }

    /// It is there from now on.
    fn revive(self) -> ScriptedUpstream {
        self.socket.listen(16).expect("it is bound");
        ScriptedUpstream::on(self.socket.into(), |head, stream| {
            read_body(head, stream);
            let _ = stream.write_all(OK.as_bytes());
        })
    }
}

fn ask(connection: &mut Connection, times: usize) {
    for _ in 0..times {
        connection.send(&request("GET", "/a", &[], ""));
        assert_eq!(connection.read().status(), 200);
    }
}

/// A host that is there and does not accept: its queue of connections is full.
struct FullListener {
    url: String,
    _listener: Socket,
    _queued: Vec<TcpStream>,
}

impl FullListener {
    fn new() -> Self {
        Self::at("127.0.0.1:0".parse().expect("an address")).expect("a free port")
    }

    fn at(address: SocketAddr) -> std::io::Result<Self> {
        let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        listener.bind(&address.into())?;
        listener.listen(0)?;
        let address = listener.local_addr()?.as_socket().expect("an address");
        let mut queued = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            queued.push(stream);
        }
        Ok(Self {
            url: format!("http://{address}"),
            _listener: listener,
            _queued: queued,
        })
    }
}

/// A name with two addresses, of which the second one is that of a living node. The system has them in the order of the
/// addresses themselves.
const NAMES: &str = "127.0.0.1 two.example.org\n127.0.0.2 two.example.org\n";

/// A stand-in at the second address, and a host at the first one that drops what is sent to it.
fn behind_a_dead_first_address() -> (StandIn, String, FullListener) {
    // A port that is free at both.
    loop {
        let living = TcpListener::bind("127.0.0.2:0").expect("a free port");
        let port = living.local_addr().expect("it is bound").port();
        if let Ok(dead) = FullListener::at(SocketAddr::from(([127, 0, 0, 1], port))) {
            let url = format!("http://two.example.org:{port}");
            return (StandIn::elasticsearch_on(living, "8.19.21"), url, dead);
        }
    }
}

#[test]
fn nodes_are_asked_in_turn() {
    let nodes = [(); 3].map(|()| ScriptedUpstream::answering(OK));
    let gateway = Gateway::before(&[&nodes[0].url, &nodes[1].url, &nodes[2].url]);
    // One connection is one thread's, which has a turn of its own.
    ask(&mut Connection::to(gateway.address), 30);
    assert_eq!(nodes.each_ref().map(ScriptedUpstream::requests), [10, 10, 10]);
}

#[test]
fn a_dead_node_costs_no_request_and_is_asked_again_when_it_is_back() {
    let dead = Dead::new();
    let living = ScriptedUpstream::answering(OK);
    let gateway = Gateway::before(&[&dead.url, &living.url]);
    let mut connection = Connection::to(gateway.address);
    ask(&mut connection, 20);
    assert_eq!(living.requests(), 20);

    let back = dead.revive();
    eventually("the node's return", || {
        ask(&mut connection, 1);
        back.requests() > 0
    });
}

#[test]
fn when_all_nodes_are_dead_the_first_to_come_back_is_found() {
    let [dead, other] = [Dead::new(), Dead::new()];
    let gateway = Gateway::configured(&[&dead.url, &other.url], "admin: {listen: '127.0.0.1:0'}");
    assert_eq!(gateway.call("GET", "/a", "").status(), 503);
    eventually("that both are known to be out", || {
        let nodes = gateway.ask_admin("GET", "/ready").json()["nodes"].clone();
        nodes[0]["answers"] == false && nodes[1]["answers"] == false
    });
    let _back = other.revive();
    // At once: no probe needs to have found it.
    assert_eq!(gateway.call("GET", "/a", "").status(), 200);
}

#[test]
fn a_node_that_accepts_and_never_answers_is_left_out() {
    let hung = ScriptedUpstream::new(|_, stream| {
        let _ = stream.read(&mut [0]); // Until the gateway has had enough.
    });
    let living = ScriptedUpstream::answering(OK);
    let yaml = "{upstream: {probe: http}, admin: {listen: '127.0.0.1:0'}}";
    let gateway = Gateway::configured(&[&hung.url, &living.url], yaml);
    gateway.logged(&["the node does not answer", &hung.url]);
    ask(&mut Connection::to(gateway.address), 20);
    assert_eq!(hung.requests(), 0);
}

#[test]
fn a_node_that_does_not_accept_is_given_up_after_its_time_and_another_is_asked() {
    let full = FullListener::new();
    let yaml = "upstream: {connect_timeout: 300ms}";
    let gateway = Gateway::configured(&[&full.url], yaml);
    let begun = Instant::now();
    let answer = gateway.call("PUT", "/a/_doc/1", "{}");
    assert_eq!(
        (answer.status(), answer.json()["error"]["type"].as_str()),
        (503, Some("upstream_unavailable_exception"))
    );
    assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());

    let living = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(&[&full.url, &living.url], yaml);
    let mut connection = Connection::to(gateway.address);
    connection.send(&request("PUT", "/a/_doc/1", &[], "{}"));
    assert_eq!(connection.read().status(), 200);
    ask(&mut connection, 5);
    assert_eq!(living.requests(), 6);
}

/// Both what is forwarded and what the gateway asks itself, each of which has connections of its own.
#[test]
fn a_name_whose_first_address_is_dead_is_connected_to_at_its_second_one() {
    let (cluster, url, _dead) = behind_a_dead_first_address();
    // Without idle connections each of these connects anew, so that a lost quarter of a second would add up.
    let files = Files::new();
    files.write("gateway.yml", "upstream: {idle_timeout: 0s}");
    let arguments = ["--config", &files.text("gateway.yml")];
    let gateway = Gateway::with_names(NAMES, ANY_PORT, &[&url], &arguments);
    let begun = Instant::now();
    for _ in 0..20 {
        assert_eq!(gateway.call("GET", "/a", "").status(), 400, "the stand-in's own answer");
    }
    assert_eq!(gateway.create_job("a", &job::smallest()).status(), 200);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(cluster.forwarded().len(), 20);

    // What the gateway asks itself finds the address by itself, too.
    let gateway = Gateway::with_names(NAMES, ANY_PORT, &[&url], &[]);
    let begun = Instant::now();
    assert_eq!(gateway.create_job("b", &job::smallest()).status(), 200);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn a_connection_that_is_not_kept_serves_one_request() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(&[&upstream.url], "upstream: {idle_timeout: 0s}");
    let mut connection = Connection::to(gateway.address);
    ask(&mut connection, 5);
    assert!(upstream.connections() >= 5, "{}", upstream.connections());
}

#[test]
fn the_time_that_connecting_takes_is_no_time_to_answer_in() {
    let (full, living) = (FullListener::new(), ScriptedUpstream::answering(OK));
    let yaml = "upstream: {connect_timeout: 1500ms, response_timeout: 1s}";
    let gateway = Gateway::configured(&[&full.url, &living.url], yaml);
    assert_eq!(gateway.call("PUT", "/a/_doc/1", "{}").status(), 200);
}

#[test]
fn a_node_that_does_not_begin_its_answer_in_time_is_told_honestly() {
    let silent = ScriptedUpstream::new(|head, stream| {
        read_body(head, stream);
        let _ = stream.read(&mut [0]); // Until the gateway has had enough.
    });
    let gateway = Gateway::configured(&[&silent.url], "upstream: {response_timeout: 300ms}");
    for (method, status, name) in [
        ("GET", 504, "upstream_timeout_exception"),
        ("PUT", 500, "outcome_unknown_exception"),
        ("POST", 500, "outcome_unknown_exception"),
        ("DELETE", 500, "outcome_unknown_exception"),
    ] {
        let answer = gateway.call(method, "/a/_doc/1", "");
        assert_eq!(answer.status(), status, "{method}");
        assert_eq!(answer.json()["error"]["type"], name, "{method}");
    }
    assert_eq!(silent.requests(), 4, "each was sent once");
    eventually("the end of their connections", || silent.open_connections() == 0);
}

#[test]
fn idle_connections_are_closed_without_any_traffic() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::configured(&[&upstream.url], "upstream: {idle_timeout: 300ms}");
    let mut clients: Vec<_> = (0..5).map(|_| Connection::to(gateway.address)).collect();
    for client in &mut clients {
        ask(client, 1);
    }
    assert!(upstream.connections() > 0);
    eventually("the end of idle connections", || upstream.open_connections() == 0);
    ask(&mut clients[0], 1);
}

#[test]
fn line_88_a_client_that_vanishes_takes_its_upstream_request_with_it() {
    let (told, ended) = mpsc::channel();
    let told = Arc::new(Mutex::new(told));
    let upstream = ScriptedUpstream::new(move |head, stream| {
        if head.starts_with("GET /answering ") {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nhalf");
        }
        // Whatever still comes of the request, and then the end.
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        let path = head.split(' ').nth(1).expect("a target").to_owned();
        let _ = told.lock().expect("no test thread panicked").send(path);
    });
    let gateway = Gateway::before(&[&upstream.url]);
    let head = "PUT /sending HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nhalf";
    let waiting = "GET /waiting HTTP/1.1\r\nHost: a\r\n\r\n";
    let answering = "GET /answering HTTP/1.1\r\nHost: a\r\n\r\n";
    for (count, (request, path)) in [(head, "/sending"), (waiting, "/waiting"), (answering, "/answering")]
        .into_iter()
        .enumerate()
    {
        let mut connection = Connection::to(gateway.address);
        connection.send(request.as_bytes());
        eventually("the request", || upstream.requests() == count + 1);
        if path == "/answering" {
            assert_eq!(connection.read_head().status(), 200);
        }
        drop(connection);
        assert_eq!(ended.recv_timeout(PATIENCE).expect("its connection ends"), path);
    }
}
