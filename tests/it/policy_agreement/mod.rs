//! One engine: what `serve` decides on a job by a policy, `validate`, `test` and `impact` decide, too.

mod pairs;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anomaly_gateway::plugin::anomaly_job::create_request;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;
use crate::support::stand_in::StandIn;
use crate::support::wire::{self, Answer, eventually};
use pairs::{Pair, pairs};

const COUNT: usize = 2000;

/// How many policies a gateway is given at a time.
const AT_A_TIME: usize = 500;

/// A job, and a policy that audits it, which tell that all audits before are done.
const LAST: &str = "last";

/// What all of them answer as.
const API: &str = "8";

/// A violation: the enforcement, where, and the whole line.
type Violation = (String, String, String);

/// What was decided on a job.
#[derive(Debug, Clone, PartialEq, Default)]
struct Decision {
    is_refused: bool,
    violations: Vec<Violation>,
    /// What would be stored, less the time.
    effective: Option<Value>,
}

/// A folder with the policies of all pairs and a configuration that names them.
fn folder(pairs: &[Pair]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let last = json!({"name": LAST, "match": {"job_id": [LAST]}, "enforcement": "audit", "rule": "false"});
    let policies: Vec<&Value> = pairs.iter().map(|pair| &pair.policy).chain([&last]).collect();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    fs::create_dir(folder.path().join("policies")).expect("a folder");
    write("policies/all.yml", &json!({ "policies": policies }).to_string());
    write(
        "gateway.yml",
        &format!(
            "admin: {{ listen: '127.0.0.1:0' }}\njobs: {{ api: '{API}' }}\npolicies: {{ files: [policies/all.yml] }}\n"
        ),
    );
    folder
}

/// What a command prints, and its exit code.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anomaly-gateway"));
    let output = command.args(arguments).current_dir(folder).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let printed = String::from_utf8(output.stdout).expect("text");
    assert!(said.is_empty(), "{said}");
    (output.status.code(), printed)
}

/// A document less what no two runs have alike.
fn without_time(mut document: Value) -> Value {
    document.as_object_mut().expect("a job").shift_remove("create_time");
    document
}

/// The text that a `Warning` field quotes.
fn quoted(field: &str) -> String {
    let (_, text) = field.split_once(" \"").expect("a quoted text");
    let text = text
        .strip_suffix('"')
        .expect("its end")
        .replace("\\\"", "\"")
        .replace("\\\\", "\\");
    percent_decode_str(&text).decode_utf8().expect("text").into_owned()
}

/// What a client of `serve` sees of the policies.
fn seen(answer: &Answer) -> Decision {
    let error = &answer.json()["error"];
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let causes = error["root_cause"].as_array().into_iter().flatten();
    let causes = causes.filter(|cause| cause["type"] == "policy_violation_exception");
    let mut violations: Vec<Violation> = causes
        .map(|cause| ("enforce".to_owned(), text(&cause["pointer"]), text(&cause["reason"])))
        .collect();
    let warnings = answer.values("warning").into_iter().map(quoted);
    let warnings = warnings.filter(|line| line.starts_with("policy ["));
    violations.extend(warnings.map(|line| ("warn".to_owned(), String::new(), line)));
    violations.sort();
    Decision {
        is_refused: answer.status() != 200,
        violations,
        effective: None,
    }
}

/// What `serve` decides, before a cluster that is not there, and the audits that it has counted, by policy.
fn served(pairs: &[Pair]) -> (Vec<Decision>, BTreeMap<String, usize>) {
    let (mut decisions, mut audits) = (Vec::new(), BTreeMap::new());
    for pairs in pairs.chunks(AT_A_TIME) {
        let folder = folder(pairs);
        let config = folder.path().join("gateway.yml");
        let cluster = StandIn::elasticsearch("8.19.21");
        let gateway = Gateway::with(&[cluster.url()], &["--config", config.to_str().expect("a path")]);
        decisions.extend(served_by(&gateway, &cluster, pairs));
        audits.extend(audited(&gateway));
    }
    (decisions, audits)
}

fn served_by(gateway: &Gateway, cluster: &StandIn, pairs: &[Pair]) -> Vec<Decision> {
    let mut decisions: Vec<Decision> = pairs
        .iter()
        .map(|pair| seen(&gateway.create_job(&pair.job_id, &pair.job.to_string())))
        .collect();
    let stored = cluster.requests("PUT /anomaly%2Ddetectors/_create/");
    let mut stored = stored.iter().map(|(_, body)| body);
    for decision in decisions.iter_mut().filter(|decision| !decision.is_refused) {
        let document = stored.next().expect("what is admitted is stored");
        decision.effective = Some(without_time(serde_json::from_str(document).expect("JSON")));
    }
    assert_eq!(stored.next(), None, "what is refused is not stored");
    decisions
}

