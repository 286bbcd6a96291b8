//! `jobs.scan`: the stored jobs are judged by the policies every now and then, and what is found is shown until more is known.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::authority::Files;
use crate::support::gateway::{BINARY, Gateway};
use crate::support::job;
use crate::support::node;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::eventually;

const ELASTICSEARCH: &str = "X-elastic-product: Elasticsearch";

const POLICIES: &str = "policies:\n  \
    - { name: no-red, enforcement: enforce, schema: { properties: { description: { not: { const: red } } } } }\n  \
    - { name: no-payroll, enforcement: audit, schema: { properties: { datafeed: { properties: { indices: { items: { not: { const: payroll } } } } } } } }\n  \
    - { name: switched-off, enforcement: 'off', rule: 'false' }\n";

/// What a cluster has, which answers searches for it.
#[derive(Clone)]
struct Stored(Arc<Mutex<Holding>>);

struct Holding {
    /// The status of its answers.
    status: u16,
    jobs: Vec<Value>,
    datafeeds: Vec<Value>,
}

impl Stored {
    fn new(jobs: Vec<Value>, datafeeds: Vec<Value>) -> Self {
        Self(Arc::new(Mutex::new(Holding {
            status: 200,
            jobs,
            datafeeds,
        })))
    }

    fn change(&self, change: impl FnOnce(&mut u16, &mut Vec<Value>)) {
        let mut stored = self.0.lock().expect("no panic");
        let Holding { status, jobs, .. } = &mut *stored;
        change(status, jobs);
    }

