//! What would become of a request, tried out at the listener for those who run the gateway: by the same words as a dry run.

use serde_json::{Value, json};

use crate::support::authority::Files;
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::stand_in::StandIn;
use crate::support::wire::{self, Answer, Connection};

const POLICIES: &str = "policies:\n  \
    - { name: no-red, enforcement: enforce, message: Choose another., schema: { properties: { description: { not: { const: red } } } } }\n  \
    - { name: owner, enforcement: warn, defaults: { groups: [unowned] }, schema: { properties: { groups: { items: { not: { const: unowned } } } } } }\n";

const OF_ADA: &str =
    "policies: [{ name: not-ada, enforcement: enforce, match: { users: [ada, auditors] }, rule: 'false' }]";

/// A gateway with these policies, which judges as `api`.
fn governed(upstream: &str, files: &Files, policies: &str, api: &str) -> Gateway {
    files.write("policies.yml", policies);
    let yaml = format!("admin: {{listen: '127.0.0.1:0'}}\njobs: {{api: {api}}}\npolicies: {{files: [policies.yml]}}\n");
    files.write("gateway.yml", &yaml);
    Gateway::with(&[upstream], &["--config", &files.text("gateway.yml")])
}

fn try_out(gateway: &Gateway, query: &str, body: &str) -> Answer {
    let fields = [("content-type", "application/json; charset=utf-8")];
    wire::call(gateway.admin(), "POST", &format!("/try?{query}"), &fields, body)
}

fn described(description: &str) -> String {
    let mut body: Value = serde_json::from_str(&job::smallest()).expect("JSON");
    body["description"] = json!(description);
    body.to_string()
}

/// A document without when it was made.
fn timeless(mut document: Value) -> Value {
    if let Value::Object(members) = &mut document {
        members.shift_remove("create_time");
    }
    if let Some(changes) = document["changes"].as_array_mut() {
        changes.retain(|change| change["path"] != "/create_time");
    }
    if document["changes"].is_null()
        && let Value::Object(members) = &mut document
    {
        members.shift_remove("changes");
    }
    document
}

/// The texts of `Warning` fields, whoever warns.
fn warned(answer: &Answer) -> Vec<String> {
    let texts = answer.values("warning").into_iter();
    texts
        .filter_map(|field| Some(field.split_once('"')?.1.to_owned()))
        .collect()
}

#[test]
fn the_answer_is_that_of_a_dry_run() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let files = Files::new();
    let gateway = governed(cluster.url(), &files, POLICIES, "8.19");
    let cases = [
        ("web-1", described("blue"), 200),
        ("web-2", described("red"), 400),
        ("web-3", job::total_requests(), 200),
        (
            "web-4",
            r#"{"analysis_config":{"detectors":[{"function":"nonsense"}]},"data_description":{}}"#.to_owned(),
            400,
        ),
        ("web-5", r#"{"analysis_config":"#.to_owned(), 400),
        ("web-6", r#"{"descripton":"a name that no job has"}"#.to_owned(), 400),
        ("Not%20an%20id", job::smallest(), 400),
    ];
    for (id, body, status) in cases {
        let dry_run = gateway.call("PUT", &format!("/_ml/anomaly_detectors/{id}?dry_run"), &body);
        let tried = try_out(&gateway, &format!("id={id}"), &body);
        assert_eq!(
            (dry_run.status(), tried.status()),
            (status, status),
            "{id}: {}",
            tried.text()
        );
        assert_eq!(timeless(tried.json()), timeless(dry_run.json()), "{id}");
        assert_eq!(tried.values("content-type"), dry_run.values("content-type"), "{id}");
        let known: Vec<String> = warned(&dry_run);
        for text in warned(&tried) {
            assert!(known.contains(&text), "{text} is not among {known:?}");
        }
    }
    let admitted = try_out(&gateway, "id=web-1", &described("blue"));
    assert_eq!(warned(&admitted).len(), 1, "{admitted:?}");
    assert_eq!(admitted.json()["dry_run"], true);
    let refused = try_out(&gateway, "id=web-2", &described("red")).json();
    assert_eq!(
        refused["error"]["policy"]
            .as_str()
            .or(refused["error"]["root_cause"][0]["policy"].as_str()),
        Some("no-red")
    );
    let by_rule = try_out(&gateway, "id=Not%20an%20id", &job::smallest()).json();
    assert!(
        by_rule["error"]["rule"].is_string() || by_rule["error"]["root_cause"][0]["rule"].is_string(),
        "{by_rule}"
    );
    let pretty = try_out(&gateway, "id=web-1&pretty", &described("blue")).text();
    assert!(pretty.contains("\n  \"job_id\""), "{pretty}");
}

#[test]
fn nothing_is_asked_of_the_cluster_and_nothing_is_counted() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let files = Files::new();
    let gateway = governed(cluster.url(), &files, POLICIES, "8.19");
    let series = "anomaly_gateway_decisions_total{plugin=\"anomaly_job\",verdict=\"admitted\",dry_run=\"true\"}";
    let before = gateway.metric(series);
    assert_eq!(try_out(&gateway, "id=web-1", &described("blue")).status(), 200);
    assert_eq!(gateway.metric(series), before);
    assert_eq!(gateway.ask_admin("GET", "/decisions").json()["decisions"], json!([]));
    let asked: Vec<String> = cluster.received().into_iter().map(|(head, _)| head).collect();
    assert!(asked.iter().all(|head| head.starts_with("HEAD / ")), "{asked:?}");
}

