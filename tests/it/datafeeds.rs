//! A datafeed in the body of a create: it goes on with the job, or is stored beside it, both or neither.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;
use crate::support::stand_in::{Call, StandIn, with_fields};
use crate::support::wire::Answer;

const REPLACED: &str =
    r#"{"_index":"anomaly-detectors","_id":"datafeed-d","result":"updated","_seq_no":9,"_primary_term":1}"#;
const CONFLICT: &str = r#"{"error":{"type":"version_conflict_engine_exception"},"status":409}"#;
const GONE: &str = r#"{"found":false}"#;

/// The smallest job with the datafeed `d`.
fn with_datafeed(id: &str) -> String {
    let mut job: Value = serde_json::from_str(&job::smallest()).expect("JSON");
    job["datafeed_config"] = json!({"datafeed_id": id, "indices": ["logs-web-*"], "query": {"term": {"a": 1.5}}});
    job.to_string()
}

fn reason(answer: &Answer) -> String {
    answer.json()["error"]["reason"].as_str().unwrap_or_default().to_owned()
}

fn kind(answer: &Answer) -> String {
    answer.json()["error"]["type"].as_str().unwrap_or_default().to_owned()
}

/// A stand-in that has special answers to calls of one document, and the request lines of those.
fn before(special: impl Fn(&str) -> Option<(&'static str, String)> + Send + Sync + 'static) -> (StandIn, Gateway) {
    let cluster = StandIn::answering("9.5.3", move |(line, _): Call<'_>| {
        special(line).map(|(status, body)| with_fields(status, &["X-elastic-product: Elasticsearch"], &body))
    });
    let gateway = Gateway::before(&[cluster.url()]);
    (cluster, gateway)
}

/// The calls of documents, without the index and the parameters that all of them have.
fn calls(cluster: &StandIn) -> Vec<String> {
    let heads = cluster.upstream.heads();
    let lines = heads.iter().filter_map(|head| head.lines().next());
    let documents = lines.filter(|line| line.contains("/_doc/") || line.contains("/_create/"));
    let short = |line: &str| {
        let line = line.replace("/anomaly%2Ddetectors", "").replace(" HTTP/1.1", "");
        let line = line.replace("?refresh=true&pipeline=_none", "");
        line.replace("&refresh=true&pipeline=_none", "").replace("%2D", "-")
    };
    documents.map(short).collect()
}

const LOOKED_UP: &str = "GET /_doc/datafeed-d?_source_includes=job_id,create_time";

fn there(sequence: u32, job_id: &str, made: i64) -> String {
    let source = json!({"job_id": job_id, "create_time": made});
    json!({"found": true, "_seq_no": sequence, "_primary_term": 1, "_source": source}).to_string()
}

fn now_millis() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970");
    i64::try_from(now.as_millis()).expect("a time of this age")
}

#[test]
fn a_job_and_its_datafeed_are_two_documents() {
    let gateway = Gateway::with(&[node::shared_url()], &["--jobs-api", "8.19"]);
    let [job, feed] = ["fed", "feed"].map(node::fresh_id);
    let created = gateway.create_job(&job, &with_datafeed(&feed));
    assert_eq!(created.status(), 200, "{}", created.text());
    let answered = created.json();
    let datafeed = &answered["datafeed_config"];
    assert_eq!(
        (&datafeed["datafeed_id"], &datafeed["job_id"]),
        (&json!(feed), &json!(job))
    );
    assert_eq!(datafeed["chunking_config"], json!({"mode": "auto"}));

    let stored = |id: &str| gateway.call("GET", &format!("/anomaly-detectors/_doc/{id}"), "").json()["_source"].take();
    let stored_job = stored(&format!("anomaly_detector-{job}"));
    assert_eq!(stored_job["job_id"], json!(job));
    assert_eq!(stored_job.get("datafeed_config"), None);
    let stored_feed = stored(&format!("datafeed-{feed}"));
    let names: Vec<&str> = stored_feed
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(names[..4], ["datafeed_id", "job_id", "config_type", "create_time"]);
    let answered_feed = datafeed.as_object().expect("an object");
    assert!(
        answered_feed.iter().all(|(name, value)| stored_feed[name] == *value),
        "{stored_feed}"
    );
    assert_eq!(stored_feed["create_time"], stored_job["create_time"]);

    // Its id is in use, and the job that wanted it is not there.
    let other = node::fresh_id("fed");
    for target in [
        format!("/_ml/anomaly_detectors/{other}"),
        format!("/_ml/anomaly_detectors/{other}?dry_run"),
    ] {
        let refused = gateway.call("PUT", &target, &with_datafeed(&feed));
        assert_eq!(
            (refused.status(), kind(&refused).as_str()),
            (400, "resource_already_exists_exception")
        );
        assert!(
            reason(&refused).contains(&format!("the datafeed of the job [{job}]")),
            "{}",
            reason(&refused)
        );
    }
    let missing = gateway.call("GET", &format!("/anomaly-detectors/_doc/anomaly_detector-{other}"), "");
    assert_eq!(missing.status(), 404);
    // A datafeed is no job: a group may have the name of one, and a job is in use as before.
    let of_a_group = job::smallest().replace("{\"analysis", &format!("{{\"groups\":[\"{feed}\"],\"analysis"));
    assert_eq!(gateway.create_job(&other, &of_a_group).status(), 200);
    let again = gateway.create_job(&job, &with_datafeed(&node::fresh_id("feed")));
    assert!(reason(&again).contains("there is a job of that id"), "{}", again.text());
}

