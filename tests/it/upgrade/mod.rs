//! Upgrades without loss: while clients ask all the time, one gateway after the other takes over.
//!
//! `cargo xtask upgrade` does the same at length.

mod balancers;
mod load;
mod ready_balancer;

use std::net::TcpListener;
use std::process::Command;

use crate::support::gateway::{BINARY, Gateway};
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::service_manager::handing_over;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Long enough that each connection that is in use has an answer which says that it is the last one.
const STOPPING: &str = "shutdown: {delay: 1s, timeout: 60s}";

/// Starts the next gateway and then stops the one before.
fn exchange(gateway: &mut Gateway, start: impl Fn() -> Gateway) {
    let next = start();
    gateway.terminate();
    assert_eq!(gateway.wait(), Some(0), "{}", gateway.log());
    *gateway = next;
}

#[test]
fn no_request_fails_while_gateways_with_the_same_socket_take_over_from_each_other() {
    let upstream = ScriptedUpstream::answering(OK);
    let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = socket.local_addr().expect("it is bound");
    let start = || {
        let copy = socket.try_clone().expect("it is open");
        let command = handing_over("listen", [copy.into()]);
        Gateway::configured_by(command, &address.to_string(), &[&upstream.url], STOPPING)
    };
    let mut gateway = start();
    let failed = load::ask_during(address, || exchange(&mut gateway, start));
    assert_eq!(failed, 0);
}

/// For whoever wants to know what `reuse_port` loses: nothing is required but that each gateway starts beside the one before.
#[test]
#[ignore = "it measures what is lost without a socket that is handed over"]
fn what_is_lost_while_gateways_with_sockets_of_their_own_take_over() {
    let upstream = ScriptedUpstream::answering(OK);
    let yaml = format!("{STOPPING}\nreuse_port: true");
    let mut gateway = Gateway::configured(&[&upstream.url], &yaml);
    let address = gateway.address;
    let start = || Gateway::configured_by(Command::new(BINARY), &address.to_string(), &[&upstream.url], &yaml);
    load::ask_during(address, || exchange(&mut gateway, start));
}

#[test]
fn with_reuse_port_a_second_gateway_starts_at_the_same_address_and_takes_over() {
    let upstream = ScriptedUpstream::answering(OK);
    let mut first = Gateway::configured(&[&upstream.url], "{reuse_port: true, admin: {listen: '127.0.0.1:0'}}");
    let [listen, admin] = [first.address, first.admin()].map(|address| address.to_string());
    let yaml = format!("{{reuse_port: true, admin: {{listen: '{admin}'}}}}");
    let second = Gateway::configured_by(Command::new(BINARY), &listen, &[&upstream.url], &yaml);
    assert_eq!((second.address, second.admin()), (first.address, first.admin()));
    first.terminate();
    assert_eq!(first.wait(), Some(0));
    assert_eq!(second.call("GET", "/a", "").text(), "ok");
    assert_eq!(second.ask_admin("GET", "/live").status(), 200);
}

#[test]
fn without_it_a_second_gateway_does_not_start() {
    let first = Gateway::before(&["http://127.0.0.1:1"]);
    let mut second = Command::new(BINARY);
    second.args([
        "serve",
        "--listen",
        &first.address.to_string(),
        "--upstream",
        "http://127.0.0.1:1",
    ]);
    let output = second.output().expect("the gateway's binary starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(&format!("cannot listen on {}", first.address)), "{said}");
    assert_eq!(output.status.code(), Some(70));
}
