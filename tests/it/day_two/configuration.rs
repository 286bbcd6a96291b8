//! The configuration: where its paths lead, what is told of it, and what becomes of a change.

use std::process::Command;

use serde_json::{Value, json};

use super::{ADMIN, OK};
use crate::support::authority::{Authority, Files};
use crate::support::gateway::{ANY_PORT, BINARY, Gateway};
use crate::support::job;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::stand_in::StandIn;
use crate::support::wire::eventually;

fn hang_up(gateway: &Gateway) {
    let told = Command::new("kill").args(["-HUP", &gateway.pid().to_string()]).status();
    assert!(told.expect("kill runs").success());
}

fn check(files: &Files) -> (Option<i32>, String) {
    let mut command = Command::new(BINARY);
    command
        .args(["check", "--config", &files.text("gateway.yml")])
        .env("NO_COLOR", "1");
    let output = command.output().expect("it runs");
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

#[test]
fn paths_in_the_file_are_relative_to_its_folder_wherever_the_gateway_is_started() {
    let upstream = ScriptedUpstream::answering(OK);
    let files = Files::new();
    files.write_identity("gateway", &Authority::new("servers").sign("gateway", &["localhost"]));
    files.write("reader", "ApiKey YQ==");
    files.write("a.policy.yml", "policies: []");
    let yaml = format!(
        "{{{ADMIN}, tls: {{certificate: gateway.pem, key: gateway-key.pem}}, policies: {{files: ['*.policy.yml'], \
         blast_radius: {{refuse_over: 1, authorization: reader}}}}, access_log: {{format: text, file: access.log}}}}"
    );
    files.write("gateway.yml", &yaml);
    let mut command = Command::new(BINARY);
    command.current_dir("/");
    let config = files.text("gateway.yml");
    let gateway = Gateway::by(command, ANY_PORT, &[&upstream.url], &["--config", &config]);
    eventually("that it is ready", || {
        gateway.ask_admin("GET", "/ready").status() == 200
    });
    assert!(files.path("access.log").exists());
    assert_eq!(check(&files), (Some(0), String::new()));
}

#[test]
fn three_missing_files_and_missing_credentials_are_four_problems() {
    let files = Files::new();
    let yaml = "tls: {certificate: no.pem, key: no.key, client_ca: no-ca.pem, client_auth: required}\npolicies: \
                {blast_radius: {authorization: no-reader}}\n";
    files.write("gateway.yml", yaml);
    let (code, told) = check(&files);
    assert_eq!(code, Some(1));
    for name in ["no.pem", "no.key", "no-ca.pem", "no-reader"] {
        assert!(
            told.contains(&format!("{} cannot be read", files.text(name))),
            "{name}: {told}"
        );
    }
    assert!(told.contains("4 problems"), "{told}");
}

#[test]
fn a_glob_may_name_no_file_where_that_is_said_and_a_path_may_not() {
    let files = Files::new();
    let told = |policies: &str| {
        files.write("gateway.yml", &format!("policies: {{{policies}}}\n"));
        check(&files)
    };
    let (code, text) = told("files: ['none/*.yml']");
    assert!(
        code == Some(1) && text.contains("write `policies.allow_empty: true`"),
        "{text}"
    );
    assert_eq!(
        told("files: ['none/*.yml'], allow_empty: true"),
        (Some(0), String::new())
    );
    let (code, text) = told("files: ['none.yml'], allow_empty: true");
    assert!(
        code == Some(1) && text.contains("no policy file is called like this"),
        "{text}"
    );
}

fn policy(word: &str) -> String {
    format!("policies: [{{name: word, enforcement: enforce, defaults: {{description: {word}}}, rule: 'true'}}]")
}

#[test]
fn on_hangup_what_can_change_is_changed_and_what_cannot_is_named() {
    let cluster = StandIn::elasticsearch("9.5.3");
    let files = Files::new();
    files.write("one.policy.yml", &policy("one"));
    files.write("two.policy.yml", &policy("two"));
    let write = |level: &str, file: &str, more: &str| {
        let yaml = format!("{{{ADMIN}, log: {{level: {level}}}, policies: {{files: {file}.policy.yml}}{more}}}");
        files.write("gateway.yml", &yaml);
    };
    write("info", "one", "");
    let gateway = Gateway::with(&[cluster.url()], &["--config", &files.text("gateway.yml")]);
    let described = || gateway.create_job("a", &job::smallest()).json()["description"].clone();
    let ready = || gateway.ask_admin("GET", "/ready").json();
    let outdated = || gateway.metric("anomaly_gateway_configuration_outdated");
    assert_eq!((described(), outdated()), (Value::from("one"), 0));

    write("debug", "two", ", limits: {requests: 100}, shutdown: {delay: 1s}");
    hang_up(&gateway);
    let line = gateway.logged(&["INFO", "the configuration was reloaded"]);
    assert!(line.contains("changed=\"policies.files, log.level\""), "{line}");
    let line = gateway.logged(&["WARN", "changes of the configuration need a restart"]);
    assert!(line.contains("keys=\"limits.requests, shutdown.delay\""), "{line}");
    eventually("the other policy", || described() == "two");
    assert_eq!(gateway.ask_admin("GET", "/log-level").json(), json!({"level": "debug"}));
    assert_eq!(ready()["needs_restart"], json!(["limits.requests", "shutdown.delay"]));
    assert_eq!(outdated(), 1);

    // Wrong as a whole: everything stays as it is.
    files.write("gateway.yml", "limits: {reqests: 1}\n");
    hang_up(&gateway);
    let line = gateway.logged(&["ERROR", "the configuration could not be reloaded"]);
    assert!(line.contains("did you mean"), "{line}");
    assert!(
        ready()["outdated_configuration"]
            .as_str()
            .is_some_and(|text| text.contains("reqests"))
    );
    assert_eq!(described(), "two");

    write("info", "two", "");
    hang_up(&gateway);
    eventually("that nothing is outdated", || outdated() == 0);
    assert!(ready().get("needs_restart").is_none() && ready().get("outdated_configuration").is_none());
    let used = gateway.metric("anomaly_gateway_configuration_reloads_total{outcome=\"used\"}");
    let refused = gateway.metric("anomaly_gateway_configuration_reloads_total{outcome=\"refused\"}");
    assert_eq!((used, refused), (2, 1));
}

/// What a reload finds wrong is shown where it was written, and not as if it came from the command line.
#[test]
fn a_policy_file_that_has_gone_is_told_at_its_place_in_the_configuration() {
    let cluster = StandIn::elasticsearch("9.5.3");
    let files = Files::new();
    files.write("one.policy.yml", &policy("one"));
    files.write("gateway.yml", &format!("{ADMIN}\npolicies:\n  files: one.policy.yml\n"));
    let gateway = Gateway::with(&[cluster.url()], &["--config", &files.text("gateway.yml")]);
    std::fs::remove_file(files.path("one.policy.yml")).expect("it was there");
    let line = gateway.logged(&["ERROR", "policies could not be reloaded"]);
    assert!(
        line.contains("gateway.yml:3:10") && !line.contains("command line"),
        "{line}"
    );
}