/// What `validate` decides.
fn validated(folder: &Path, pairs: &[Pair]) -> Vec<Decision> {
    let jobs: Vec<String> = pairs.iter().map(|pair| format!("{}.json", pair.job_id)).collect();
    for (name, pair) in jobs.iter().zip(pairs) {
        fs::write(folder.join(name), pair.job.to_string()).expect("a file");
    }
    let options = [
        "validate",
        "--config",
        "gateway.yml",
        "--format",
        "json",
        "--print",
        "effective",
    ];
    let arguments: Vec<&str> = options.into_iter().chain(jobs.iter().map(String::as_str)).collect();
    let (_, report) = run(folder, &arguments);
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let jobs = report["jobs"].as_array().expect("a list");
    jobs.iter()
        .map(|job| {
            let findings = job["findings"].as_array().expect("a list").iter();
            let findings = findings.filter(|finding| {
                finding["rule"]
                    .as_str()
                    .is_some_and(|rule| !rule.starts_with("elasticsearch"))
            });
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let mut violations: Vec<Violation> = findings
                .map(|finding| {
                    let enforcement = match finding["level"].as_str().expect("a text") {
                        "error" => "enforce",
                        "warning" => "warn",
                        other => other,
                    };
                    (
                        enforcement.to_owned(),
                        text(&finding["pointer"]),
                        text(&finding["text"]),
                    )
                })
                .collect();
            violations.sort();
            Decision {
                is_refused: job["verdict"] == "refused",
                violations,
                effective: Some(&job["effective"])
                    .filter(|job| !job.is_null())
                    .cloned()
                    .map(without_time),
            }
        })
        .collect()
}

/// What a client sees of a decision: warnings have no place of their own, a refusal has none, and audits are not told.
fn as_seen(decision: &Decision) -> Decision {
    let is_told = |enforcement: &str| enforcement == "enforce" || enforcement == "warn" && !decision.is_refused;
    let told = decision
        .violations
        .iter()
        .filter(|(enforcement, ..)| is_told(enforcement));
    let place = |enforcement: &str, pointer: &str| if enforcement == "warn" { "" } else { pointer }.to_owned();
    let mut violations: Vec<Violation> = told
        .map(|(enforcement, pointer, line)| (enforcement.clone(), place(enforcement, pointer), line.clone()))
        .collect();
    violations.sort();
    Decision {
        violations,
        ..decision.clone()
    }
}

/// The audits that a gateway has counted, by policy, once it has done them all: the last one is marked.
fn audited(gateway: &Gateway) -> BTreeMap<String, usize> {
    let counted = || {
        let metrics = gateway.ask_admin("GET", "/metrics").text();
        let counted = metrics.lines().filter_map(|line| {
            let rest = line.strip_prefix("anomaly_gateway_policy_violations_total{policy=\"")?;
            let (policy, rest) = rest.split_once('"')?;
            let (_, count) = rest.split_once("enforcement=\"audit\",dry_run=\"false\"} ")?;
            Some((policy.to_owned(), count.parse().expect("a number")))
        });
        // Each policy is there from the start.
        let counted = counted.filter(|(_, count)| *count > 0);
        counted.collect::<BTreeMap<String, usize>>()
    };
    assert_eq!(gateway.create_job(LAST, &job::smallest()).status(), 200);
    eventually("the last audit", || counted().contains_key(LAST));
    let mut counted = counted();
    counted.remove(LAST);
    counted
}

/// A file of tests that expect these decisions.
fn cases(pairs: &[Pair], decisions: &[Decision]) -> Value {
    let case = |(pair, decision): (&Pair, &Decision)| {
        let violations = decision.violations.iter();
        let violations = violations.map(|(_, pointer, _)| json!({"policy": pair.job_id, "pointer": pointer}));
        let mut expected = json!({
            "verdict": if decision.is_refused { "refused" } else { "admitted" },
            "violations": violations.collect::<Vec<_>>(),
        });
        if let Some(effective) = &decision.effective {
            expected["effective"] = effective.clone();
        }
        json!({"name": pair.job_id, "job_id": pair.job_id, "job": pair.job, "api": API, "expect": expected})
    };
    json!({"tests": pairs.iter().zip(decisions).map(case).collect::<Vec<_>>()})
}

