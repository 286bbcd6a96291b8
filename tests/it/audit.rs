//! `audit.index`: decisions come into an index of the cluster, with who asked and what became of it, and no request waits for
//! that.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cluster::{ADMIN, User};
use serde_json::{Value, json};

use crate::support::authority::Files;
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node::{self, fresh_id};
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{self, eventually};

const ELASTICSEARCH: &str = "X-elastic-product: Elasticsearch";

const POLICIES: &str = "policies:\n  \
    - { name: no-red, enforcement: enforce, schema: { properties: { description: { not: { const: red } } } } }\n  \
    - { name: owner, enforcement: warn, defaults: { groups: [unowned] }, rule: 'true' }\n";

/// How long a call that hangs does so at most, where the test has failed and nobody ends it.
const LONGEST_HANG: Duration = Duration::from_secs(300);

fn basic(user: User) -> String {
    format!("Basic {}", STANDARD.encode(user.to_string()))
}

fn described(description: &str) -> String {
    let mut body: Value = serde_json::from_str(&job::smallest()).expect("JSON");
    body["description"] = json!(description);
    body.to_string()
}

/// A request with credentials that no document may have.
fn create(gateway: &Gateway, target: &str, body: &str) -> u16 {
    let fields = [
        ("content-type", "application/json"),
        ("X-Opaque-Id", "the-client"),
        // Of the user `ada`, whose password is `planted`.
        ("Authorization", "Basic YWRhOnBsYW50ZWQ="),
    ];
    let target = format!("/_ml/anomaly_detectors/{target}");
    wire::call(gateway.address, "PUT", &target, &fields, body).status()
}

fn on_the_node(method: &str, target: &str, body: &str) -> Value {
    let address = wire::address_of(node::shared_url());
    wire::call(address, method, target, &[("content-type", "application/json")], body).json()
}

/// The documents of an index, once there are so many.
fn documents(index: &str, count: usize) -> Vec<Value> {
    let mut found = Vec::new();
    eventually(&format!("that there are {count} documents"), || {
        on_the_node("POST", &format!("/{index}/_refresh"), "");
        let page = on_the_node("GET", &format!("/{index}/_search?size=100"), "");
        let hits = page["hits"]["hits"].as_array().cloned().unwrap_or_default();
        found = hits;
        found.len() >= count
    });
    assert_eq!(found.len(), count, "{found:?}");
    found
}

