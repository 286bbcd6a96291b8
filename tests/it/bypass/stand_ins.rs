//! Before stand-ins of 7.17, 8 and 9, in every commit mode, with versions that are and are not the cluster's.

use std::collections::BTreeMap;
use std::thread;

use super::Governed;
use super::request::{self, CODINGS, FIELDS, METHODS};
use super::spelling::{self, Spelling};
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::Connection;

/// How many requests are made at least.
const REQUESTS: usize = 30_000;

/// What a gateway is told of jobs, before which version.
const GATEWAYS: [(&str, &str); 12] = [
    ("7.17.28", "commit: store"),
    ("7.17.28", "commit: forward"),
    ("7.17.28", "commit: both"),
    ("7.17.28", "commit: forward, api: '8'"),
    ("7.17.28", "commit: store, api: '9'"),
    ("8.19.21", "commit: store"),
    ("8.19.21", "commit: forward"),
    ("8.19.21", "commit: both"),
    ("8.19.21", "commit: forward, api: '9'"),
    ("9.5.3", "commit: store"),
    ("9.5.3", "commit: forward"),
    ("9.5.3", "commit: both"),
];

#[derive(Default)]
struct Counts {
    /// By what is odd about the target, about the fields, and by the coding.
    sent: BTreeMap<String, usize>,
    /// How many reached the stand-in as they were, as requests for something else.
    passed: usize,
}

/// What the cluster has of the job that is updated.
const JOB: &str = r#"{"job_id":"job","analysis_config":{"detectors":[{"function":"count"}]},"data_description":{},"analysis_limits":{"model_memory_limit":"1mb"}}"#;

/// A cluster that has a job, and creates and updates every one it is asked for.
fn cluster(version: &str) -> StandIn {
    StandIn::answering(version, |(line, head)| {
        let is_clients = !head.contains("anomaly-gateway/");
        if line.starts_with("GET /_ml/anomaly_detectors/job ") {
            return Some(with_fields("200 OK", &[], &format!(r#"{{"count":1,"jobs":[{JOB}]}}"#)));
        }
        if line.starts_with("GET /anomaly%2Ddetectors/_doc/") {
            let found = format!(
                r#"{{"_id":"anomaly_detector-job","_seq_no":1,"_primary_term":1,"found":true,"_source":{JOB}}}"#
            );
            return Some(with_fields("200 OK", &[], &found));
        }
        if is_clients && line.starts_with("POST ") && line.contains("_update") {
            return Some(with_fields("200 OK", &[], "{}"));
        }
        let is_create = is_clients && line.starts_with("PUT ") && line.contains("anomaly_detectors");
        is_create.then(|| with_fields("200 OK", &[], r#"{"job_id":"job"}"#))
    })
}

#[test]
fn no_forbidden_job_reaches_a_cluster_by_any_spelling() {
    let per_gateway = REQUESTS.div_ceil(GATEWAYS.len()) + 1;
    let handles = GATEWAYS
        .into_iter()
        .enumerate()
        .map(|(number, (version, jobs))| thread::spawn(move || attack(number, version, jobs, per_gateway)));
    let handles: Vec<_> = handles.collect();
    let mut all = Counts::default();
    for handle in handles {
        let counts = handle.join().expect("no forbidden job arrived");
        all.passed += counts.passed;
        for (kind, count) in counts.sent {
            *all.sent.entry(kind).or_default() += count;
        }
    }
    for (kind, count) in &all.sent {
        eprintln!("{count:7} {kind}");
    }
    let targets = all.sent.iter().filter(|(kind, _)| kind.starts_with("target"));
    let total: usize = targets.map(|(_, count)| count).sum();
    eprintln!(
        "{total:7} in all; {} of them were passed on as requests for something else",
        all.passed
    );
    assert!(total >= REQUESTS, "{total}");
    assert!(
        all.passed > 1000,
        "the stand-ins saw what was forwarded: {}",
        all.passed
    );
}

/// Sends so many requests, taken evenly from all combinations, and looks at everything that arrived.
fn attack(number: usize, version: &str, jobs: &str, count: usize) -> Counts {
    let cluster = cluster(version);
    let governed = Governed::before(cluster.url(), &format!("{jobs}, updates: judge"));
    // The index is there, so that an update finds its job in it.
    let allowed = r#"{"analysis_config":{"detectors":[{"function":"count"}]},"analysis_limits":{"model_memory_limit":"1mb"},"data_description":{}}"#;
    governed.gateway.create_job("another", allowed);
    let spellings = spelling::all();
    let combinations = spellings.len() * METHODS[0].len() * FIELDS.len() * CODINGS.len();
    // A step without a common divisor goes through all of them, each gateway from another place on.
    let step = (combinations / count) | 1;
    let mut counts = Counts::default();
    let mut connection = Connection::to(governed.gateway.address);
    for place in (0..count).map(|turn| (number * 7919 + turn * step) % combinations) {
        let Spelling {
            kind,
            target,
            is_update,
        } = &spellings[place % spellings.len()];
        let rest = place / spellings.len();
        let methods = METHODS[usize::from(*is_update)];
        let method = methods[rest % methods.len()];
        let (of_fields, fields) = FIELDS[rest / methods.len() % FIELDS.len()];
        let coding = CODINGS[rest / methods.len() / FIELDS.len() % CODINGS.len()];
        for kind in [
            format!("target: {kind}"),
            format!("call: {}", if *is_update { "update" } else { "create" }),
            format!("fields: {of_fields}"),
            format!("body: {coding:?}"),
            format!("method: {method}"),
            format!("gateway: {version}, {jobs}"),
        ] {
            *counts.sent.entry(kind).or_default() += 1;
        }
        connection.send(&request::bytes(method, target, fields, coding, *is_update));
        let answer = connection.answer(false);
        let ends = answer.as_ref().is_none_or(|answer| {
            let closes = answer.values("connection").contains(&"close");
            closes || (answer.status() == 400 && answer.body.is_empty())
        });
        if ends {
            connection = Connection::to(governed.gateway.address);
        }
    }
    for (head, body) in cluster.received() {
        let line = head.lines().next().unwrap_or_default();
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let is_forbidden = request::is_marked(&body);
        assert!(
            !(is_forbidden && spelling::is_routed(method, target)),
            "{version}, {jobs}: a forbidden job arrived: {head}"
        );
        let is_stored = target.contains("/_create/") || target.contains("/_doc/anomaly_detector");
        assert!(
            !(is_forbidden && is_stored),
            "{version}, {jobs}: a forbidden job was stored: {head}"
        );
        counts.passed += usize::from(is_forbidden);
    }
    counts
}
