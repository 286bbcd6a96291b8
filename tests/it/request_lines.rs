//! Request lines that are longer than Elasticsearch reads: of claimed calls they are refused as nodes refuse them, others are
//! the cluster's to refuse.

use crate::support::gateway::Gateway;
use crate::support::node;
use crate::support::stand_in::StandIn;
use crate::support::wire::{Answer, Connection, address_of};

/// A request for the call whose line has so many bytes, with fields and a body that nobody reads.
fn request(length: usize) -> Vec<u8> {
    let line = |path: &str| format!("PUT /_ml/anomaly_detectors/j?pretty&format=yaml&filter_path={path} HTTP/1.1");
    let line = line(&"a".repeat(length - line("").len()));
    let fields =
        "Host: a\r\nX-Opaque-Id: me\r\nAccept: application/cbor\r\nContent-Type: application/json\r\nContent-Length: 2";
    format!("{line}\r\n{fields}\r\n\r\n{{}}").into_bytes()
}

/// The answer to a line of so many bytes, and whether the connection ends with it.
fn ask(connection: &mut Connection, length: usize) -> (Answer, bool) {
    connection.send(&request(length));
    let answer = connection.read();
    let closes = answer.status_line.starts_with("HTTP/1.0") && connection.read_some(&mut [0]) == 0;
    (answer, closes)
}

const REASON: &str = "An HTTP line is larger than 4096 bytes.";

/// As 7.10.2, 7.17.29, 8.19.21 and 9.5.3 answer. Who asks makes no difference, nor what the query and the fields say.
#[test]
fn a_claimed_line_that_is_too_long_is_refused_as_elasticsearch_refuses_it() {
    let late = "too_long_http_line_exception";
    let early = "too_long_frame_exception";
    let utf8 = "application/json; charset=UTF-8";
    for (version, longest, name, content_type, product) in [
        ("7.10.2", 4095, early, utf8, None),
        ("7.17.29", 4096, late, utf8, Some("Elasticsearch")),
        ("8.19.21", 4096, late, "application/json", Some("Elasticsearch")),
        ("9.5.3", 4096, late, "application/json", Some("Elasticsearch")),
    ] {
        let cluster = StandIn::elasticsearch(version);
        let gateway = Gateway::before(&[cluster.url()]);
        let mut connection = Connection::to(gateway.address);
        let (answer, _) = ask(&mut connection, longest);
        assert!(!answer.text().contains("too_long"), "{version}: {}", answer.text());
        for length in [longest + 1, 8000, 60_000] {
            let (answer, closes) = ask(&mut Connection::to(gateway.address), length);
            let mut fields: Vec<(String, String)> = Vec::new();
            fields.extend(product.map(|product| ("X-elastic-product".to_owned(), product.to_owned())));
            fields.push(("content-type".to_owned(), content_type.to_owned()));
            fields.push(("connection".to_owned(), "close".to_owned()));
            fields.push(("content-length".to_owned(), answer.body.len().to_string()));
            let named = |(name, value): &(String, String)| (name.to_ascii_lowercase(), value.clone());
            assert_eq!(answer.status_line, "HTTP/1.0 400 Bad Request");
            assert_eq!(
                answer.fields.iter().map(named).collect::<Vec<_>>(),
                fields.iter().map(named).collect::<Vec<_>>()
            );
            let exception = format!(r#""type":"{name}","reason":"{REASON}""#);
            let expected = format!(r#"{{"error":{{"root_cause":[{{{exception}}}],{exception}}},"status":400}}"#);
            assert_eq!(answer.text(), expected, "{version}");
            assert!(closes, "{version}: the connection stays open");
        }
        assert_eq!(cluster.creates(), [""; 0]);
        assert_eq!(cluster.forwarded(), [""; 0]);
    }
}

/// Nothing was asked of the cluster so far, and it is not asked for this.
#[test]
fn a_claimed_line_that_is_too_long_is_refused_without_asking_anybody() {
    let cluster = StandIn::answering("8.19.21", |_| {
        Some("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n".to_owned())
    });
    let gateway = Gateway::before(&[cluster.url()]);
    let (answer, closes) = ask(&mut Connection::to(gateway.address), 5000);
    assert_eq!((answer.status(), closes), (400, true));
    assert_eq!(answer.json()["error"]["type"], "too_long_http_line_exception");
    assert_eq!(cluster.upstream.requests(), 0);
}

/// The same bytes to a real node and through the gateway.
#[test]
fn a_node_answers_the_same() {
    let node = node::shared_url();
    let gateway = Gateway::before(&[node]);
    gateway.create_job("j", ""); // From here on the gateway knows the cluster.
    for length in [4097, 20_000] {
        let direct = ask(&mut Connection::to(address_of(node)), length);
        let through = ask(&mut Connection::to(gateway.address), length);
        assert_eq!(direct.1, through.1);
        let lower = |answer: &Answer| {
            let names = answer.fields.iter();
            // The gateway says that it closes the connection, a node just does so.
            let names = names.filter(|(name, _)| !name.eq_ignore_ascii_case("connection"));
            let lower = names.map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
            (answer.status_line.clone(), lower.collect::<Vec<_>>(), answer.text())
        };
        assert_eq!(lower(&direct.0), lower(&through.0));
    }
}