#[test]
fn every_decision_comes_into_the_index_with_who_asked_and_what_became_of_it() {
    let (files, jobs, decisions) = (Files::new(), fresh_id("audited-jobs"), fresh_id("decisions"));
    files.write("policies.yml", POLICIES);
    let yaml = format!(
        "admin: {{listen: '127.0.0.1:0'}}\njobs: {{index: {jobs}}}\naudit: {{index: {decisions}}}\npolicies: {{files: [policies.yml]}}\n"
    );
    files.write("gateway.yml", &yaml);
    let gateway = Gateway::with(&[node::shared_url()], &["--config", &files.text("gateway.yml")]);
    assert_eq!(create(&gateway, "stored", &described("blue")), 200);
    assert_eq!(create(&gateway, "stored", &described("blue")), 400);
    assert_eq!(create(&gateway, "by-policy?timeout=9s", &described("red")), 400);
    assert_eq!(create(&gateway, "by-rule", r#"{"analysis_config":{}}"#), 400);
    assert_eq!(create(&gateway, "tried?dry_run=true", &described("green")), 200);

    let hits = documents(&decisions, 5);
    let mut seen = BTreeMap::new();
    for hit in &hits {
        let source = &hit["_source"];
        assert_eq!(hit["_id"], source["event"]["id"]);
        assert_eq!(
            (&source["user"]["name"], &source["source"]["ip"]),
            (&json!("ada"), &json!("127.0.0.1"))
        );
        assert_eq!(source["elasticsearch"]["http"]["request"]["x_opaque_id"], "the-client");
        assert_eq!(source["http"]["request"]["method"], "PUT");
        let own = &source["anomaly_gateway"];
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let id = text(&own["id"]);
        assert_eq!(source["url"]["path"], format!("/_ml/anomaly_detectors/{id}"));
        let what = [
            text(&own["verdict"]),
            text(&own["outcome"]),
            text(&source["event"]["outcome"]),
        ];
        seen.insert((id, what.join(" ")), source.clone());

        // What is shown to those who run the gateway is what is written.
        let shown = gateway
            .ask_admin("GET", &format!("/decisions/{}", text(&hit["_id"])))
            .json();
        for name in [
            "verdict",
            "dry_run",
            "api",
            "revision",
            "rule",
            "matched",
            "filled_in",
            "violated",
        ] {
            assert_eq!(own[name], shown[name], "{name}");
        }
        assert_eq!(source["@timestamp"], shown["at"]);
    }
    let what: Vec<(&str, &str)> = seen.keys().map(|(id, what)| (id.as_str(), what.as_str())).collect();
    let expected = [
        ("by-policy", "refused - failure"),
        ("by-rule", "refused - failure"),
        ("stored", "admitted exists failure"),
        ("stored", "admitted stored success"),
        ("tried", "admitted - success"),
    ];
    assert_eq!(what, expected);
    let all = json!(hits).to_string();
    for secret in ["planted", "YWRhOnBsYW50ZWQ=", "timeout=9s"] {
        assert!(!all.contains(secret), "{secret}");
    }

    // The mapping takes its fields for what they are.
    let query = json!({"size": 0, "query": {"bool": {"filter": [
        {"term": {"anomaly_gateway.violated.policy": "no-red"}},
        {"term": {"source.ip": "127.0.0.0/8"}},
        {"range": {"@timestamp": {"gte": "now-1h", "lte": "now+1h"}}}
    ]}}});
    let found = on_the_node("POST", &format!("/{decisions}/_search"), &query.to_string());
    assert_eq!(found["hits"]["total"]["value"], 1, "{found}");
    // The index of jobs has the job.
    on_the_node("POST", &format!("/{jobs}/_refresh"), "");
    assert_eq!(on_the_node("GET", &format!("/{jobs}/_count"), "")["count"], 1);
    eventually("that all are counted", || {
        gateway.metric("anomaly_gateway_audit_events_written_total") == 5
    });
    assert_eq!(gateway.metric("anomaly_gateway_audit_events_waiting"), 0);
}

/// How a cluster takes decision events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    Taking,
    Busy,
    Hanging,
    Unauthorized,
    /// The index is that of something else.
    OfJobs,
    /// The mapping does not take what is about the job `bad`.
    Choosy,
}

/// A cluster in a mode that can be changed, and the events that it has taken.
#[derive(Clone)]
struct Cluster(Arc<Mutex<(Mode, Vec<Value>)>>);

impl Cluster {
    fn start(mode: Mode) -> (Self, StandIn) {
        let cluster = Self(Arc::new(Mutex::new((mode, Vec::new()))));
        let answering = cluster.clone();
        let stand_in = StandIn::reading("8.19.21", move |(line, _), body| answering.answer(line, body));
        (cluster, stand_in)
    }

    fn mode(&self) -> Mode {
        self.0.lock().expect("no test thread panicked").0
    }

    fn change(&self, mode: Mode) {
        self.0.lock().expect("no test thread panicked").0 = mode;
    }

    /// The ids of the jobs of the events that were taken.
    fn taken(&self) -> Vec<String> {
        let taken = &self.0.lock().expect("no test thread panicked").1;
        let ids = taken.iter().filter_map(|event| event["anomaly_gateway"]["id"].as_str());
        ids.map(str::to_owned).collect()
    }

    fn answer(&self, line: &str, body: &str) -> Option<String> {
        let answer = |status, body: &Value| Some(with_fields(status, &[ELASTICSEARCH], &body.to_string()));
        if line.starts_with("GET /decisions HTTP") {
            let index = match self.mode() {
                Mode::Unauthorized => {
                    return answer("401 Unauthorized", &json!({"error": {"type": "security_exception"}}));
                }
                Mode::OfJobs => json!({"anomaly-detectors": {
                    "aliases": {"decisions": {}}, "mappings": {"_meta": {"anomaly_gateway": {"revision": 3}}}, "settings": {}
                }}),
                _ => json!({"decisions": {
                    "aliases": {}, "settings": {},
                    "mappings": {"_meta": {"anomaly_gateway": {"revision": 1, "contents": "decisions"}}}
                }}),
            };
            return answer("200 OK", &index);
        }
        if !line.starts_with("POST /decisions/_bulk") {
            return None;
        }
        let begun = Instant::now();
        while self.mode() == Mode::Hanging && begun.elapsed() < LONGEST_HANG {
            thread::sleep(Duration::from_millis(5));
        }
        let mut state = self.0.lock().expect("no test thread panicked");
        if !matches!(state.0, Mode::Taking | Mode::Choosy) {
            return answer(
                "503 Service Unavailable",
                &json!({"error": {"type": "unavailable_shards_exception"}}),
            );
        }
        let lines: Vec<Value> = body
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let mut items = Vec::new();
        for pair in lines.chunks(2) {
            let id = &pair[0]["create"]["_id"];
            assert_eq!(&pair[1]["event"]["id"], id);
            if state.0 == Mode::Choosy && pair[1]["anomaly_gateway"]["id"] == "bad" {
                let error = json!({"type": "mapper_parsing_exception", "reason": "no such date"});
                items.push(json!({"create": {"_index": "decisions", "_id": id, "status": 400, "error": error}}));
                continue;
            }
            let is_new = !state.1.iter().any(|event| &event["event"]["id"] == id);
            items.push(if is_new {
                state.1.push(pair[1].clone());
                json!({"create": {"_index": "decisions", "_id": id, "status": 201, "result": "created"}})
            } else {
                json!({"create": {
                    "_index": "decisions", "_id": id, "status": 409, "error": {"type": "version_conflict_engine_exception"}
                }})
            });
        }
        answer("200 OK", &json!({"errors": false, "items": items}))
    }
}

fn audited(stand_in: &StandIn, more: &str) -> Gateway {
    let yaml = format!(
        "admin: {{listen: '127.0.0.1:0'}}\nlog: {{level: 'info,anomaly_gateway::server=debug'}}\naudit: {{index: decisions{more}}}\n"
    );
    Gateway::configured(&[stand_in.url()], &yaml)
}

fn left_out(gateway: &Gateway, reason: &str) -> u64 {
    gateway.metric(&format!(
        "anomaly_gateway_audit_events_dropped_total{{reason=\"{reason}\"}}"
    ))
}

#[test]
fn while_the_cluster_takes_no_events_requests_go_on_and_what_has_no_room_is_counted() {
    let (cluster, stand_in) = Cluster::start(Mode::Busy);
    let gateway = audited(&stand_in, ", queue: 3");
    assert_eq!(create(&gateway, "job-0", &described("blue")), 200);
    let line = gateway.logged(&["WARN", "decision events cannot be written to their index"]);
    assert!(line.contains("503"), "{line}");
    for number in 1..10 {
        assert_eq!(create(&gateway, &format!("job-{number}"), &described("blue")), 200);
    }
    eventually("that seven have no room", || left_out(&gateway, "full") == 7);
    assert_eq!(gateway.metric("anomaly_gateway_audit_events_waiting"), 3);
    gateway.logged(&["WARN", "decision events were left out"]);
    assert_eq!(cluster.taken(), [""; 0]);

    cluster.change(Mode::Taking);
    eventually("that those which waited are written", || {
        cluster.taken() == ["job-0", "job-1", "job-2"]
    });
    gateway.logged(&["INFO", "decision events are written to their index again"]);
    assert_eq!(create(&gateway, "after", &described("blue")), 200);
    eventually("that events come again", || {
        cluster.taken().last().is_some_and(|id| id == "after")
    });
    eventually("that they are counted", || {
        gateway.metric("anomaly_gateway_audit_events_written_total") == 4
    });
    let begins = gateway
        .log()
        .matches("decision events cannot be written to their index")
        .count();
    assert_eq!((begins, left_out(&gateway, "full")), (1, 7));
}

#[test]
fn a_cluster_that_hangs_with_events_holds_up_no_request() {
    let (cluster, stand_in) = Cluster::start(Mode::Hanging);
    let gateway = audited(&stand_in, ", queue: 2");
    assert_eq!(create(&gateway, "first", &described("blue")), 200);
    eventually("that the cluster hangs", || {
        !stand_in.requests("POST /decisions/_bulk").is_empty()
    });
    for number in 0..20 {
        assert_eq!(create(&gateway, &format!("job-{number}"), &described("blue")), 200);
    }
    // It hangs all the while.
    assert_eq!((cluster.mode(), cluster.taken().len()), (Mode::Hanging, 0));
    eventually("that nineteen have no room", || left_out(&gateway, "full") == 19);
    cluster.change(Mode::Taking);
    eventually("that those which waited are written", || {
        cluster.taken() == ["first", "job-0"]
    });
}

#[test]
fn what_waits_is_written_when_the_gateway_stops() {
    let (cluster, stand_in) = Cluster::start(Mode::Taking);
    let mut gateway = audited(&stand_in, "");
    assert_eq!(create(&gateway, "last", &described("blue")), 200);
    gateway.terminate();
    assert_eq!(gateway.wait(), Some(0));
    assert_eq!(cluster.taken(), ["last"]);
}

#[test]
fn a_cluster_that_hangs_does_not_hold_up_the_end() {
    let (cluster, stand_in) = Cluster::start(Mode::Hanging);
    let mut gateway = audited(&stand_in, "");
    assert_eq!(create(&gateway, "last", &described("blue")), 200);
    gateway.terminate();
    assert_eq!(gateway.wait(), Some(0));
    gateway.logged(&["WARN", "decision events were not written before the end", "events=1"]);
    assert_eq!(cluster.taken(), [""; 0]);
    cluster.change(Mode::Busy);
}

#[test]
fn an_event_that_the_cluster_refuses_does_not_hold_up_the_others() {
    let (cluster, stand_in) = Cluster::start(Mode::Choosy);
    let gateway = audited(&stand_in, "");
    for id in ["a", "bad", "b"] {
        assert_eq!(create(&gateway, id, &described("blue")), 200);
    }
    eventually("that the others are written", || cluster.taken() == ["a", "b"]);
    eventually("that it is counted", || left_out(&gateway, "refused") == 1);
    gateway.logged(&["WARN", "the cluster refused a decision event", "no such date"]);
    eventually("that nothing waits", || {
        gateway.metric("anomaly_gateway_audit_events_waiting") == 0
    });
}

/// What `docs/operate/audit.md` asks for on OpenSearch.
#[test]
fn the_privileges_of_the_page_are_enough() {
    let node = node::start_secured();
    let admin = basic(ADMIN);
    let as_admin = |method: &str, target: &str, body: &Value| {
        let fields = [("content-type", "application/json"), ("authorization", admin.as_str())];
        wire::call(wire::address_of(node.url()), method, target, &fields, &body.to_string())
    };
    let writer = User {
        name: "auditor",
        password: "Quiet-Lantern-7",
    };
    let actions = [
        "indices:admin/create",
        "indices:admin/get",
        "indices:admin/mapping/put",
        "indices:data/write/index",
        "indices:data/write/bulk*",
    ];
    let role = json!({
        "cluster_permissions": ["indices:data/write/bulk"],
        "index_permissions": [{"index_patterns": ["decisions"], "allowed_actions": actions}]
    });
    let security = "/_plugins/_security/api";
    for (path, body) in [
        ("roles/auditors", role),
        ("internalusers/auditor", json!({"password": writer.password})),
        ("rolesmapping/auditors", json!({"users": [writer.name]})),
    ] {
        let answer = as_admin("PUT", &format!("{security}/{path}"), &body);
        assert!(answer.status() < 300, "{path}: {}", answer.text());
    }
    let files = Files::new();
    files.write("auditor", &basic(writer));
    let yaml = format!(
        "audit: {{index: decisions, authorization: '{}'}}\n",
        files.text("auditor")
    );
    let gateway = Gateway::configured(&[node.url()], &yaml);
    let fields = [("content-type", "application/json"), ("authorization", admin.as_str())];
    let target = "/_ml/anomaly_detectors/a";
    let created = wire::call(gateway.address, "PUT", target, &fields, &job::smallest());
    assert_eq!(created.status(), 200, "{}", created.text());
    eventually("that the decision is in the index", || {
        as_admin("POST", "/decisions/_refresh", &json!({}));
        let page = as_admin("GET", "/decisions/_search", &json!({})).json();
        let source = &page["hits"]["hits"][0]["_source"];
        source["user"]["name"] == ADMIN.name && source["anomaly_gateway"]["outcome"] == "stored"
    });
    assert!(!gateway.log().contains("cannot be written"), "{}", gateway.log());
}

/// The alias would lead to the jobs.
#[test]
fn an_index_that_was_made_for_something_else_is_left_alone() {
    let (cluster, stand_in) = Cluster::start(Mode::OfJobs);
    let gateway = audited(&stand_in, "");
    assert_eq!(create(&gateway, "a", &described("blue")), 200);
    gateway.logged(&["WARN", "decision events cannot be written", "anomaly-detectors"]);
    gateway.logged(&["DEBUG", "decision events still cannot be written"]);
    for (head, _) in stand_in
        .received()
        .iter()
        .filter(|(head, _)| head.contains("/decisions"))
    {
        assert!(head.starts_with("GET "), "{head}");
    }
    assert_eq!(cluster.taken(), [""; 0]);
}

#[test]
fn credentials_that_the_cluster_has_refused_are_not_shown_again_until_they_have_changed() {
    let files = Files::new();
    files.write("writer", "ApiKey wrong");
    let (cluster, stand_in) = Cluster::start(Mode::Unauthorized);
    let gateway = audited(&stand_in, &format!(", authorization: '{}'", files.text("writer")));
    assert_eq!(create(&gateway, "a", &described("blue")), 200);
    gateway.logged(&["WARN", "decision events cannot be written", "audit.authorization"]);
    gateway.logged(&["DEBUG", "decision events still cannot be written"]);
    let asked = || stand_in.requests("GET /decisions HTTP");
    assert_eq!(asked().len(), 1);
    cluster.change(Mode::Taking);
    files.write("writer", "ApiKey right");
    eventually("that it is written", || cluster.taken() == ["a"]);
    let heads = asked();
    assert!(
        heads.iter().skip(1).all(|(head, _)| head.contains("ApiKey right")),
        "{heads:?}"
    );
    assert!(!gateway.log().contains("wrong"), "{}", gateway.log());
}
