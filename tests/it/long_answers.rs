//! Long answers are written while they are sent: they come whole, in every form, and hold the room of the body that they
//! answer until they have been read.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;
use socket2::{Domain, Socket, Type};

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::stand_in::StandIn;
use crate::support::wire::{Answer, call, eventually, request};

/// A job of about so many bytes whose layout is many times as long.
fn job_of(size: usize) -> String {
    let ones = vec!["1"; size / 2].join(",");
    let list = format!("{}{ones}{}", "[".repeat(20), "]".repeat(20));
    let setting = format!("{{\"custom_settings\":{{\"a\":{list}}},");
    job::smallest().replacen('{', &setting, 1)
}

fn put(gateway: &Gateway, query: &str, body: &str) -> Answer {
    let target = format!("/_ml/anomaly_detectors/long?{query}");
    call(
        gateway.address,
        "PUT",
        &target,
        &[("content-type", "application/json")],
        body,
    )
}

/// Less what no two answers have alike.
fn settled(answer: &Answer) -> Value {
    let mut document = answer.json();
    document["create_time"].take();
    document
}

#[test]
fn a_long_answer_is_the_same_in_every_form() {
    let cluster = StandIn::elasticsearch("9.5.3");
    let gateway = Gateway::before(&[cluster.url()]);
    let body = job_of(600_000);
    let plain = put(&gateway, "", &body);
    assert_eq!(plain.status(), 200, "{}", plain.text());
    let expected = settled(&plain);
    assert!(plain.body.len() > 600_000);

    let pretty = put(&gateway, "pretty&filter_path=*", &body);
    assert_eq!(settled(&pretty), expected);

    let yaml = put(&gateway, "format=yaml", &body);
    assert_eq!(yaml.values("content-type"), ["application/yaml"]);
    assert!(yaml.body.len() > 10 * body.len(), "{}", yaml.body.len());
    let text = yaml.text();
    assert_eq!(text.lines().filter(|line| line.ends_with("- 1")).count(), 300_000);

    for dry in ["dry_run", "dry_run&pretty"] {
        let mut answer = settled(&put(&gateway, dry, &body));
        let object = answer.as_object_mut().expect("an object");
        assert_eq!(object.shift_remove("dry_run"), Some(true.into()));
        assert!(object.shift_remove("changes").is_some());
        assert_eq!(answer, expected);
    }
    for format in ["cbor", "smile"] {
        let answer = put(&gateway, &format!("format={format}"), &body);
        assert_eq!((answer.status(), answer.body.len() > 300_000), (200, true));
    }
}

/// Connects with a small buffer, so that an answer that is not read is not sent either.
fn connect(address: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    socket.set_recv_buffer_size(16 * 1024).expect("it has a buffer");
    socket.connect(&address.into()).expect("something listens");
    socket.into()
}

#[test]
fn an_answer_that_is_not_read_holds_its_room_until_its_client_leaves() {
    let cluster = StandIn::elasticsearch("9.5.3");
    let gateway = Gateway::configured(&[cluster.url()], "limits: {bodies: 1mb}");
    let (long, other) = (job_of(900_000), job_of(500_000));
    assert_eq!(put(&gateway, "dry_run", &other).status(), 200);

    // Twenty megabytes, which no socket takes.
    let mut unread = connect(gateway.address);
    let fields = [("content-type", "application/json")];
    let target = "/_ml/anomaly_detectors/long?dry_run&format=yaml";
    unread
        .write_all(&request("PUT", target, &fields, &long))
        .expect("it is read");
    let mut begun = [0; 15];
    unread.read_exact(&mut begun).expect("an answer begins");
    assert_eq!(&begun, b"HTTP/1.1 200 OK");
    for _ in 0..5 {
        assert_eq!(put(&gateway, "dry_run", &other).status(), 429);
    }
    let resident = gateway.memory("VmRSS");
    assert!(
        resident < 64 * 1024 * 1024,
        "{resident} bytes for an answer that nobody reads"
    );
    drop(unread);
    eventually("there is room again", || {
        put(&gateway, "dry_run", &other).status() == 200
    });
}

/// Elasticsearch finds the names of any number of groups.
#[test]
fn more_groups_than_one_search_finds_are_refused() {
    let cluster = StandIn::elasticsearch("9.5.3");
    let gateway = Gateway::before(&[cluster.url()]);
    let job = |groups: usize| {
        let groups: Vec<String> = (0..groups).map(|number| format!("\"g{number}\"")).collect();
        job::smallest().replacen('{', &format!("{{\"groups\":[{}],", groups.join(",")), 1)
    };
    for query in ["", "dry_run"] {
        assert_eq!(put(&gateway, query, &job(9998)).status(), 200);
        let refused = put(&gateway, query, &job(9999));
        assert_eq!(refused.status(), 400);
        assert_eq!(refused.json()["error"]["type"], "illegal_argument_exception");
    }
    assert_eq!(cluster.creates().len(), 1);
}
