//! What those who run the gateway can look up: its policies, its last decisions and why, and its configuration.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::authority::Files;
use crate::support::gateway::{BINARY, Gateway};
use crate::support::job;
use crate::support::scripted_upstream::field;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{self, Answer, eventually};

const HEADER: &str = "x-anomaly-gateway-decision";

const POLICIES: &str = "policies:\n  \
    - { name: no-red, enforcement: enforce, message: Choose another., schema: { properties: { description: { not: { const: red } } } } }\n  \
    - { name: owner, enforcement: warn, defaults: { groups: [unowned] }, schema: { properties: { groups: { items: { not: { const: unowned } } } } } }\n  \
    - { name: of-others, enforcement: enforce, match: { job_id: ['other-*'] }, rule: 'false' }\n";

const SHADOW: &str = "policies: [{ name: next, enforcement: enforce, enforce_after: 2099-01-01, rule: 'true' }]";

/// A gateway with these policies, a shadow set, and what else its file says of jobs and the listener.
fn governed(cluster: &StandIn, files: &Files, admin: &str, jobs: &str) -> Gateway {
    files.write("policies.yml", POLICIES);
    files.write("shadow.yml", SHADOW);
    let yaml = format!(
        "admin: {{listen: '127.0.0.1:0'{admin}}}\njobs: {{api: 8.19{jobs}}}\npolicies: {{files: [policies.yml], shadow: [shadow.yml]}}\n"
    );
    files.write("gateway.yml", &yaml);
    Gateway::with(&[cluster.url()], &["--config", &files.text("gateway.yml")])
}

fn described(description: &str) -> String {
    let mut body: Value = serde_json::from_str(&job::smallest()).expect("JSON");
    body["description"] = json!(description);
    body.to_string()
}

fn page(gateway: &Gateway, path: &str) -> Value {
    let answer = gateway.ask_admin("GET", path);
    assert_eq!(answer.status(), 200, "{path}: {}", answer.text());
    assert_eq!(answer.values("content-type"), ["application/json"]);
    answer.json()
}

#[test]
fn the_listener_lists_what_it_answers() {
    let gateway = Gateway::configured(&["http://127.0.0.1:1"], "admin: {listen: '127.0.0.1:0'}");
    let list = page(&gateway, "/");
    let paths = list["paths"].as_array().expect("a list");
    let listed: Vec<&str> = paths.iter().filter_map(|path| path["path"].as_str()).collect();
    for path in [
        "/",
        "/live",
        "/ready",
        "/metrics",
        "/policies",
        "/policies/report",
        "/decisions",
        "/config",
        "/log-level",
        "/dashboard",
        "/try",
    ] {
        assert!(listed.contains(&path), "{path}");
    }
    for path in paths {
        let (name, methods) = (
            path["path"].as_str().expect("a path"),
            path["methods"].as_str().expect("methods"),
        );
        let refused = gateway.ask_admin("DELETE", &name.replace("<id>", "x"));
        assert_eq!(
            (refused.status(), refused.values("allow")),
            (405, vec![methods]),
            "{name}"
        );
        assert!(path["about"].as_str().is_some_and(|about| about.len() > 5), "{name}");
    }
    let missing = gateway.ask_admin("GET", "/dashbord");
    assert_eq!(missing.status(), 404);
    assert!(missing.text().contains("[/decisions/<id>]"), "{}", missing.text());
    assert_eq!(gateway.ask_admin("GET", "/decisions/a-1").status(), 404);
}

#[test]
fn the_policies_in_use_are_shown_with_their_revisions() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let files = Files::new();
    let gateway = governed(&cluster, &files, "", "");
    let shown = page(&gateway, "/policies");
    let ready = page_of_ready(&gateway);
    assert_eq!(shown["active"]["revision"], ready["policies"]["revision"]);
    assert_eq!(shown["shadow"]["revision"], ready["policies"]["shadow"]);
    assert_eq!(
        shown["active"]["policies"][0],
        json!({
            "name": "no-red", "enforcement": "enforce", "message": "Choose another.", "has": ["schema"],
            "on_error": "refuse", "on_update": "new"
        })
    );
    assert_eq!(shown["active"]["policies"][1]["has"], json!(["defaults", "schema"]));
    // Until its day it warns.
    let next = &shown["shadow"]["policies"][0];
    assert_eq!(
        (&next["enforcement"], &next["enforce_after"]),
        (&json!("warn"), &json!("2099-01-01"))
    );
    assert_eq!(shown.get("outdated_policies"), None);

    files.write("policies.yml", "policies: [{ name: word, enforcement: enforcee }]");
    eventually("that it is told", || {
        page(&gateway, "/policies")["outdated_policies"]
            .as_str()
            .is_some_and(|fault| fault.contains("`enforcement`"))
    });
    assert_eq!(page(&gateway, "/policies")["active"], shown["active"]);
}

fn page_of_ready(gateway: &Gateway) -> Value {
    gateway.ask_admin("GET", "/ready").json()
}