#[test]
fn of_creates_of_one_datafeed_at_once_one_is_done() {
    let gateway = Gateway::with(&[node::shared_url()], &["--jobs-api", "8.19"]);
    let feed = node::fresh_id("feed");
    let ids: Vec<String> = (0..16).map(|_| node::fresh_id("fed")).collect();
    let done = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for id in &ids {
            scope.spawn(|| {
                let answer = gateway.create_job(id, &with_datafeed(&feed));
                assert!([200, 400].contains(&answer.status()), "{}", answer.text());
                done.fetch_add(u32::from(answer.status() == 200), Ordering::Relaxed);
            });
        }
    });
    assert_eq!(done.load(Ordering::Relaxed), 1);
    let there = |id: &&String| {
        let document = gateway.call("GET", &format!("/anomaly-detectors/_doc/anomaly_detector-{id}"), "");
        document.status() == 200
    };
    assert_eq!(ids.iter().filter(there).count(), 1);
}

#[test]
fn the_job_makes_the_datafeed_count() {
    let (cluster, gateway) = before(|line| {
        let is_lookup = line.starts_with("GET") && line.contains("datafeed");
        is_lookup.then(|| ("200 OK", there(3, "j", 0)))
    });
    assert_eq!(gateway.create_job("j", &with_datafeed("d")).status(), 200);
    let expected = ["PUT /_create/datafeed-d", "PUT /_create/anomaly_detector-j", LOOKED_UP];
    assert_eq!(calls(&cluster), expected);
}

#[test]
fn a_datafeed_whose_job_is_not_stored_is_taken_back() {
    for (status, body) in [
        ("409 Conflict", CONFLICT),
        (
            "403 Forbidden",
            r#"{"error":{"type":"security_exception","reason":"no"},"status":403}"#,
        ),
        (
            "429 Too Many Requests",
            r#"{"error":{"type":"es_rejected_execution_exception"},"status":429}"#,
        ),
    ] {
        let (cluster, gateway) = before(move |line| {
            line.contains("/_create/anomaly_detector")
                .then(|| (status, body.to_owned()))
        });
        let answer = gateway.create_job("j", &with_datafeed("d"));
        assert!(answer.status() >= 400, "{}", answer.text());
        let expected = [
            "PUT /_create/datafeed-d",
            "PUT /_create/anomaly_detector-j",
            "DELETE /_doc/datafeed-d?if_seq_no=3&if_primary_term=1&refresh=true",
        ];
        assert_eq!(calls(&cluster), expected, "{status}");
    }
}

#[test]
fn a_datafeed_that_is_not_stored_leaves_no_job() {
    let too_long = r#"{"error":{"type":"illegal_argument_exception","reason":"id is too long"},"status":400}"#;
    let (cluster, gateway) = before(move |line| {
        line.contains("/_create/datafeed")
            .then(|| ("400 Bad Request", too_long.to_owned()))
    });
    let answer = gateway.create_job("j", &with_datafeed("d"));
    assert_eq!((answer.status(), reason(&answer).as_str()), (400, "id is too long"));
    assert_eq!(calls(&cluster), ["PUT /_create/datafeed-d"]);
}

