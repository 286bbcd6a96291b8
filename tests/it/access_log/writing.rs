//! Where lines go: into a file that may be renamed, to standard output, nowhere, and never at the cost of a request.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;
use tempfile::NamedTempFile;

use super::logged::{Logged, OK};
use crate::support::gateway::{ANY_PORT, BINARY, Gateway};
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::wire::{Connection, eventually, request};

#[test]
fn a_file_that_was_renamed_is_made_anew_on_sigusr1() {
    let upstream = ScriptedUpstream::answering(OK);
    let logged = Logged::before(&[&upstream.url]);
    assert_eq!(logged.call("GET", "/first", "").status(), 200);
    eventually("the first line", || logged.lines().len() == 1);
    let renamed = logged.folder.path().join("access.log.1");
    fs::rename(logged.file(), &renamed).expect("it is renamed");
    assert_eq!(logged.call("GET", "/second", "").status(), 200);
    eventually("the second line in the old file", || {
        fs::read_to_string(&renamed).expect("the old file").lines().count() == 2
    });
    logged.signal("USR1");
    logged.gateway.logged(&["the access log was reopened"]);
    assert_eq!(logged.call("GET", "/third", "").status(), 200);
    eventually("a line in the new file", || logged.lines().len() == 1);
    assert_eq!(logged.lines()[0]["url"]["path"], "/third");
    assert_eq!(fs::read_to_string(&renamed).expect("the old file").lines().count(), 2);
}

#[test]
fn a_file_that_cannot_be_opened_again_is_told_and_lines_go_on() {
    let upstream = ScriptedUpstream::answering(OK);
    let logged = Logged::before(&[&upstream.url]);
    let renamed = logged.folder.path().join("access.log.1");
    fs::rename(logged.file(), &renamed).expect("it is renamed");
    fs::create_dir(logged.file()).expect("a folder in its place");
    logged.signal("USR1");
    logged
        .gateway
        .logged(&["ERROR", "the access log could not be reopened"]);
    assert_eq!(logged.call("GET", "/a", "").status(), 200);
    eventually("a line in the old file", || {
        fs::read_to_string(&renamed).expect("the old file").lines().count() == 1
    });
}

#[test]
fn a_gateway_whose_log_cannot_be_opened_does_not_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("gateway.yml");
    let log = folder.path().join("nowhere/access.log");
    let yaml = format!("access_log: {{format: text, file: '{}'}}", log.display());
    fs::write(&config, yaml).expect("it is written");
    let output = Command::new(BINARY)
        .args(["serve", "--listen", ANY_PORT, "--config"])
        .arg(&config)
        .output()
        .expect("the binary starts");
    assert_eq!(output.status.code(), Some(70));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("cannot write the access log") && said.contains("nowhere/access.log"),
        "{said}"
    );
}

/// A gateway that writes its access log to a pipe.
fn piped(upstream: &ScriptedUpstream, yaml: &str) -> (Gateway, NamedTempFile) {
    let config = NamedTempFile::with_suffix(".yml").expect("a file");
    fs::write(config.path(), yaml).expect("it is written");
    let mut command = Command::new(BINARY);
    command.stdout(Stdio::piped());
    let path = config.path().to_str().expect("a path").to_owned();
    let gateway = Gateway::by(command, ANY_PORT, &[&upstream.url], &["--config", &path]);
    (gateway, config)
}

#[test]
fn without_a_file_lines_go_to_standard_output() {
    let upstream = ScriptedUpstream::answering(OK);
    let (mut gateway, _config) = piped(&upstream, "access_log: {format: text}");
    assert_eq!(gateway.call("GET", "/a?token=planted", "").status(), 200);
    let mut lines = BufReader::new(gateway.take_output()).lines();
    let line = lines.next().expect("a line").expect("text");
    assert!(
        line.contains(" \"GET /a?token=[redacted]\" 200 outcome=complete received=0 sent=2 "),
        "{line}"
    );
    assert!(
        line.contains(&format!(" node={} retries=0 plugin=- ", upstream.url)),
        "{line}"
    );
}

#[test]
fn without_a_format_nothing_is_written() {
    let upstream = ScriptedUpstream::answering(OK);
    let (mut gateway, _config) = piped(&upstream, "{}");
    assert_eq!(gateway.call("GET", "/a", "").status(), 200);
    let output = gateway.take_output();
    gateway.terminate();
    assert_eq!(gateway.wait(), Some(0));
    assert_eq!(BufReader::new(output).lines().count(), 0);
}

