//! A gateway that logs its requests as JSON into a file, and what its metrics say.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::gateway::Gateway;
use crate::support::wire::{Answer, Connection, call, eventually};

/// A request that no test makes otherwise: what is logged before it has been logged when its line is there.
const MARKER: &str = "/the-last-one";

/// Header fields and a query that hold secrets, each with the word `planted`.
pub const SECRETS: [(&str, &str); 4] = [
    ("Authorization", "Basic cGxhbnRlZA=="),
    ("Cookie", "sid=planted"),
    ("Proxy-Authorization", "Bearer planted"),
    ("es-secondary-authorization", "ApiKey planted"),
];

/// What a node answers.
pub const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A gateway and the folder of its log.
pub struct Logged {
    pub gateway: Gateway,
    pub folder: TempDir,
}

impl Logged {
    pub fn before(nodes: &[&str]) -> Self {
        Self::configured(nodes, "")
    }

    /// With what else its configuration says.
    pub fn configured(nodes: &[&str], yaml: &str) -> Self {
        Self::with_files(nodes, yaml, &[])
    }

    /// With files beside its configuration.
    pub fn with_files(nodes: &[&str], yaml: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("it is written");
        }
        let log = folder.path().join("access.log");
        let config = folder.path().join("gateway.yml");
        let yaml = format!(
            "admin: {{listen: '127.0.0.1:0'}}\naccess_log: {{format: json, file: '{}'}}\n{yaml}",
            log.display()
        );
        fs::write(&config, yaml).expect("it is written");
        let gateway = Gateway::with(nodes, &["--config", config.to_str().expect("a path")]);
        Self { gateway, folder }
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("access.log")
    }

    /// The whole lines so far.
    pub fn lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.file()).expect("the log is there from the start");
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole
            .lines()
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }

    /// The lines of all requests, once they are there: the last one is marked.
    pub fn all(&self) -> Vec<Value> {
        let mut connection = Connection::to(self.gateway.address);
        connection.send(format!("GET {MARKER} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes());
        // Whatever the node makes of it.
        let _ = connection.answer(true);
        drop(connection);
        let is_marker = |line: &Value| line["url"]["path"] == MARKER;
        eventually("the last line", || self.lines().iter().any(is_marker));
        let mut lines = self.lines();
        lines.retain(|line| !is_marker(line));
        lines
    }

    /// The first line, once it is there.
    pub fn first(&self) -> Value {
        eventually("a line", || !self.lines().is_empty());
        self.lines().remove(0)
    }

    /// The one line of the one request, once it has ended.
    pub fn only(&self) -> Value {
        let line = self.first();
        let counted = self.metrics("anomaly_gateway_requests_total{");
        let counted: Vec<_> = counted.iter().filter(|(_, count)| **count != 0).collect();
        let status = line["http"]["response"]["status_code"].as_u64();
        let class = status.map_or("none".to_owned(), |status| format!("{}xx", status / 100));
        let method = line["http"]["request"]["method"].as_str().unwrap_or("other");
        let outcome = line["anomaly_gateway"]["outcome"].as_str().expect("there is one");
        let labels =
            format!("anomaly_gateway_requests_total{{outcome=\"{outcome}\",status=\"{class}\",method=\"{method}\"}}");
        assert_eq!(counted, [(&labels, &1)], "{line:#}");
        let claimed = line["anomaly_gateway"]["plugin"].is_string();
        for (metric, field) in [
            ("request_duration_seconds", &line["event"]["duration"]),
            ("request_own_duration_seconds", &line["anomaly_gateway"]["own_duration"]),
            (
                "request_node_duration_seconds",
                &line["anomaly_gateway"]["node_duration"],
            ),
        ] {
            let metric = format!("anomaly_gateway_{metric}");
            assert_eq!(self.metric(&format!("{metric}_count{{claimed=\"{claimed}\"}}")), 1);
            assert_eq!(self.metric(&format!("{metric}_count{{claimed=\"{}\"}}", !claimed)), 0);
            let nanos = field.as_u64().expect("nanoseconds");
            let seconds = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
            let sum = format!("{metric}_sum{{claimed=\"{claimed}\"}}");
            assert_eq!(self.samples(&sum), [(sum, seconds)]);
        }
        for (metric, side) in [("request", "request"), ("response", "response")] {
            let counted = self.metric(&format!("anomaly_gateway_{metric}_body_bytes_total"));
            let logged = line["http"][side]["body"]["bytes"].as_u64().expect("a number");
            assert_eq!(counted, logged, "{metric}");
        }
        assert_eq!(self.metric("anomaly_gateway_requests_in_flight"), 0);
        assert_eq!(
            self.metric("anomaly_gateway_request_retries_total"),
            line["anomaly_gateway"]["retries"].as_u64().expect("a number")
        );
        let all = self.all();
        assert_eq!(all.len(), 1, "a request was logged twice: {all:#?}");
        line
    }

    /// All samples whose line begins so.
    pub fn metrics(&self, beginning: &str) -> BTreeMap<String, u64> {
        let samples = self.samples(beginning).into_iter();
        let read = samples.map(|(name, value)| (name, value.parse().expect("a whole number")));
        read.collect()
    }

    fn samples(&self, beginning: &str) -> Vec<(String, String)> {
        let text = self.gateway.ask_admin("GET", "/metrics").text();
        let samples = text.lines().filter(|line| line.starts_with(beginning));
        let samples = samples.map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("a sample");
            (name.to_owned(), value.to_owned())
        });
        samples.collect()
    }

    /// One sample.
    pub fn metric(&self, name: &str) -> u64 {
        let metrics = self.metrics(name);
        *metrics.get(name).unwrap_or_else(|| panic!("there is no {name}"))
    }

    /// Makes a request with secrets in its fields.
    pub fn call(&self, method: &str, target: &str, body: &str) -> Answer {
        let fields = [
            &SECRETS[..],
            &[
                ("X-Opaque-Id", "kibana-1"),
                ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
                ("Content-Type", "application/json"),
            ],
        ];
        call(self.gateway.address, method, target, &fields.concat(), body)
    }

    /// Sends the process a signal.
    pub fn signal(&self, name: &str) {
        let pid = self.gateway.pid().to_string();
        let told = Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(told.expect("kill runs").success());
    }
}

/// Asserts what a line says of how its request ended.
pub fn assert_ended(line: &Value, outcome: &str, status: Option<u64>) {
    assert_eq!(line["anomaly_gateway"]["outcome"], outcome, "{line:#}");
    assert_eq!(line["event"]["reason"], outcome);
    assert_eq!(line["http"]["response"]["status_code"].as_u64(), status, "{line:#}");
}

/// A figure of a line that is a time or a size.
pub fn nanos(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}
