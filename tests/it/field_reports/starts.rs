//! Starts that cannot work, and what is said of them.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use crate::support::authority::Authority;
use crate::support::authority::Files;
use crate::support::gateway::{BINARY, Gateway};
use crate::support::scripted_upstream::ScriptedUpstream;

/// How a start ends that ends at once, and what it says.
fn start(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(BINARY);
    command
        .arg("serve")
        .args(arguments)
        .stdin(Stdio::null())
        .env("NO_COLOR", "1");
    let Output { status, stderr, .. } = command.output().expect("the gateway's binary starts");
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let upstream = ScriptedUpstream::answering(super::OK);
    let other = Gateway::before(&[&upstream.url]);
    for address in [taken.local_addr().expect("it is bound"), other.address] {
        let address = address.to_string();
        for arguments in [
            &["--listen", &address][..],
            &["--listen", "127.0.0.1:0", "--admin-listen", &address],
        ] {
            let (code, said) = start(arguments);
            assert_eq!(code, Some(70), "{said}");
            assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
            assert!(said.contains("Address already in use"), "{said}");
        }
    }
    assert_eq!(other.call("GET", "/a", "").status(), 200, "the first one goes on");
}

#[test]
fn what_is_wrong_with_a_configuration_is_told_with_its_place() {
    let files = Files::new();
    let path = files.text("gateway.yml");
    for (text, told) in [
        ("listen: [", "gateway.yml:1:"),
        ("lisen: 127.0.0.1:0", "did you mean `listen`?"),
        (
            "upstream: {nodes: 'http://es/path'}",
            "a node's URL ends after the port",
        ),
        ("upstream: {nodes: 'http://es?x'}", "a node's URL ends after the port"),
        (
            "upstream: {nodes: 'http://u:secret@es'}",
            "holds no user name or password",
        ),
        ("listen: '::1:9280'", "an IPv6 address in brackets"),
        ("tls: {certificate: a.pem}", "`tls.key` is not set"),
    ] {
        files.write("gateway.yml", text);
        let (code, said) = start(&["--config", &path]);
        assert_eq!(code, Some(2), "{text}: {said}");
        assert!(said.contains(told) && said.contains("gateway.yml"), "{text}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
    let (code, said) = start(&["--config", "/nowhere/gateway.yml"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("the configuration file cannot be read"), "{said}");
}

#[test]
fn authorities_that_cannot_be_read_are_told_with_the_reason() {
    let files = Files::new();
    files.write("empty.pem", "");
    files.write("junk.pem", "this is no certificate");
    files.write(
        "half.pem",
        &Authority::new("x").certificate.replace("-----END", "-----"),
    );
    fs::create_dir(files.path("folder")).expect("a folder");
    for (name, told) in [
        ("missing.pem", "No such file"),
        ("empty.pem", "no certificate"),
        ("junk.pem", "no certificate"),
        ("half.pem", "half.pem"),
        ("folder", "directory"),
    ] {
        let (code, said) = start(&["--upstream", "https://es:9200", "--upstream-tls-ca", &files.text(name)]);
        assert_eq!(code, Some(2), "{name}: {said}");
        assert!(
            said.contains("`upstream.tls.ca`") && said.contains(told),
            "{name}: {said}"
        );
    }
}
