//! How the gateway goes together with a service manager such as systemd: sockets that it hands over, and what it is notified
//! of. The test does the service manager's part.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use socket2::{Domain, Socket, Type};

use crate::support::gateway::{ANY_PORT, Gateway};
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::service_manager::{Notifications, handing_over};
use crate::support::wire::{Connection, eventually, request};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const NOBODY: &str = "http://127.0.0.1:1";

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    (listener, address)
}

fn copy(listener: &TcpListener) -> OwnedFd {
    listener.try_clone().expect("it is open").into()
}

fn signal(gateway: &Gateway, name: &str) {
    let told = Command::new("kill").args([name, &gateway.pid().to_string()]).status();
    assert!(told.expect("kill runs").success());
}

#[test]
fn a_socket_that_is_handed_over_takes_the_place_of_listen() {
    let upstream = ScriptedUpstream::answering(OK);
    let (socket, address) = listener();
    let command = handing_over("listen", [copy(&socket)]);
    let gateway = Gateway::started_by(command, ANY_PORT, &[&upstream.url], &[]);
    assert_eq!(gateway.address, address);
    assert_eq!(gateway.call("GET", "/a", "").text(), "ok");
    gateway.logged(&["a listening socket was handed over", "listen", &address.to_string()]);
}

#[test]
fn each_socket_is_used_for_what_its_name_says() {
    let upstream = ScriptedUpstream::answering(OK);
    let (clients, for_clients) = listener();
    let (operators, for_operators) = listener();
    let command = handing_over("admin:listen", [copy(&operators), copy(&clients)]);
    let gateway = Gateway::started_by(command, ANY_PORT, &[&upstream.url], &[]);
    assert_eq!((gateway.address, gateway.admin()), (for_clients, for_operators));
    assert_eq!(gateway.ask_admin("GET", "/live").status(), 200);
    assert_eq!(
        gateway.call("GET", "/live", "").text(),
        "ok",
        "to clients it is a path as any other"
    );
}

#[test]
fn a_socket_without_a_name_is_for_clients() {
    let (socket, address) = listener();
    let command = handing_over("", [copy(&socket)]);
    let gateway = Gateway::started_by(command, ANY_PORT, &[NOBODY], &[]);
    assert_eq!(gateway.address, address);
}

#[test]
fn sockets_for_another_process_are_left_alone() {
    let upstream = ScriptedUpstream::answering(OK);
    let variables = [("LISTEN_PID", "1"), ("LISTEN_FDS", "1"), ("LISTEN_FDNAMES", "listen")];
    let gateway = Gateway::with_environment(&[&upstream.url], &[], &variables);
    assert_eq!(gateway.call("GET", "/a", "").text(), "ok");
    assert!(!gateway.log().contains("handed over"), "{}", gateway.log());
}

#[test]
fn a_socket_that_cannot_be_used_is_told_with_what_to_do() {
    let datagrams = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let silent = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let [first, second] = [listener().0, listener().0];
    for (names, sockets, told) in [
        ("gateway.socket", vec![copy(&first)], "FileDescriptorName"),
        ("listen", vec![datagrams.into()], "ListenStream"),
        ("listen", vec![silent.into()], "it does not listen"),
        (
            "listen:listen",
            vec![copy(&first), copy(&second)],
            "more than one socket",
        ),
    ] {
        let mut command = handing_over(names, sockets);
        command.args(["serve", "--listen", ANY_PORT, "--upstream", NOBODY]);
        let output = command
            .stderr(Stdio::piped())
            .output()
            .expect("the gateway's binary starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(told), "{names}: {said}");
        assert_eq!(output.status.code(), Some(70), "{said}");
    }
}

#[test]
fn connections_wait_in_a_socket_of_the_service_manager_while_the_gateway_is_exchanged() {
    let upstream = ScriptedUpstream::answering(OK);
    let (socket, address) = listener();
    let start = || {
        let command = handing_over("listen", [copy(&socket)]);
        Gateway::started_by(command, ANY_PORT, &[&upstream.url], &[])
    };
    let mut gateway = start();
    assert_eq!(gateway.call("GET", "/a", "").text(), "ok");
    gateway.terminate();
    assert_eq!(gateway.wait(), Some(0));

    let mut client = Connection::to(address);
    client.send(&request("GET", "/b", &[], ""));
    let _next = start();
    assert_eq!(client.read().text(), "ok");
}

#[test]
fn whoever_looks_for_a_gateway_that_is_ready_finds_the_one_that_takes_over() {
    let upstream = ScriptedUpstream::answering(OK);
    let (clients, operators) = (listener().0, listener().0);
    let start = || {
        let command = handing_over("listen:admin", [copy(&clients), copy(&operators)]);
        let yaml = "{ready: {require: gateway}, shutdown: {delay: 10m}}";
        Gateway::configured_by(command, ANY_PORT, &[&upstream.url], yaml)
    };
    let first = start();
    assert_eq!(first.ask_admin("GET", "/ready").status(), 200);
    let _second = start();
    first.terminate();
    first.logged(&["stopping: not ready any more"]);
    let is_ready = || first.ask_admin("GET", "/ready").status() == 200;
    eventually("that only the second one answers", || (0..20).all(|_| is_ready()));
}

#[test]
fn the_service_manager_is_notified_of_the_start_of_reloads_and_of_the_end() {
    let upstream = ScriptedUpstream::answering(OK);
    let manager = Notifications::new();
    let variables = [("NOTIFY_SOCKET", manager.path())];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut gateway = Gateway::with_environment(&[&upstream.url], &[], &variables);
    assert_eq!(manager.next(), "READY=1\n");
    assert_eq!(gateway.call("GET", "/a", "").text(), "ok");

    let mut times = Vec::new();
    for _ in 0..2 {
        signal(&gateway, "-HUP");
        let reloading = manager.next();
        let time = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=");
        let time = time.and_then(|time| time.trim_end().parse::<u64>().ok());
        times.push(time.unwrap_or_else(|| panic!("{reloading}")));
        assert_eq!(manager.next(), "READY=1\n");
    }
    assert!(times.is_sorted(), "{times:?}");

    signal(&gateway, "-TERM");
    assert_eq!(manager.next(), "STOPPING=1\n");
    assert_eq!(gateway.wait(), Some(0));
}

#[test]
fn a_service_manager_that_watches_is_notified_again_and_again() {
    let manager = Notifications::new();
    let path = manager.path();
    let variables = [("NOTIFY_SOCKET", path.as_str()), ("WATCHDOG_USEC", "2000000")];
    let _gateway = Gateway::with_environment(&[NOBODY], &[], &variables);
    let mut messages = (0..4).map(|_| manager.next()).collect::<Vec<_>>();
    messages.sort();
    assert_eq!(messages, ["READY=1\n", "WATCHDOG=1\n", "WATCHDOG=1\n", "WATCHDOG=1\n"]);
}

#[test]
fn a_service_manager_that_does_not_listen_is_no_reason_not_to_serve() {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = Gateway::with_environment(&[&upstream.url], &[], &[("NOTIFY_SOCKET", "/nowhere/notify")]);
    assert_eq!(gateway.call("GET", "/a", "").text(), "ok");
    gateway.logged(&["WARN", "the service manager could not be notified"]);
}
