//! The kind that tests and the demo use.

use std::time::Instant;

use cluster::{Error, Kind, Node};

use crate::http::{ask, ask_at};

#[test]
fn a_document_outlives_the_kill_of_its_node_and_the_next_one_has_the_same_port() {
    let data = tempfile::tempdir().unwrap();
    let kind = Kind::default_for_this_machine().unwrap();
    let node = Node::builder(kind).data_dir(data.path()).start().unwrap();
    let (url, port) = (node.url().to_owned(), node.port());
    let created = ask(&node, "PUT /anomaly-detectors/_create/x", r#"{"a":1}"#);
    assert_eq!(created.status, 201, "{}", created.text);
    node.kill().unwrap();

    let node = Node::builder(kind).data_dir(data.path()).port(port).start().unwrap();
    assert_eq!(node.url(), url);
    let found = ask(&node, "GET /anomaly-detectors/_doc/x", "");
    assert_eq!(found.status, 200, "{}", found.text);
    assert!(found.text.contains(r#""_source":{"a":1}"#), "{}", found.text);
    node.stop().unwrap();
    assert!(data.path().join("node-0").exists());
}

#[test]
fn a_node_that_cannot_start_says_why() {
    let kind = Kind::default_for_this_machine().unwrap();
    let error = Node::builder(kind).setting("no.such.setting", "1").start().unwrap_err();
    assert!(matches!(error, Error::Ended { .. }), "{error}");
    assert!(
        error.to_string().contains("unknown setting [no.such.setting]"),
        "{error}"
    );
}

#[test]
fn tests_share_one_cluster() {
    let first = cluster::shared_url().unwrap();
    let before = Instant::now();
    assert_eq!(cluster::shared_url().unwrap(), first);
    assert!(
        before.elapsed().as_millis() < 100,
        "the second call must not start anything"
    );
    assert_eq!(ask_at(first, "GET /", "").status, 200);
    assert_eq!(
        cluster::shared().unwrap().node().is_ok(),
        cluster::given_url().is_none()
    );
}
