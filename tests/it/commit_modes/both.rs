//! `both`: the cluster is asked and answers, and of what it has created the gateway keeps a record.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{creates_a_job, gateway, total_requests};
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;
use crate::support::scripted_upstream::{ScriptedUpstream, read_body};
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{self, Connection, address_of, eventually};

const RECORD: &str = "PUT /anomaly%2Ddetectors/_doc/";
const CREATED: &str = r#"{"job_id":"a"}"#;

fn stand_in(status: &'static str) -> StandIn {
    StandIn::answering("7.0.0", move |(line, _)| {
        if creates_a_job(line) {
            return Some(with_fields(status, &["X-From: the cluster"], CREATED));
        }
        let is_record = line.starts_with(RECORD);
        is_record.then(|| with_fields("201 Created", &[], r#"{"result":"created"}"#))
    })
}

/// A real node beside which there is machine learning that creates every job.
fn node_that_learns(node: SocketAddr) -> ScriptedUpstream {
    ScriptedUpstream::new(move |head, stream| {
        let body = read_body(head, stream);
        if creates_a_job(head) {
            let _ = stream.write_all(with_fields("200 OK", &[], CREATED).as_bytes());
            return;
        }
        let mut behind = Connection::to(node);
        behind.send(head.as_bytes());
        behind.send(&body);
        let is_head = head.starts_with("HEAD ");
        let answer = behind.answer(is_head).expect("the node answers");
        let fields: Vec<_> = answer
            .fields
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let head = format!("{}\r\n{}\r\n", answer.status_line, fields.concat());
        let _ = stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(&answer.body));
    })
}

#[test]
fn the_record_is_what_store_would_have_stored_and_is_replaced_by_the_next() {
    let node = address_of(node::shared_url());
    let cluster = node_that_learns(node);
    let gateway = gateway(&cluster.url, "both");
    let id = node::fresh_id("both");
    let document = || {
        let target = format!("/anomaly-detectors/_doc/anomaly_detector-{id}");
        wire::call(node, "GET", &target, &[], "").json()
    };
    assert_eq!(gateway.create_job(&id, &job::total_requests()).text(), CREATED);
    // It is there before the answer unless the node is slow, as it may be with its first index.
    eventually("the record", || document()["found"] == true);
    let mut record = document();
    assert_eq!(record["_version"], 1);
    let source = record["_source"].as_object_mut().expect("a document");
    assert_eq!(source.shift_remove("job_type"), Some(json!("anomaly_detector")));
    assert_eq!(source.shift_remove("job_version"), Some(json!("7.0.0")));
    assert!(source.shift_remove("create_time").is_some_and(|time| time.is_i64()));
    assert_eq!(record["_source"], total_requests(&id));

    // The job was deleted in the cluster, which is no business of the gateway, and is created anew.
    assert_eq!(gateway.create_job(&id, &job::smallest()).text(), CREATED);
    eventually("the next record", || document()["_version"] == 2);
    let record = document();
    assert_eq!(record["_source"].get("description"), None);
}

#[test]
fn the_answer_is_the_clusters_and_the_record_is_made_in_the_clients_name() {
    let cluster = stand_in("200 OK");
    let gateway = gateway(cluster.url(), "both");
    let fields = [("Content-Type", "application/json"), ("Authorization", "ApiKey abc")];
    let target = "/_ml/anomaly_detectors/a?pretty&timeout=1s";
    let answer = wire::call(gateway.address, "PUT", target, &fields, &job::smallest());
    assert_eq!(answer.values("x-from"), ["the cluster"]);
    assert_eq!(answer.text(), CREATED);
    assert_eq!(cluster.requests(&format!("PUT {target} ")).len(), 1);
    // The client's answer has waited for it.
    let records = cluster.requests(RECORD);
    let [(head, body)] = records.as_slice() else {
        panic!("{records:?}");
    };
    assert!(head.starts_with("PUT /anomaly%2Ddetectors/_doc/anomaly_detector-a?refresh=true&pipeline=_none HTTP/1.1"));
    assert!(head.contains("authorization: ApiKey abc\r\n"), "{head}");
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!((&body["job_id"], &body["job_version"]), (&json!("a"), &json!("7.0.0")));
}

#[test]
fn what_the_cluster_refuses_is_not_recorded() {
    let cluster = stand_in("400 Bad Request");
    let answer = gateway(cluster.url(), "both").create_job("a", &job::smallest());
    assert_eq!((answer.status(), answer.text().as_str()), (400, CREATED));
    assert_eq!(cluster.requests("PUT /anomaly").len(), 0, "not even an index");
}

#[test]
fn a_record_that_fails_is_told_to_the_operator_and_not_to_the_client() {
    let cluster = StandIn::answering("9.5.3", |(line, _)| {
        let forbidden = with_fields(
            "403 Forbidden",
            &[],
            r#"{"error":{"type":"security_exception"},"status":403}"#,
        );
        let created = with_fields("200 OK", &["X-From: the cluster"], CREATED);
        let is_index = line.contains("/anomaly%2Ddetectors");
        creates_a_job(line)
            .then_some(created)
            .or_else(|| is_index.then_some(forbidden))
    });
    let gateway = Gateway::configured(
        &[cluster.url()],
        "admin: {listen: '127.0.0.1:0'}\njobs: {commit: both}\n",
    );
    let lost = || gateway.ask_admin("GET", "/ready").json().get("lost_records").cloned();
    assert_eq!(lost(), None);
    for count in 1..=2 {
        let answer = gateway.create_job("a", &job::smallest());
        assert_eq!((answer.status(), answer.text().as_str()), (200, CREATED));
        assert_eq!(answer.values("x-from"), ["the cluster"]);
        assert_eq!(lost(), Some(json!(count)));
    }
    gateway.logged(&["lost=2"]);
    let line = gateway.logged(&["lost=1"]);
    assert!(
        line.contains("ERROR") && line.contains("anomaly_detector-a") && line.contains("403"),
        "{line}"
    );
}

/// The cluster may have created the job by then.
#[test]
fn a_client_that_leaves_does_not_lose_the_record() {
    let (arrived, has_arrived) = mpsc::channel();
    let (left, has_left) = mpsc::channel::<()>();
    let has_left = Arc::new(Mutex::new(has_left));
    let cluster = StandIn::answering("9.5.3", move |(line, _)| {
        if creates_a_job(line) {
            arrived.send(()).expect("the test waits");
            has_left
                .lock()
                .expect("no test thread panicked")
                .recv()
                .expect("the test goes on");
            return Some(with_fields("200 OK", &[], CREATED));
        }
        line.starts_with(RECORD).then(|| with_fields("201 Created", &[], "{}"))
    });
    let gateway = gateway(cluster.url(), "both");
    let mut connection = Connection::to(gateway.address);
    let fields = [("Content-Type", "application/json")];
    connection.send(&wire::request(
        "PUT",
        "/_ml/anomaly_detectors/a",
        &fields,
        &job::smallest(),
    ));
    has_arrived.recv_timeout(wire::PATIENCE).expect("the cluster is asked");
    drop(connection);
    // Another request on each thread, so that the end of the connection was seen.
    for _ in 0..8 {
        assert_eq!(gateway.call("GET", "/a", "").status(), 400);
    }
    left.send(()).expect("the cluster waits");
    eventually("the record", || cluster.requests(RECORD).len() == 1);
}