    /// A cluster that has it, and how often its jobs were searched.
    fn cluster(&self) -> (StandIn, Arc<AtomicUsize>) {
        let (stored, searches) = (self.clone(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&searches);
        let cluster = StandIn::reading("9.5.3", move |(line, _), body| {
            let index = json!({"anomaly-detectors": {
                "aliases": {}, "mappings": {"_meta": {"anomaly_gateway": {"revision": 3}}}, "settings": {}
            }});
            if line.starts_with("GET /anomaly%2Ddetectors HTTP") {
                return Some(with_fields("200 OK", &[ELASTICSEARCH], &index.to_string()));
            }
            if !line.contains("/_search") {
                return None;
            }
            let stored = stored.0.lock().expect("no panic");
            let Holding {
                status,
                jobs,
                datafeeds,
            } = &*stored;
            let is_of_datafeeds = body.contains(r#"{"exists":{"field":"datafeed_id"}}"#);
            if !is_of_datafeeds {
                counted.fetch_add(1, Ordering::Relaxed);
            }
            if *status != 200 {
                let error =
                    json!({"error": {"type": "security_exception", "reason": "no such user"}, "status": status});
                return Some(with_fields(
                    &format!("{status} No"),
                    &[ELASTICSEARCH],
                    &error.to_string(),
                ));
            }
            let found = if is_of_datafeeds { datafeeds } else { jobs };
            let hits: Vec<Value> = found
                .iter()
                .map(|source| json!({"_id": "x", "_source": source}))
                .collect();
            let body = json!({"_shards": {"failed": 0}, "hits": {"hits": hits}}).to_string();
            Some(with_fields("200 OK", &[ELASTICSEARCH], &body))
        });
        (cluster, searches)
    }
}

fn stored_job(id: &str, description: &str) -> Value {
    json!({
        "job_id": id, "job_type": "anomaly_detector", "job_version": "9.5.3", "create_time": 7, "description": description,
        "analysis_config": {"bucket_span": "5m", "detectors": [{"function": "count"}], "influencers": []},
        "data_description": {"time_field": "time"}, "results_index_name": "shared"
    })
}

fn stored_datafeed(job_id: &str, create_time: i64, index: &str) -> Value {
    json!({
        "datafeed_id": format!("feed-{job_id}"), "job_id": job_id, "config_type": "datafeed", "create_time": create_time,
        "indices": [index]
    })
}

/// A gateway that scans every second, by a configuration of its own.
fn scanning(url: &str, files: &Files, more: &str) -> Gateway {
    files.write("policies.yml", POLICIES);
    let yaml = format!(
        "admin: {{listen: '127.0.0.1:0'}}\njobs: {{scan: 1s}}\npolicies:\n  files: ['{}']\n{more}",
        files.text("policies.yml")
    );
    files.write("gateway.yml", &yaml);
    Gateway::with(&[url], &["--config", &files.text("gateway.yml")])
}

fn report(gateway: &Gateway) -> Value {
    let answer = gateway.ask_admin("GET", "/policies/report");
    assert_eq!(answer.status(), 200, "{}", answer.text());
    answer.json()
}

/// What it says of a policy.
fn of_policy(report: &Value, name: &str) -> Value {
    let policies = report["policies"].as_array().cloned().unwrap_or_default();
    let policy = policies.into_iter().find(|policy| policy["policy"] == name);
    policy.unwrap_or_default()
}

/// The jobs that violate a policy.
fn violating(report: &Value, name: &str) -> Vec<String> {
    let jobs = of_policy(report, name)["jobs"].as_array().cloned().unwrap_or_default();
    jobs.iter()
        .filter_map(|job| job["job_id"].as_str())
        .map(str::to_owned)
        .collect()
}

#[test]
fn who_violates_which_policy_is_shown_since_it_was_first_seen_and_news_are_logged() {
    let stored = Stored::new(
        vec![stored_job("a", "red"), stored_job("b", "blue"), stored_job("c", "red")],
        Vec::new(),
    );
    let (cluster, searches) = stored.cluster();
    let files = Files::new();
    let gateway = scanning(cluster.url(), &files, "");
    eventually("a scan", || report(&gateway)["completed"].is_object());
    let first = report(&gateway);
    assert_eq!(violating(&first, "no-red"), ["a", "c"]);
    assert_eq!(first["completed"]["jobs"], 3);
    assert_eq!(first["interval"], "1s");
    assert!(
        first["view"]
            .as_str()
            .is_some_and(|view| view.contains("a restart begins anew")),
        "{first}"
    );
    let policy = of_policy(&first, "no-red");
    assert_eq!(
        (&policy["enforcement"], &policy["violating"]),
        (&json!("enforce"), &json!(2))
    );
    let kept = of_policy(&first, "no-payroll");
    assert_eq!((&kept["violating"], &kept["jobs"]), (&json!(0), &json!([])));
    assert_eq!(of_policy(&first, "switched-off"), Value::Null);
    let ready = gateway.ask_admin("GET", "/ready").json();
    assert_eq!(first["completed"]["revision"], ready["policies"]["revision"]);
    let violating_now = |policy| {
        gateway.metric(&format!(
            "anomaly_gateway_scan_violating_documents{{policy=\"{policy}\"}}"
        ))
    };
    assert_eq!((violating_now("no-red"), violating_now("no-payroll")), (2, 0));
    assert_eq!(gateway.metric("anomaly_gateway_scan_documents"), 3);
    assert!(gateway.metric("anomaly_gateway_scan_completed_seconds") > 1_700_000_000);
    gateway.logged(&[
        "INFO anomaly_gateway::server",
        "stored jobs were judged",
        "documents=3",
        "no-red: 2 (2 new)",
    ]);

    // As long as nothing changes, nothing is logged.
    let before = searches.load(Ordering::Relaxed);
    eventually("two more scans", || searches.load(Ordering::Relaxed) > before + 2);
    assert_eq!(gateway.log().matches("stored jobs were judged").count(), 1);

    let since = |report: &Value, id: &str| {
        let jobs = of_policy(report, "no-red")["jobs"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let job = jobs.into_iter().find(|job| job["job_id"] == id).expect("it is named");
        job["since"].as_str().expect("a time").to_owned()
    };
    stored.change(|_, jobs| {
        jobs[0]["description"] = json!("blue");
        jobs.push(stored_job("d", "red"));
    });
    eventually("the change", || violating(&report(&gateway), "no-red") == ["c", "d"]);
    let second = report(&gateway);
    assert_eq!(since(&second, "c"), since(&first, "c"));
    assert!(since(&second, "d") > since(&second, "c"), "{second}");
    gateway.logged(&["stored jobs were judged", "documents=4", "no-red: 2 (1 new)"]);
}

#[test]
fn a_datafeed_is_judged_with_its_job_and_what_a_broken_create_has_left_is_not() {
    let jobs = vec![
        stored_job("a", "blue"),
        stored_job("b", "blue"),
        stored_job("c", "blue"),
    ];
    let feeds = vec![
        stored_datafeed("a", 7, "payroll"),
        stored_datafeed("b", 8, "payroll"),
        stored_datafeed("c", 7, "logs"),
    ];
    let (cluster, _) = Stored::new(jobs, feeds).cluster();
    let files = Files::new();
    let gateway = scanning(cluster.url(), &files, "");
    eventually("a scan", || report(&gateway)["completed"].is_object());
    assert_eq!(violating(&report(&gateway), "no-payroll"), ["a"]);
}

#[test]
fn a_scan_that_fails_leaves_what_was_found_and_says_so() {
    let stored = Stored::new(vec![stored_job("a", "red")], Vec::new());
    let (cluster, searches) = stored.cluster();
    let files = Files::new();
    let gateway = scanning(cluster.url(), &files, "");
    let count = |outcome| gateway.metric(&format!("anomaly_gateway_scans_total{{outcome=\"{outcome}\"}}"));
    eventually("a scan", || count("completed") > 0);
    assert_eq!(report(&gateway).get("failed"), None);
    stored.change(|status, _| *status = 403);
    eventually("that two fail", || count("failed") > 1);
    let failed = report(&gateway);
    assert!(
        failed["failed"]["error"]
            .as_str()
            .is_some_and(|error| error.contains("403")),
        "{failed}"
    );
    assert_eq!(violating(&failed, "no-red"), ["a"]);
    assert!(failed["completed"]["age_seconds"].is_u64());
    gateway.logged(&["WARN anomaly_gateway::server", "stored jobs could not be judged", "403"]);
    assert_eq!(gateway.log().matches("stored jobs could not be judged").count(), 1);
    // It is tried again, and again told what there is.
    let before = searches.load(Ordering::Relaxed);
    stored.change(|status, _| *status = 200);
    eventually("that one comes to its end", || report(&gateway).get("failed").is_none());
    assert!(searches.load(Ordering::Relaxed) > before);
    eventually("that it is told", || {
        gateway.log().matches("stored jobs were judged").count() == 2
    });
}

#[test]
fn credentials_that_were_refused_are_not_shown_again_until_they_have_changed() {
    let stored = Stored::new(vec![stored_job("a", "red")], Vec::new());
    stored.change(|status, _| *status = 401);
    let (cluster, searches) = stored.cluster();
    let files = Files::new();
    files.write("reader", "Basic cGxhbnRlZDpwbGFudGVk");
    let more = format!("  blast_radius: {{authorization: '{}'}}\n", files.text("reader"));
    let gateway = scanning(cluster.url(), &files, &more);
    let failed = || gateway.metric("anomaly_gateway_scans_total{outcome=\"failed\"}");
    eventually("that some fail", || failed() > 2);
    assert_eq!(searches.load(Ordering::Relaxed), 1);
    let answer = gateway.ask_admin("GET", "/policies/report");
    assert!(answer.text().contains("have changed"), "{}", answer.text());
    for shown in [
        answer.text(),
        gateway.log(),
        gateway.ask_admin("GET", "/metrics").text(),
    ] {
        assert!(
            !shown.contains("cGxhbnRlZDpwbGFudGVk") && !shown.contains("planted"),
            "{shown}"
        );
    }
    stored.change(|status, _| *status = 200);
    files.write("reader", "Basic YW5vdGhlcjpvbmU=");
    eventually("a scan", || report(&gateway)["completed"].is_object());
    let sent = cluster.requests("POST /anomaly%2Ddetectors/_search");
    let (head, _) = sent.last().expect("a search");
    assert!(head.contains("Basic YW5vdGhlcjpvbmU="), "{head}");
}

#[test]
fn without_a_scan_there_is_no_report() {
    let gateway = Gateway::configured(&["http://127.0.0.1:1"], "admin: {listen: '127.0.0.1:0'}");
    let answer = gateway.ask_admin("GET", "/policies/report");
    assert_eq!(answer.status(), 404);
    assert!(answer.text().contains("`jobs.scan`"), "{}", answer.text());
    let refused = gateway.ask_admin("POST", "/policies/report");
    assert_eq!((refused.status(), refused.values("allow")), (405, vec!["GET, HEAD"]));
}

/// More than two pages of real jobs, some with datafeeds, before a real node.
#[test]
fn all_pages_of_jobs_in_a_real_index_are_scanned_with_their_datafeeds() {
    let index = node::fresh_id("scanned");
    let files = Files::new();
    files.write("policies.yml", POLICIES);
    let yaml = format!(
        "admin: {{listen: '127.0.0.1:0'}}\njobs: {{scan: 1s, index: {index}, api: 8.19}}\npolicies: {{files: ['{}']}}\n",
        files.text("policies.yml")
    );
    files.write("gateway.yml", &yaml);
    let gateway = Gateway::with(&[node::shared_url()], &["--config", &files.text("gateway.yml")]);
    // An index that is not there yet has no jobs.
    eventually("a scan", || report(&gateway)["completed"]["jobs"] == 0);

    let body = |index: &str, description: &str| {
        let mut job: Value = serde_json::from_str(&job::smallest()).expect("JSON");
        job["description"] = json!(description);
        job["datafeed_config"] = json!({"indices": [index]});
        job.to_string()
    };
    let created = gateway.create_job("job-0000", &body("logs", "blue"));
    assert_eq!(created.status(), 200, "{}", created.text());
    let source = |id: &str| gateway.call("GET", &format!("/{index}/_doc/{id}"), "").json()["_source"].clone();
    let (mut job, mut feed) = (source("anomaly_detector-job-0000"), source("datafeed-job-0000"));
    let lines: Vec<String> = (1..=450)
        .map(|number| {
            let id = format!("job-{number:04}");
            (job["job_id"], feed["job_id"], feed["datafeed_id"]) = (json!(id), json!(id), json!(id));
            feed["indices"] = json!([if number % 150 == 0 { "payroll" } else { "logs" }]);
            let create = |id: String| json!({"create": {"_id": id}});
            let (job_line, feed_line) = (
                create(format!("anomaly_detector-{id}")),
                create(format!("datafeed-{id}")),
            );
            format!("{job_line}\n{job}\n{feed_line}\n{feed}\n")
        })
        .collect();
    let fields = [("content-type", "application/x-ndjson")];
    let target = format!("/{index}/_bulk?refresh=true");
    let answer = crate::support::wire::call(gateway.address, "POST", &target, &fields, &lines.concat());
    assert_eq!(answer.json()["errors"], false, "{}", answer.text());
    eventually("that all are found", || report(&gateway)["completed"]["jobs"] == 451);
    assert_eq!(
        violating(&report(&gateway), "no-payroll"),
        ["job-0150", "job-0300", "job-0450"]
    );

    // And so does `impact`, for which nobody is known to have created them.
    files.write("next.yml", &POLICIES.replace("audit", "enforce"));
    let [next, config] = ["next.yml", "gateway.yml"].map(|name| files.text(name));
    let arguments = [
        "impact",
        "--policies",
        &next,
        "--config",
        &config,
        "--upstream",
        node::shared_url(),
    ];
    let output = Command::new(BINARY).args(arguments).output();
    let output = output.expect("the gateway's binary runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        told.ends_with("would newly refuse 3 of 451 stored jobs\n"),
        "{told}{output:?}"
    );
    assert!(told.contains("[/datafeed/indices/0] is [payroll]"), "{told}");
}
