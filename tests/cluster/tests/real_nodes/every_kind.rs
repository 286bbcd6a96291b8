//! Every other kind, and clusters of several nodes.

use std::time::Instant;

use cluster::{Kind, Node, Vendor};

use crate::http::{ask, ask_at};

/// A test for each kind, as they are found by name and fail one by one.
macro_rules! kinds {
    ($($name:ident: $kind:expr;)*) => {$(
        #[test]
        #[ignore = "downloads and starts every kind; run by cargo xtask kinds"]
        fn $name() {
            answers_and_keeps_documents($kind);
        }
    )*};
}

kinds! {
    opensearch_3: Kind::OpenSearch3;
    opensearch_2: Kind::OpenSearch2;
    elasticsearch_7_10: Kind::Elasticsearch7_10;
    elasticsearch_7_17: Kind::Elasticsearch7_17;
    elasticsearch_8: Kind::Elasticsearch8;
    elasticsearch_9: Kind::Elasticsearch9;
}

fn answers_and_keeps_documents(kind: Kind) {
    let data = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let node = Node::builder(kind).data_dir(data.path()).start().unwrap();
    println!("{kind} started in {:.1} s", started.elapsed().as_secs_f64());

    let root = ask(&node, "GET /", "");
    assert_eq!(root.status, 200, "{}", root.text);
    assert!(
        root.text.contains(&format!(r#""number" : "{}""#, kind.version())),
        "{}",
        root.text
    );
    let product = root.text.to_lowercase().contains("x-elastic-product: elasticsearch");
    assert_eq!(
        product,
        kind.vendor() == Vendor::Elasticsearch && kind != Kind::Elasticsearch7_10,
        "{}",
        root.text
    );
    let head = ask(&node, "HEAD /", "");
    assert_eq!(head.status, 200, "{}", head.text);

    let create = || ask(&node, "PUT /anomaly-detectors/_create/x", r#"{"a":1}"#);
    let (first, second) = (create(), create());
    assert_eq!(
        (first.status, second.status),
        (201, 409),
        "{}\n{}",
        first.text,
        second.text
    );

    let (url, port) = (node.url().to_owned(), node.port());
    node.kill().unwrap();
    let node = Node::builder(kind).data_dir(data.path()).port(port).start().unwrap();
    assert_eq!(ask_at(&url, "GET /anomaly-detectors/_doc/x", "").status, 200);
    node.stop().unwrap();
}

#[test]
#[ignore = "downloads and starts every kind; run by cargo xtask kinds"]
fn three_nodes_of_opensearch_go_on_without_one() {
    three_nodes_go_on_without_one(Kind::default_for_this_machine().unwrap());
}

#[test]
#[ignore = "downloads and starts every kind; run by cargo xtask kinds"]
fn three_nodes_of_elasticsearch_go_on_without_one() {
    three_nodes_go_on_without_one(Kind::Elasticsearch8);
}

fn three_nodes_go_on_without_one(kind: Kind) {
    let mut node = Node::builder(kind).nodes(3).start().unwrap();
    let urls = node.urls().to_owned();
    assert_eq!(urls.len(), 3);
    let health = ask(&node, "GET /_cluster/health", "");
    assert!(health.text.contains(r#""number_of_nodes":3"#), "{}", health.text);
    let first = ask(&node, "PUT /anomaly-detectors/_create/x", "{}");
    assert_eq!(first.status, 201, "{}", first.text);
    // The document must be on two nodes before one of them stops.
    let green = ask(&node, "GET /_cluster/health?wait_for_status=green&timeout=30s", "");
    assert_eq!(green.status, 200, "{}", green.text);

    node.stop_one(1).unwrap();
    assert!(node.stop_one(1).is_err(), "it is stopped already");
    assert!(node.stop_one(7).is_err(), "there is no such node");
    let without_one = ask_at(&urls[2], "PUT /anomaly-detectors/_create/y", "{}");
    assert_eq!(without_one.status, 201, "{}", without_one.text);
    node.start_one(1).unwrap();
    assert_eq!(node.urls(), urls);
    assert_eq!(ask_at(&urls[1], "GET /anomaly-detectors/_doc/y", "").status, 200);

    // One that comes back waits only for those that run.
    node.stop_one(1).unwrap();
    node.stop_one(2).unwrap();
    node.start_one(2).unwrap();
    assert_eq!(ask_at(&urls[2], "GET /anomaly-detectors/_doc/y", "").status, 200);
    node.stop().unwrap();
}
