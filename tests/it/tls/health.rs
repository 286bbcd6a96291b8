//! `anomaly-gateway health` where clients are met with TLS.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use super::{GATEWAY, OK, Secured};
use crate::support::authority::{Authority, Files};
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::wire::eventually;

fn health(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_anomaly-gateway"))
        .arg("health")
        .args(arguments)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .expect("the gateway's binary starts");
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn it_checks_the_gateways_certificate() {
    let upstream = ScriptedUpstream::answering(OK);
    let secured = Secured::before(&upstream.url, &[]);
    let files = Files::new();
    files.write("ca.pem", &secured.authority.certificate);
    files.write("another.pem", &Authority::new("another").certificate);
    let (ca, another) = (files.text("ca.pem"), files.text("another.pem"));
    let url = format!("https://{}", secured.gateway.address);
    let named = ["--url", &url, "--server-name", GATEWAY, "--ca"];
    assert_eq!(health(&[&named[..], &[&ca]].concat()), (Some(0), String::new()));
    let (code, told) = health(&[&named[..], &[&another]].concat());
    assert_eq!(code, Some(1));
    assert!(told.contains("UnknownIssuer"), "{told}");
    let (code, told) = health(&["--url", &url, "--ca", &ca]);
    assert_eq!(code, Some(1), "the certificate is not for the address: {told}");
    let (code, told) = health(&["--url", &url, "--ca", "/nowhere/ca.pem"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("/nowhere/ca.pem cannot be read"), "{told}");
}

/// A container's health check has no certificate to show.
#[test]
fn it_can_ask_the_listener_for_those_who_run_the_gateway() {
    let upstream = ScriptedUpstream::answering(OK);
    let clients = Files::new();
    clients.write("clients.pem", &Authority::new("clients").certificate);
    let free = TcpListener::bind("127.0.0.1:0")
        .expect("a free port")
        .local_addr()
        .expect("it is bound");
    let (ca, admin) = (clients.text("clients.pem"), free.to_string());
    let mutual = [
        "--tls-client-ca",
        &ca,
        "--tls-client-auth",
        "required",
        "--admin-listen",
        &admin,
    ];
    let secured = Secured::before(&upstream.url, &mutual);
    for path in ["/ready", "/live"] {
        let url = format!("http://{admin}{path}");
        eventually("an answer", || health(&["--url", &url]) == (Some(0), String::new()));
    }

    // What clients connect to cannot be asked, and that is said with what can.
    clients.write("gateway.pem", &secured.authority.certificate);
    let trusted = clients.text("gateway.pem");
    let url = format!("https://{}", secured.gateway.address);
    let (code, told) = health(&["--url", &url, "--server-name", GATEWAY, "--ca", &trusted]);
    assert_eq!(code, Some(1));
    assert!(
        told.contains("wants a certificate of its clients, and `health` has none"),
        "{told}"
    );
    assert!(told.contains("`--url http://127.0.0.1:9281/ready`"), "{told}");
}