#[test]
fn a_job_whose_storing_has_no_answer_keeps_its_datafeed() {
    let (cluster, gateway) = before(|line| {
        line.contains("/_create/anomaly_detector")
            .then(|| ("504 Gateway Timeout", String::new()))
    });
    let answer = gateway.create_job("j", &with_datafeed("d"));
    assert_eq!(
        (answer.status(), kind(&answer).as_str()),
        (500, "outcome_unknown_exception")
    );
    assert_eq!(
        calls(&cluster),
        ["PUT /_create/datafeed-d", "PUT /_create/anomaly_detector-j"]
    );
}

#[test]
fn what_a_create_that_broke_off_has_left_is_replaced_and_nothing_else() {
    let conflict = |line: &str| {
        line.contains("/_create/datafeed")
            .then(|| ("409 Conflict", CONFLICT.to_owned()))
    };
    let of_job = |line: &str| line.starts_with("GET") && line.contains("anomaly%5Fdetector");
    let old = now_millis() - 120_000;
    // No job, or one that was made at another time: what is there belongs to none.
    for job in [None, Some(there(1, "k", old + 1))] {
        let replaced = AtomicU32::new(0);
        let (cluster, gateway) = before(move |line| {
            if of_job(line) {
                let (status, body) = (if job.is_some() { "200 OK" } else { "404 Not Found" }, job.clone());
                return Some((status, body.unwrap_or_else(|| GONE.to_owned())));
            }
            if line.starts_with("PUT") && line.contains("/_doc/datafeed") {
                replaced.store(1, Ordering::Relaxed);
                return Some(("200 OK", REPLACED.to_owned()));
            }
            let sequence = if replaced.load(Ordering::Relaxed) == 1 { 9 } else { 7 };
            let is_lookup = line.starts_with("GET") && line.contains("datafeed");
            conflict(line).or_else(|| is_lookup.then(|| ("200 OK", there(sequence, "k", old))))
        });
        let answer = gateway.create_job("j", &with_datafeed("d"));
        assert_eq!(answer.status(), 200, "{}", answer.text());
        let expected = [
            "PUT /_create/datafeed-d",
            LOOKED_UP,
            "GET /_doc/anomaly%5Fdetector-k?_source_includes=job_id,create_time",
            "PUT /_doc/datafeed-d?if_seq_no=7&if_primary_term=1",
            "PUT /_create/anomaly_detector-j",
            LOOKED_UP,
        ];
        assert_eq!(calls(&cluster), expected);
    }
    // That of a job, and one that may become it.
    for (made, job, says) in [
        (old, Some(old), "the datafeed of the job [k]"),
        (now_millis(), None, "in a minute"),
    ] {
        let (cluster, gateway) = before(move |line| {
            if of_job(line) {
                return Some(match job {
                    Some(made) => ("200 OK", there(1, "k", made)),
                    None => ("404 Not Found", GONE.to_owned()),
                });
            }
            let is_lookup = line.starts_with("GET") && line.contains("datafeed");
            conflict(line).or_else(|| is_lookup.then(|| ("200 OK", there(7, "k", made))))
        });
        let answer = gateway.create_job("j", &with_datafeed("d"));
        assert_eq!(
            (answer.status(), kind(&answer).as_str()),
            (400, "resource_already_exists_exception")
        );
        assert!(reason(&answer).contains(says), "{}", reason(&answer));
        assert!(
            calls(&cluster)
                .iter()
                .all(|call| !call.contains("anomaly_detector-j") && !call.contains("if_seq_no"))
        );
    }
}

#[test]
fn a_job_whose_datafeed_was_replaced_meanwhile_is_taken_back() {
    for (deleted, status) in [("200 OK", 400), ("403 Forbidden", 408)] {
        let (cluster, gateway) = before(move |line| {
            if line.starts_with("DELETE") {
                return Some((deleted, "{}".to_owned()));
            }
            let is_lookup = line.starts_with("GET") && line.contains("datafeed");
            is_lookup.then(|| ("200 OK", there(8, "k", 0)))
        });
        let answer = gateway.create_job("j", &with_datafeed("d"));
        assert_eq!(answer.status(), status, "{}", answer.text());
        let expected = [
            "PUT /_create/datafeed-d",
            "PUT /_create/anomaly_detector-j",
            LOOKED_UP,
            "DELETE /_doc/anomaly%5Fdetector-j?if_seq_no=3&if_primary_term=1&refresh=true",
        ];
        assert_eq!(calls(&cluster), expected);
    }
}