#[test]
fn a_cluster_that_is_down_is_no_hindrance_and_its_version_is_not_made_up() {
    let files = Files::new();
    let gateway = governed("http://127.0.0.1:1", &files, POLICIES, "auto");
    let unknown = try_out(&gateway, "id=a", &job::smallest());
    assert_eq!(unknown.status(), 400);
    assert!(unknown.text().contains("`jobs.api` is `auto`"), "{}", unknown.text());
    assert_eq!(gateway.ask_admin("GET", "/try").json()["api"], Value::Null);
    // What a version calls its jobs' version (create-job.md §3).
    for (api, expected) in [("7.0", "7.0.0"), ("9", "12.0.0")] {
        let tried = try_out(&gateway, &format!("id=a&api={api}"), &job::smallest());
        assert_eq!(tried.status(), 200, "{}", tried.text());
        assert_eq!(tried.json()["job_version"], expected);
    }
    let cluster = StandIn::elasticsearch("8.19.21");
    let asked = governed(cluster.url(), &files, POLICIES, "auto");
    assert_eq!(asked.create_job("a", &described("blue")).status(), 200);
    assert_eq!(asked.ask_admin("GET", "/try").json()["api"], "8.19.21");
    assert_eq!(try_out(&asked, "id=a", &described("blue")).status(), 200);
}

#[test]
fn a_user_can_be_named_whom_policies_are_about() {
    let files = Files::new();
    let gateway = governed("http://127.0.0.1:1", &files, OF_ADA, "8.19");
    assert_eq!(gateway.ask_admin("GET", "/try").json()["asks_for_user"], true);
    for (query, status) in [
        ("", 200),
        ("&user=ada", 400),
        ("&user=eve", 200),
        ("&user=eve&roles=x,%20auditors", 400),
    ] {
        let tried = try_out(&gateway, &format!("id=a{query}"), &job::smallest());
        assert_eq!(tried.status(), status, "{query}: {}", tried.text());
    }
}

#[test]
fn what_cannot_be_tried_is_refused_with_a_reason() {
    let upstream = ScriptedUpstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let gateway = Gateway::configured(&[&upstream.url], "admin: {listen: '127.0.0.1:0'}\njobs: {api: 8.19}\n");
    for (query, status, words) in [
        ("", 400, "`id` is missing"),
        ("id=", 400, "`id` is missing"),
        ("id=a&ip=8", 400, "[ip]"),
        ("id=a&api=6.8", 400, "7.0 to 9.5"),
        ("id=%zz", 400, "%zz"),
    ] {
        let refused = try_out(&gateway, query, &job::smallest());
        assert_eq!(refused.status(), status, "{query}: {}", refused.text());
        let error = refused.json()["error"].as_str().expect("a text").to_owned();
        assert!(error.contains(words), "{query}: {error}");
    }
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
    ] {
        let fields = [("content-type", media_type)];
        let refused = wire::call(gateway.admin(), "POST", "/try?id=a", &fields, &job::smallest());
        assert_eq!(refused.status(), 415, "{media_type}: {}", refused.text());
    }
    let refused = wire::call(gateway.admin(), "POST", "/try?id=a", &[], &job::smallest());
    assert_eq!(refused.status(), 415);
}

#[test]
fn a_body_that_is_too_long_is_refused_announced_or_not() {
    let gateway = Gateway::configured(
        &["http://127.0.0.1:1"],
        "admin: {listen: '127.0.0.1:0'}\njobs: {api: 8.19}\n",
    );
    let most = gateway.ask_admin("GET", "/try").json()["max_body"]
        .as_u64()
        .expect("a number");
    let most = usize::try_from(most).expect("it is small");
    let long = format!("{{\"description\":\"{}\"}}", "x".repeat(most));
    assert_eq!(try_out(&gateway, "id=a", &long).status(), 413);
    let mut connection = Connection::to(gateway.admin());
    let fields = [("content-type", "application/json"), ("transfer-encoding", "chunked")];
    connection.send(&wire::request("POST", "/try?id=a", &fields, ""));
    connection.send(format!("{:x}\r\n{long}\r\n0\r\n\r\n", long.len()).as_bytes());
    let refused = connection.read();
    assert_eq!(refused.status(), 413, "{}", refused.text());
    // One that is as long as may be is judged.
    let body = described(&"x".repeat(most - described("").len()));
    assert_eq!(body.len(), most);
    let judged = try_out(&gateway, "id=a", &body);
    assert!(
        judged.status() == 200 || judged.json()["error"].is_object(),
        "{}",
        judged.text()
    );
}
