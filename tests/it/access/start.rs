//! What is said at the start of a gateway that could serve nobody.

use std::fs;
use std::process::Command;

use crate::support::stand_in::StandIn;

fn start(url: &str, access: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("account"), "ApiKey abc").expect("a file");
    fs::write(folder.path().join("password"), "hunter2").expect("a file");
    fs::write(folder.path().join("gateway.yml"), format!("access: {{ {access} }}\n")).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_anomaly-gateway"));
    command.args([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--config",
        "gateway.yml",
        "--upstream",
        url,
    ]);
    let output = command
        .current_dir(folder.path())
        .env("NO_COLOR", "1")
        .output()
        .expect("it runs");
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn an_account_has_credentials_that_can_be_read() {
    for (access, told) in [
        ("mode: service", "the gateway has no account to store jobs with"),
        ("mode: service, authorization: nowhere", "nowhere cannot be read"),
        (
            "mode: service, authorization: password",
            "does not hold a value of `Authorization`",
        ),
        ("mode: service, certificate: a.pem", "`access.key` is not set"),
        (
            "mode: service, certificate: a.pem, key: b.pem",
            "no node is spoken to in TLS",
        ),
        ("mode: services", "expected `caller` or `service`"),
    ] {
        let (code, said) = start("http://127.0.0.1:1", access);
        assert_eq!(code, Some(2), "{access}: {said}");
        assert!(said.contains(told) && !said.contains("hunter2"), "{access}: {said}");
    }
}

#[test]
fn before_opensearch_an_account_serves_roles_or_the_gateway_does_not_start() {
    let cluster = StandIn::opensearch();
    let (code, said) = start(cluster.url(), "mode: service, authorization: account");
    assert_ne!(code, Some(0));
    assert!(said.contains("set `access.roles`"), "{said}");
}