#[test]
fn a_datafeed_goes_on_with_its_job() {
    let cluster = StandIn::answering("8.19.21", |(line, _)| {
        line.starts_with("PUT /_ml/")
            .then(|| with_fields("200 OK", &[], r#"{"job_id":"j"}"#))
    });
    let gateway = Gateway::with(&[cluster.url()], &["--jobs-commit", "forward"]);
    let body = r#"{"analysis_config":{"detectors":[{"function":"count"}]},"data_description":{},"datafeed_config":{"indexes":"logs","query":{"term":{"b":1,"a":{"x":[]}}},"script_fields":{"f":{"script":"x"}}}}"#;
    let answer = gateway.create_job("j", body);
    assert_eq!((answer.status(), answer.text().as_str()), (200, r#"{"job_id":"j"}"#));
    let requests = cluster.requests("PUT /_ml/");
    let [(_, sent)] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    let sent: Value = serde_json::from_str(sent).expect("JSON");
    let expected = json!({
        "datafeed_id": "j",
        "job_id": "j",
        "query_delay": "72314ms",
        "chunking_config": {"mode": "auto"},
        "indices_options": {
            "ignore_unavailable": false,
            "expand_wildcards": ["open"],
            "allow_no_indices": true,
            "ignore_throttled": true
        },
        "query": {"term": {"b": 1, "a": {"x": []}}},
        "indices": ["logs"],
        "script_fields": {"f": {"script": {"source": "x", "lang": "painless"}, "ignore_failure": false}},
        "scroll_size": 1000,
        "delayed_data_check_config": {"enabled": true}
    });
    assert_eq!(sent["datafeed_config"], expected);
    assert_eq!(sent.get("create_time"), None);
}

#[test]
fn a_record_has_the_datafeed_beside_the_job() {
    let cluster = StandIn::answering("8.19.21", |(line, _)| {
        if line.starts_with("PUT /_ml/") {
            return Some(with_fields("200 OK", &[], r#"{"job_id":"j"}"#));
        }
        let (_, rest) = line.split_once("/_doc/")?;
        let id = rest.split('?').next().unwrap_or_default();
        let said = json!({"_index": "anomaly-detectors", "_id": id, "result": "created"});
        Some(with_fields("201 Created", &[], &said.to_string()))
    });
    let gateway = Gateway::with(&[cluster.url()], &["--jobs-commit", "both"]);
    assert_eq!(gateway.create_job("j", &with_datafeed("d")).status(), 200);
    assert_eq!(
        calls(&cluster),
        ["PUT /_doc/datafeed-d", "PUT /_doc/anomaly_detector-j"]
    );
}

/// What is wrong with a query or an aggregation, only a cluster can tell; here it is kept as it was sent.
#[test]
fn what_is_inside_of_queries_and_aggregations_is_left_to_the_cluster() {
    let cluster = StandIn::answering("9.5.3", |(line, _)| {
        let is_lookup = line.starts_with("GET") && line.contains("datafeed");
        is_lookup.then(|| with_fields("200 OK", &["X-elastic-product: Elasticsearch"], &there(3, "j", 0)))
    });
    let gateway = Gateway::before(&[cluster.url()]);
    let datafeed = |members: &str| {
        let job = job::smallest();
        let job = job.strip_suffix('}').expect("an object");
        format!(r#"{job},"datafeed_config":{{"indices":["a"],{members}}}}}"#)
    };
    let unknown = gateway.create_job("j", &datafeed(r#""query":{"no_such_query":{"x":[1]}}"#));
    assert_eq!(unknown.status(), 200, "{}", unknown.text());
    assert_eq!(
        unknown.json()["datafeed_config"]["query"],
        json!({"no_such_query": {"x": [1]}})
    );
    let two = gateway.create_job("j", &datafeed(r#""query":{"match_all":{},"match_none":{}}"#));
    assert_eq!(
        (two.status(), two.json()["error"]["root_cause"][0]["type"].as_str()),
        (400, Some("parsing_exception"))
    );
}

#[test]
fn a_datafeed_is_judged_before_names_are_looked_up() {
    let (cluster, gateway) = before(|_| None);
    let body = with_datafeed("d").replace(r#""detectors""#, r#""latency":"1s","detectors""#);
    let answer = gateway.create_job("j", &body);
    assert_eq!((answer.status(), kind(&answer).as_str()), (400, "status_exception"));
    assert!(cluster.requests("POST /anomaly").is_empty());
}

#[test]
fn a_field_without_a_script_is_printed_so() {
    let (_cluster, gateway) = before(|line| {
        let is_lookup = line.starts_with("GET") && line.contains("datafeed");
        is_lookup.then(|| ("200 OK", there(3, "j", 0)))
    });
    let body = with_datafeed("d").replace(r#""indices""#, r#""script_fields":{"f":{}},"indices""#);
    let answer = gateway.create_job("j", &body);
    let expected = json!({"f": {"script": null, "ignore_failure": false}});
    assert_eq!(
        answer.json()["datafeed_config"]["script_fields"],
        expected,
        "{}",
        answer.text()
    );
}

#[test]
fn policies_judge_the_datafeed() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let policy = r#"
policies:
  - name: own-indices
    enforcement: enforce
    schema: { properties: { datafeed: { properties: { indices: { items: { pattern: "^logs-web-" } } } } } }
  - name: small-scrolls
    enforcement: warn
    rule: '!has(job.datafeed) || job.datafeed.scroll_size <= 500'
"#;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("indices.yml");
    std::fs::write(&file, policy).expect("it is written");
    let config = format!("policies:\n  files: {}\njobs:\n  commit: forward\n", file.display());
    let gateway = Gateway::configured(&[cluster.url()], &config);
    let refused = gateway.create_job("j", &with_datafeed("d").replace("logs-web-*", "payroll"));
    let cause = &refused.json()["error"]["root_cause"][0];
    assert_eq!(
        (refused.status(), &cause["policy"]),
        (400, &json!("own-indices")),
        "{}",
        refused.text()
    );
    assert_eq!(
        (&cause["pointer"], &cause["origin"]),
        (&json!("/datafeed/indices/0"), &Value::Null)
    );
    assert!(cluster.forwarded().is_empty());

    let tried = gateway.call("PUT", "/_ml/anomaly_detectors/j?dry_run", &with_datafeed("d"));
    assert_eq!(tried.status(), 200, "{}", tried.text());
    assert!(
        tried
            .values("warning")
            .iter()
            .any(|text| text.contains("small-scrolls")),
        "{:?}",
        tried.fields
    );
    let changes = tried.json()["changes"].take();
    let paths: Vec<&str> = changes
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|change| change["path"].as_str())
        .collect();
    assert!(paths.contains(&"/datafeed_config/query_delay"), "{paths:?}");
    assert!(
        !paths.contains(&"/datafeed_config/query") && !paths.contains(&"/datafeed_config"),
        "{paths:?}"
    );
    assert_eq!(gateway.create_job("j", &job::smallest()).values("warning").len(), 0);
}

#[test]
fn the_text_inside_of_a_script_is_told_without_its_level() {
    let cluster = StandIn::elasticsearch("7.17.28");
    let gateway = Gateway::before(&[cluster.url()]);
    let answer = gateway.create_job("j", r#"{"datafeed_config":{"script_fields":{"f":{"script":{x"#);
    assert_eq!(answer.status(), 400);
    let told = answer.text();
    assert!(
        told.contains("[datafeed_config] failed to parse field [script_fields]"),
        "{told}"
    );
    assert!(!told.contains("[script]"), "{told}");
}

/// Elasticsearch shows the text `{}`.
#[test]
fn a_template_of_a_script_is_an_object_also_in_yaml() {
    let gateway = Gateway::with(&[node::shared_url()], &["--jobs-api", "8.19"]);
    let body = r#"{"analysis_config":{"detectors":[{"function":"count"}]},"data_description":{},
        "datafeed_config":{"indices":["a"],"script_fields":{"f":{"script":{"source":{}}}}}}"#;
    let target = format!("/_ml/anomaly_detectors/{}?format=yaml", node::fresh_id("fed"));
    let answer = gateway.call("PUT", &target, body);
    assert_eq!(answer.status(), 200, "{}", answer.text());
    assert!(answer.text().contains("source: {}"), "{}", answer.text());
}
