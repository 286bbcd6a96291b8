//! `impact`: what other policies would do to the jobs that are stored in a real cluster.

use std::fs;
use std::process::{Command, Output};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cluster::WRITER;
use insta::assert_snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{self, address_of};

/// More than two pages of the scan.
const COPIES: usize = 450;

/// Refuses the description `red`.
const NEW: &str = "policies:\n  - name: no-red\n    enforcement: enforce\n    \
                   schema: { properties: { description: { not: { const: red } } } }\n    message: Choose another.\n  \
                   - name: in-trial\n    enforcement: warn\n    rule: 'false'\n";

/// A folder with the policies to try, `new/a.yml`.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("new")).expect("a folder");
    fs::write(folder.path().join("new/a.yml"), NEW).expect("a file");
    folder
}

/// Runs `impact` in a folder. What it prints, and its exit code.
fn impact(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anomaly-gateway"));
    let command = command.args(["impact", "--policies", "new"]).args(arguments);
    let output = command.current_dir(folder.path()).env("NO_COLOR", "1").output();
    let Output { status, stdout, stderr } = output.expect("the gateway's binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

fn described(description: &str) -> String {
    let mut body: Value = serde_json::from_str(&job::smallest()).expect("JSON");
    body["description"] = json!(description);
    body.to_string()
}

/// Stores a job through a gateway, and copies of what is stored of it beside it, every 150th of which is `red`.
fn stored_jobs(index: &str) {
    let url = node::shared_url();
    let gateway = Gateway::with(&[url], &["--jobs-index", index]);
    assert_eq!(gateway.create_job("original", &described("blue")).status(), 200);
    let stored = wire::call(
        address_of(url),
        "GET",
        &format!("/{index}/_doc/anomaly_detector-original"),
        &[],
        "",
    );
    let mut copy = stored.json()["_source"].clone();
    let lines: Vec<String> = (0..COPIES)
        .map(|number| {
            let id = format!("copy-{number:04}");
            copy["job_id"] = json!(id);
            copy["description"] = json!(if number % 150 == 0 { "red" } else { "blue" });
            format!(
                "{}\n{copy}\n",
                json!({"create": {"_id": format!("anomaly_detector-{id}")}})
            )
        })
        .collect();
    let fields = [("content-type", "application/x-ndjson")];
    let target = format!("/{index}/_bulk?refresh=true");
    let answer = wire::call(address_of(url), "POST", &target, &fields, &lines.concat());
    assert_eq!(answer.json()["errors"], false, "{}", answer.text());
}

#[test]
fn all_pages_of_stored_jobs_are_judged_by_both_sets() {
    let folder = folder();
    let index = node::fresh_id("impact");
    stored_jobs(&index);
    let cluster = ["--upstream", node::shared_url(), "--jobs-index", &index];
    let run = |more: &[&str]| impact(&folder, &[&cluster, more].concat());

    let (code, stdout, stderr) = run(&[]);
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
    assert_snapshot!(stdout, @r#"
    job [copy-0000]
      policy [no-red]: [/description] is [red], which is what it must not be. Choose another.
    job [copy-0150]
      policy [no-red]: [/description] is [red], which is what it must not be. Choose another.
    job [copy-0300]
      policy [no-red]: [/description] is [red], which is what it must not be. Choose another.
    would newly refuse 3 of 451 stored jobs
    "#);

    for (threshold, code) in [("3", 0), ("2", 1), ("1%", 0), ("0%", 1)] {
        let (ended, stdout, _) = run(&["--fail-over", threshold]);
        assert_eq!(ended, Some(code), "--fail-over {threshold}: {stdout}");
    }

    let (code, stdout, _) = run(&["--format", "json", "--fail-over", "2"]);
    assert_eq!(code, Some(1));
    let report: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(report["jobs"], 451);
    assert_eq!(report["newly_refused"].as_array().expect("a list").len(), 3);
    assert_eq!(report["newly_refused"][1]["job_id"], "copy-0150");
    let violation = &report["newly_refused"][1]["violations"][0];
    assert_eq!(
        (&violation["policy"], &violation["pointer"], &violation["value"]),
        (&json!("no-red"), &json!("/description"), &json!("red"))
    );

    // What the policies that hold refuse already is not new. The index and the cluster are the configuration's, too.
    let config = format!(
        "upstream: {{ nodes: ['{}'] }}\njobs: {{ index: {index} }}\npolicies: {{ files: [old.yml] }}\n",
        node::shared_url()
    );
    fs::write(folder.path().join("gateway.yml"), config).expect("a file");
    let old = NEW
        .replace("no-red", "no-red-copy-0")
        .replace("    message", "    match: { job_id: ['copy-00*'] }\n    message");
    fs::write(folder.path().join("old.yml"), old).expect("a file");
    let (code, stdout, stderr) = impact(&folder, &["--config", "gateway.yml"]);
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
    assert!(
        stdout.ends_with("would newly refuse 2 of 451 stored jobs\n"),
        "{stdout}"
    );
    assert!(!stdout.contains("copy-0000"), "{stdout}");
}

#[test]
fn an_index_without_jobs_is_told() {
    let folder = folder();
    let index = node::fresh_id("no-impact");
    let mapping = json!({"mappings": {"properties": {"job_id": {"type": "keyword"}}}}).to_string();
    let fields = [("content-type", "application/json")];
    let made = wire::call(
        address_of(node::shared_url()),
        "PUT",
        &format!("/{index}"),
        &fields,
        &mapping,
    );
    assert_eq!(made.status(), 200, "{}", made.text());
    let (code, stdout, stderr) = impact(&folder, &["--upstream", node::shared_url(), "--jobs-index", &index]);
    assert_eq!(code, Some(0));
    assert_eq!(stdout, "would newly refuse 0 of 0 stored jobs\n");
    assert_eq!(stderr, format!("anomaly-gateway: no job is stored in [{index}]\n"));
}

#[test]
fn jobs_are_read_in_tls_by_whom_the_file_says_and_refusals_are_told() {
    let secured = node::start_in_tls();
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let ca = &secured.certificates().expect("it speaks TLS").authority;
    fs::copy(ca, path("ca.pem")).expect("a file");
    let value = format!("Basic {}\n", BASE64_STANDARD.encode(WRITER.to_string()));
    fs::write(path("writer"), value).expect("a file");
    let gateway = Gateway::with(
        &[secured.url()],
        &["--upstream-tls-ca", path("ca.pem").to_str().expect("a path")],
    );
    let authorization = fs::read_to_string(path("writer")).expect("a file");
    let fields = [
        ("content-type", "application/json"),
        ("Authorization", authorization.trim()),
    ];
    let created = wire::call(
        gateway.address,
        "PUT",
        "/_ml/anomaly_detectors/a",
        &fields,
        &described("red"),
    );
    assert_eq!(created.status(), 200, "{}", created.text());

    let run = |more: &[&str]| impact(&folder, &[&["--upstream", secured.url()], more].concat());
    let (code, stdout, stderr) = run(&["--upstream-tls-ca", "ca.pem", "--authorization", "writer"]);
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
    assert!(stdout.ends_with("would newly refuse 1 of 1 stored job\n"), "{stdout}");

    let (code, stdout, stderr) = run(&["--upstream-tls-ca", "ca.pem"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("401 Unauthorized"), "{stderr}");
    // Signed by nobody whom the system trusts.
    let (code, stdout, stderr) = run(&["--authorization", "writer"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("certificate"), "{stderr}");
}

#[test]
fn what_cannot_be_read_ends_with_2() {
    let folder = folder();
    fs::write(folder.path().join("two-lines"), "a\nb").expect("a file");
    fs::write(
        folder.path().join("bad.yml"),
        "policies: [{ name: a, enforcement: enforcee }]",
    )
    .expect("a file");
    let closed = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        format!("http://{}", free.local_addr().expect("an address"))
    };
    for (arguments, told) in [
        (
            &["--upstream", closed.as_str()][..],
            "the cluster's version is not known",
        ),
        (&["--upstream", "localhost"], "--upstream localhost"),
        (&["--config", "none.yml"], "none.yml"),
        (&["--policies", "bad.yml"], "did you mean `enforce`?"),
        (&["--authorization", "none"], "none cannot be read"),
        (
            &["--authorization", "two-lines"],
            "two-lines does not hold a value of `Authorization`",
        ),
        (
            &["--fail-over", "101%"],
            "a threshold is a number such as `10`, or a share such as `2%`",
        ),
    ] {
        let (code, stdout, stderr) = impact(&folder, arguments);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(told), "{arguments:?}: {stderr}");
    }
}

#[test]
fn an_index_that_is_not_there_is_a_mistake() {
    let folder = folder();
    let index = node::fresh_id("nothere");
    let (code, stdout, stderr) = impact(&folder, &["--upstream", node::shared_url(), "--jobs-index", &index]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains(&format!("there is no index [{index}]")), "{stderr}");
}

#[test]
fn what_the_cluster_refuses_is_told_with_its_reason() {
    let reason = "no permissions for [indices:admin/mappings/get] and User [name=reader]";
    let body = json!({"error": {"type": "security_exception", "reason": reason}, "status": 403}).to_string();
    let cluster = StandIn::answering("9.5.3", move |(line, _)| {
        line.starts_with("GET /anomaly%2Ddetectors")
            .then(|| with_fields("403 Forbidden", &[], &body))
    });
    let (code, _, stderr) = impact(&folder(), &["--upstream", cluster.url()]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("403 Forbidden") && stderr.contains(reason), "{stderr}");
}