#[test]
fn serve_validate_and_test_decide_alike() {
    let pairs = pairs(COUNT);
    let folder = folder(&pairs);
    let (served, audited) = served(&pairs);
    let validated = validated(folder.path(), &pairs);
    for ((pair, served), validated) in pairs.iter().zip(&served).zip(&validated) {
        assert_eq!(*served, as_seen(validated), "{}\n{}", pair.job, pair.policy);
    }

    let mut audits: BTreeMap<String, usize> = BTreeMap::new();
    for (pair, decision) in pairs.iter().zip(&validated) {
        let found = decision
            .violations
            .iter()
            .filter(|(enforcement, ..)| enforcement == "audit")
            .count();
        if found > 0 {
            audits.insert(pair.job_id.clone(), found);
        }
    }
    assert_eq!(audited, audits);

    for (pairs, decisions) in pairs.chunks(AT_A_TIME).zip(validated.chunks(AT_A_TIME)) {
        let folder = self::folder(pairs);
        let cases = cases(pairs, decisions).to_string();
        fs::write(folder.path().join("policies/all_test.yml"), cases).expect("a file");
        let (exit, report) = run(folder.path(), &["test", "policies"]);
        assert_eq!(exit, Some(0), "{report}");
        let passed = format!("{} passed, 0 failed; judged as Elasticsearch ", pairs.len());
        assert!(report.starts_with(&passed) && report.lines().count() == 1, "{report}");
    }

    // That much is decided in each way, so that the agreement means something.
    let count = |wanted: fn(&Decision) -> bool| validated.iter().filter(|decision| wanted(decision)).count();
    let refused = count(|decision| decision.is_refused && !decision.violations.is_empty());
    let warned = count(|decision| !decision.is_refused && !decision.violations.is_empty());
    let filled = count(|decision| {
        decision
            .effective
            .as_ref()
            .is_some_and(|job| job["description"] == "from a policy")
    });
    assert!(
        refused > COUNT / 10 && warned > COUNT / 20 && filled > COUNT / 100,
        "{refused} {warned} {filled}"
    );
    assert!(audits.len() > COUNT / 50, "{}", audits.len());
}

/// Jobs as they are stored where no policy holds, in a real cluster.
#[test]
fn impact_refuses_the_stored_jobs_that_serve_would() {
    let mut pairs = pairs(COUNT);
    let folder = folder(&pairs);
    let index = node::fresh_id("agreement");
    let write = |name: &str, more: &str| {
        let text = format!(
            "jobs: {{ api: '{API}', index: {index} }}\nupstream: {{ nodes: ['{}'] }}\n{more}",
            node::shared_url()
        );
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path.to_str().expect("a path").to_owned()
    };
    let free = write("free.yml", "");
    let jobs: Vec<String> = pairs.iter().map(|pair| format!("{}.json", pair.job_id)).collect();
    for (name, pair) in jobs.iter().zip(&pairs) {
        fs::write(folder.path().join(name), pair.job.to_string()).expect("a file");
    }
    let options = [
        "validate",
        "--config",
        "free.yml",
        "--format",
        "json",
        "--print",
        "effective",
    ];
    let arguments: Vec<&str> = options.into_iter().chain(jobs.iter().map(String::as_str)).collect();
    let report: Value = serde_json::from_str(&run(folder.path(), &arguments).1).expect("JSON");
    let effective = report["jobs"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|job| job["effective"].clone());
    let stored: Vec<Value> = effective.filter(|job| !job.is_null()).collect();

    // The gateway makes the index as it wants it.
    let gateway = Gateway::with(&[node::shared_url()], &["--config", &free]);
    assert_eq!(gateway.create_job("first", &job::smallest()).status(), 200);
    let lines = stored.iter().map(|job| {
        let id = format!("anomaly_detector-{}", job["job_id"].as_str().expect("an id"));
        format!("{}\n{job}\n", json!({"index": {"_id": id}}))
    });
    let bulk = gateway.call(
        "POST",
        &format!("/{index}/_bulk?refresh=true"),
        &lines.collect::<Vec<_>>().concat(),
    );
    assert_eq!(bulk.json()["errors"], false, "{}", bulk.text());

    let arguments = [
        "impact",
        "--config",
        &free,
        "--policies",
        "policies",
        "--format",
        "json",
    ];
    let (exit, report) = run(folder.path(), &arguments);
    assert_eq!(exit, Some(1));
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["jobs"], stored.len() + 1);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let refused = report["newly_refused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|refused| {
            let violations = refused["violations"].as_array().expect("a list").iter();
            let mut violations: Vec<Violation> = violations
                .map(|violation| {
                    (
                        "enforce".to_owned(),
                        text(&violation["pointer"]),
                        text(&violation["text"]),
                    )
                })
                .collect();
            violations.sort();
            (text(&refused["job_id"]), violations)
        });
    let refused: BTreeMap<String, Vec<Violation>> = refused.collect();

    pairs.retain(|pair| stored.iter().any(|job| job["job_id"] == pair.job_id.as_str()));
    for (pair, stored) in pairs.iter_mut().zip(&stored) {
        let request = create_request::request(&stored.to_string()).expect("a request");
        pair.job = serde_json::from_str(&request).expect("JSON");
    }
    let served = served(&pairs).0.into_iter().zip(&pairs);
    let served = served.filter(|(decision, _)| decision.is_refused);
    let served: BTreeMap<String, Vec<Violation>> = served
        .map(|(decision, pair)| (pair.job_id.clone(), decision.violations))
        .collect();
    assert!(served.len() > COUNT / 10, "{}", served.len());
    assert_eq!(refused, served);
    wire::call(gateway.address, "DELETE", &format!("/{index}"), &[], "");
}