/// The decisions that are kept, by the ids of their jobs.
fn kept(gateway: &Gateway) -> Vec<(String, String)> {
    let shown = page(gateway, "/decisions");
    let decisions = shown["decisions"].as_array().expect("a list").clone();
    let text = |decision: &Value, name: &str| decision[name].as_str().expect("a text").to_owned();
    decisions
        .iter()
        .map(|decision| (text(decision, "id"), text(decision, "decision_id")))
        .collect()
}

fn create(gateway: &Gateway, id: &str, body: &str) -> Answer {
    let fields = [
        ("content-type", "application/json"),
        ("X-Opaque-Id", "the-client"),
        // Of the user `ada`.
        ("Authorization", "Basic YWRhOnBsYW50ZWQ="),
    ];
    wire::call(
        gateway.address,
        "PUT",
        &format!("/_ml/anomaly_detectors/{id}?timeout=7s"),
        &fields,
        body,
    )
}

#[test]
fn a_decision_says_what_matched_what_was_filled_in_and_what_was_violated() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let files = Files::new();
    let gateway = governed(&cluster, &files, "", ", decision_id: true");
    let mut body: Value = serde_json::from_str(&described("red")).expect("JSON");
    body["custom_settings"] = json!({"password": "planted"});
    let refused = create(&gateway, "web-1", &body.to_string());
    assert_eq!(refused.status(), 400, "{}", refused.text());
    let admitted = create(&gateway, "web-2", &described("blue"));
    assert_eq!(admitted.status(), 200, "{}", admitted.text());
    let broken = create(
        &gateway,
        "web-3",
        r#"{"analysis_config":{"detectors":[{"function":"planted"}]},"data_description":{}}"#,
    );
    assert_eq!(broken.status(), 400);

    let ids: Vec<&str> = [&broken, &admitted, &refused]
        .map(|answer| answer.values(HEADER)[0])
        .to_vec();
    let expected: Vec<_> = ["web-3", "web-2", "web-1"]
        .into_iter()
        .zip(ids.iter().copied())
        .collect();
    let listed = kept(&gateway);
    assert_eq!(
        listed
            .iter()
            .map(|(id, decision)| (id.as_str(), decision.as_str()))
            .collect::<Vec<_>>(),
        expected
    );

    let why = page(&gateway, &format!("/decisions/{}", ids[2]));
    let expected = json!({
        "decision_id": ids[2], "plugin": "anomaly_job", "id": "web-1", "verdict": "refused", "dry_run": false, "user": "ada",
        "violations": 2, "opaque_id": "the-client", "method": "PUT", "path": "/_ml/anomaly_detectors/web-1", "rule": null,
        "matched": [{"policy": "no-red", "enforcement": "enforce"}, {"policy": "owner", "enforcement": "warn"}],
        "filled_in": [{"pointer": "/groups", "policy": "owner"}],
        "not_evaluated": []
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(why[name], *value, "{name} of {why}");
    }
    assert_eq!(why["revision"], page_of_ready(&gateway)["policies"]["revision"]);
    assert!(why["api"].as_str().is_some_and(|api| api.starts_with("8.19")), "{why}");
    let violated = why["violated"].as_array().expect("a list");
    let no_red = violated
        .iter()
        .find(|violation| violation["policy"] == "no-red")
        .expect("it is violated");
    assert_eq!(
        (&no_red["enforcement"], &no_red["pointer"], &no_red["message"]),
        (&json!("enforce"), &json!("/description"), &json!("Choose another."))
    );
    assert!(
        no_red["text"].as_str().is_some_and(|text| text.contains("[red]")),
        "{no_red}"
    );

    let of_rules = page(&gateway, &format!("/decisions/{}", ids[0]));
    assert!(of_rules["rule"].is_string(), "{of_rules}");
    assert_eq!((&of_rules["matched"], &of_rules["violated"]), (&json!([]), &json!([])));

    // No credentials, nothing of the query, and of the body what policies report.
    let whole: Vec<Value> = ids
        .iter()
        .map(|id| page(&gateway, &format!("/decisions/{id}")))
        .collect();
    for text in [json!(whole).to_string(), page(&gateway, "/decisions").to_string()] {
        for secret in ["planted", "YWRhOnBsYW50ZWQ", "password", "timeout", "7s"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[test]
fn the_last_decisions_are_kept_and_nothing_is_told_unless_it_is_to_be() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let files = Files::new();
    let gateway = governed(&cluster, &files, ", decisions: 2", "");
    for id in ["a", "b", "c"] {
        let answer = create(&gateway, id, &described("blue"));
        assert_eq!((answer.status(), answer.values(HEADER)), (200, Vec::new()));
    }
    gateway.call("GET", "/_search", "");
    let listed = kept(&gateway);
    assert_eq!(listed.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["c", "b"]);
    assert_eq!(page(&gateway, "/decisions")["kept"], 2);
    let first = listed[0].1.replace("-3", "-1");
    let gone = gateway.ask_admin("GET", &format!("/decisions/{first}"));
    assert_eq!(gone.status(), 404);
    assert!(gone.text().contains("the last 2"), "{}", gone.text());
}

#[test]
fn whom_the_cluster_does_not_know_is_told_no_decision() {
    let cluster = StandIn::answering("8.19.21", |(_, head)| {
        let who = || with_fields("401 Unauthorized", &["WWW-Authenticate: Basic"], r#"{"error":"who"}"#);
        field(head, "authorization").is_none().then(who)
    });
    let files = Files::new();
    let gateway = governed(&cluster, &files, "", ", decision_id: true");
    // So that the gateway knows which cluster it is.
    assert_eq!(create(&gateway, "a", &described("blue")).status(), 200);
    let unknown = gateway.call("PUT", "/_ml/anomaly_detectors/b", &described("red"));
    assert_eq!((unknown.status(), unknown.values(HEADER)), (401, Vec::new()));
    let forwarded = gateway.call("GET", "/_search", "");
    assert!(forwarded.values(HEADER).is_empty());
}

/// Of each key its value, the kind of its origin, and the place.
fn keys(values: &Value) -> BTreeMap<String, [String; 3]> {
    let keys = values["keys"].as_array().expect("a list").iter();
    let text = |key: &Value, name: &str| key[name].as_str().expect("a text").to_owned();
    keys.map(|key| {
        (
            text(key, "key"),
            ["value", "origin", "place"].map(|name| text(key, name)),
        )
    })
    .collect()
}

#[test]
fn each_key_is_shown_with_where_it_was_set_and_the_command_prints_the_same() {
    let files = Files::new();
    files.write("reader", "Basic cGxhbnRlZDpwbGFudGVk");
    let file = files.text("gateway.yml");
    files.write(
        "gateway.yml",
        "admin: {listen: '127.0.0.1:0'}\njobs:\n  index: from-the-file\npolicies: {blast_radius: {authorization: reader}}\n",
    );
    let arguments = ["--config", &file, "--jobs-commit", "both"];
    let variables = [("ANOMALY_GATEWAY_LOG", "warn,anomaly_gateway::server=info")];
    let gateway = Gateway::with_environment(&["http://127.0.0.1:1"], &arguments, &variables);
    let shown = page(&gateway, "/config");
    let found = keys(&shown);
    let expect = |key: &str, expected: [&str; 3]| assert_eq!(found[key], expected.map(str::to_owned), "{key}");
    expect("jobs.index", ["from-the-file", "file", &format!("{file}:3")]);
    expect("admin.listen", ["127.0.0.1:0", "file", &format!("{file}:1")]);
    expect("jobs.commit", ["both", "flag", "--jobs-commit"]);
    expect("upstream.nodes", ["http://127.0.0.1:1", "flag", "--upstream"]);
    expect(
        "log.level",
        ["warn,anomaly_gateway::server=info", "variable", "ANOMALY_GATEWAY_LOG"],
    );
    expect("jobs.updates", ["forward", "default", "default"]);
    expect(
        "policies.blast_radius.authorization",
        [&files.text("reader"), "file", &format!("{file}:4")],
    );
    assert!(!shown.to_string().contains("cGxhbnRlZDpwbGFudGVk"), "{shown}");

    let config = |format: &str| {
        let mut command = Command::new(BINARY);
        let flags = [
            "config",
            "--format",
            format,
            "--listen",
            "127.0.0.1:0",
            "--upstream",
            "http://127.0.0.1:1",
        ];
        let output = command
            .args(flags)
            .args(arguments)
            .envs(variables)
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let printed: Value = serde_json::from_str(&config("json")).expect("JSON");
    assert_eq!(printed, shown);
    let text = config("text");
    assert_eq!(text.lines().count(), found.len());
    let line = text
        .lines()
        .find(|line| line.starts_with("jobs.commit: both "))
        .expect("it is printed");
    assert!(line.ends_with("# --jobs-commit"), "{line}");

    // What is changed while it runs is shown as that.
    let changed = wire::call(gateway.admin(), "PUT", "/log-level", &[], "info");
    assert_eq!(changed.status(), 200);
    assert_eq!(
        keys(&page(&gateway, "/config"))["log.level"],
        ["info", "request", "PUT /log-level"].map(str::to_owned)
    );
    files.write(
        "gateway.yml",
        "# a line more\nadmin: {listen: '127.0.0.1:0'}\njobs:\n  index: another\npolicies: {blast_radius: {refuse_over: 2%}}\n",
    );
    let told = Command::new("kill").args(["-HUP", &gateway.pid().to_string()]).status();
    assert!(told.expect("kill runs").success());
    eventually("that it is read", || {
        keys(&page(&gateway, "/config"))["policies.blast_radius.refuse_over"][0] == "2%"
    });
    let after = keys(&page(&gateway, "/config"));
    // A key that needs a restart holds as it was set.
    assert_eq!(
        after["jobs.index"],
        ["from-the-file", "file", &format!("{file}:3")].map(str::to_owned)
    );
    assert_eq!(after["admin.listen"][2], format!("{file}:2"));
}

#[test]
fn the_command_tells_what_is_wrong() {
    let output = Command::new(BINARY)
        .args(["config", "--listen", "nowhere"])
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("--listen nowhere"),
        "{output:?}"
    );
}