#[test]
fn a_pipe_that_nobody_reads_costs_lines_and_no_request() {
    const REQUESTS: usize = 6000;
    let upstream = ScriptedUpstream::answering(OK);
    let yaml = "access_log: {format: json}\nadmin: {listen: '127.0.0.1:0'}";
    let (mut gateway, _config) = piped(&upstream, yaml);
    // With targets that are as long as what is logged of one, a pipe of 64 KiB holds a handful.
    let target = format!("/{}", "a".repeat(4000));
    let asked = request("GET", &target, &[], "");
    let mut connection = Connection::to(gateway.address);
    for _ in 0..REQUESTS {
        connection.send(&asked);
        assert_eq!(connection.read().status(), 200);
    }
    let metrics = gateway.ask_admin("GET", "/metrics").text();
    let figure = |name: &str| {
        let found = metrics.lines().find_map(|line| line.strip_prefix(name));
        found.expect(name).trim().parse::<usize>().expect("a number")
    };
    let dropped = figure("anomaly_gateway_access_log_dropped_total ");
    assert!(dropped > 0 && dropped < REQUESTS, "{dropped}");
    assert_eq!(
        figure("anomaly_gateway_requests_total{outcome=\"complete\",status=\"2xx\",method=\"GET\"} "),
        REQUESTS
    );
    // Read at last, the pipe holds every line that was not dropped, and the gateway ends.
    let read = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&read);
    let output = BufReader::new(gateway.take_output());
    let reading = thread::spawn(move || {
        for _ in output.lines().map_while(Result::ok) {
            counting.fetch_add(1, Ordering::Relaxed);
        }
    });
    eventually("the last line", || read.load(Ordering::Relaxed) == REQUESTS - dropped);
    gateway.terminate();
    assert_eq!(gateway.wait(), Some(0));
    reading.join().expect("it reads");
    assert_eq!(read.load(Ordering::Relaxed), REQUESTS - dropped);
}

/// The fields of the Elastic Common Schema (8.11) that lines use, with the kind of their value.
const ECS: [(&str, &str); 29] = [
    ("@timestamp", "text"),
    ("ecs.version", "text"),
    ("event.kind", "text"),
    ("event.category", "list"),
    ("event.type", "list"),
    ("event.dataset", "text"),
    ("event.outcome", "text"),
    ("event.reason", "text"),
    ("event.duration", "number"),
    ("service.name", "text"),
    ("service.type", "text"),
    ("client.ip", "text"),
    ("client.port", "number"),
    ("http.request.method", "text"),
    ("http.request.body.bytes", "number"),
    ("http.response.status_code", "number"),
    ("http.response.body.bytes", "number"),
    ("http.version", "text"),
    ("url.original", "text"),
    ("url.path", "text"),
    ("url.query", "text"),
    ("trace.id", "text"),
    ("tls.version", "text"),
    ("tls.version_protocol", "text"),
    ("tls.established", "boolean"),
    // Not of the schema: Elasticsearch's own log has the first, the others have the gateway's name.
    ("elasticsearch.http.request.x_opaque_id", "text"),
    ("anomaly_gateway.outcome", "text"),
    ("anomaly_gateway.node", "text"),
    ("anomaly_gateway.retries", "number"),
];

fn flattened(prefix: &str, value: &Value, fields: &mut BTreeSet<(String, &'static str)>) {
    let kind = match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = if prefix.is_empty() {
                    name.clone()
                } else {
                    format!("{prefix}.{name}")
                };
                flattened(&name, member, fields);
            }
            return;
        }
        Value::String(_) => "text",
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::Array(_) => "list",
        Value::Null => "nothing",
    };
    fields.insert((prefix.to_owned(), kind));
}

#[test]
fn a_line_of_json_has_the_names_of_the_elastic_common_schema() {
    let upstream = ScriptedUpstream::answering(OK);
    let logged = Logged::before(&[&upstream.url]);
    assert_eq!(logged.call("POST", "/a?b=c", "{}").status(), 200);
    let line = logged.only();
    let mut fields = BTreeSet::new();
    flattened("", &line, &mut fields);
    for (name, kind) in &fields {
        let is_own_time = name.starts_with("anomaly_gateway.") && name.ends_with("_duration") && *kind == "number";
        let is_known = ECS.contains(&(name.as_str(), *kind)) || is_own_time;
        assert!(is_known, "{name} ({kind}) in {line:#}");
    }
    assert_eq!(line["ecs"]["version"], "8.11.0");
    assert_eq!(line["event"]["kind"], "event");
    assert_eq!(line["event"]["category"], serde_json::json!(["web"]));
    assert_eq!(line["event"]["type"], serde_json::json!(["access"]));
    let time = line["@timestamp"].as_str().expect("a time");
    assert!(
        time.len() == 24 && time.ends_with('Z') && time.as_bytes()[10] == b'T',
        "{time}"
    );
}
