//! The gateway's end: told to stop, it lets running requests end and takes no new ones.

use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::sync::{Arc, Barrier};

use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::wire::{Connection, PATIENCE, request};

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
