//! Proxies before and behind the gateway, other gateways among them.

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{Connection, request};

/// Two gateways in a row, the outer one leaving what it admits to the cluster behind it, are as one.
#[test]
fn a_chain_of_two_gateways_is_as_one() {
    let stored = std::sync::atomic::AtomicBool::new(false);
    let cluster = StandIn::answering("8.19.21", move |(line, _)| {
        let is_second = line.contains("/_create/") && stored.swap(true, std::sync::atomic::Ordering::Relaxed);
        is_second.then(|| {
            with_fields(
                "409 Conflict",
                &[],
                r#"{"error":{"type":"version_conflict_engine_exception"},"status":409}"#,
            )
        })
    });
    let inner = Gateway::before(&[cluster.url()]);
    let outer = Gateway::with(&[&format!("http://{}", inner.address)], &["--jobs-commit", "forward"]);
    let created = outer.create_job("chained", &job::total_requests());
    assert_eq!(created.status(), 200, "{}", created.text());
    assert_eq!(created.json()["job_id"], "chained");
    let again = outer.create_job("chained", &job::total_requests());
    assert_eq!(again.json()["error"]["type"], "resource_already_exists_exception");
    let refused = outer.create_job("chained", "{");
    assert_eq!(refused.status(), 400, "{}", refused.text());
    let forwarded = outer.call("GET", "/_no_such_call", "");
    assert!(
        forwarded.text().contains("no handler found for uri [/_no_such_call]"),
        "{}",
        forwarded.text()
    );
    assert_eq!(
        cluster.creates().len(),
        2,
        "nothing was sent twice, and nothing that was refused"
    );
}

/// nginx before the gateway, by its defaults: HTTP/1.0, a connection for each request, its upstream's name as the host.
#[test]
fn a_proxy_that_speaks_http_1_0_loses_nothing() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let gateway = Gateway::before(&[cluster.url()]);
    let job = job::smallest();
    for number in 0..80 {
        for (line, body, status) in [
            ("GET /_search".to_owned(), "", 400),
            ("POST /_bulk".to_owned(), "{}\n", 400),
            (format!("PUT /_ml/anomaly_detectors/j{number}"), job.as_str(), 200),
        ] {
            let mut connection = Connection::to(gateway.address);
            let head = format!(
                "{line} HTTP/1.0\r\nHost: gateway\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            connection.send(head.as_bytes());
            connection.send(body.as_bytes());
            assert_eq!(connection.read().status(), status, "{line}");
            assert_eq!(connection.read_some(&mut [0]), 0, "{line}: the connection ends");
        }
    }
    assert_eq!(cluster.creates().len(), 80);
}

/// haproxy/haproxy#622: `http-reuse always` sends requests of many clients down few connections, with checks
/// (`OPTIONS / HTTP/1.0`) beside them.
#[test]
fn a_proxy_that_shares_connections_among_its_clients_loses_nothing() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let gateway = Gateway::before(&[cluster.url()]);
    let mut shared: Vec<_> = (0..4).map(|_| Connection::to(gateway.address)).collect();
    for number in 0..240 {
        let connection = &mut shared[number % 4];
        let opaque = format!("client-{number}");
        let fields = [("Content-Type", "application/json"), ("X-Opaque-Id", opaque.as_str())];
        if number % 3 == 0 {
            let target = format!("/_ml/anomaly_detectors/j{number}");
            connection.send(&request("PUT", &target, &fields, &job::smallest()));
            let answer = connection.read();
            assert_eq!(
                (answer.status(), answer.values("x-opaque-id")),
                (200, vec![opaque.as_str()])
            );
        } else {
            connection.send(&request("GET", &format!("/forwarded-{number}"), &fields, ""));
            assert!(connection.read().text().contains(&format!("[/forwarded-{number}]")));
        }
        if number % 20 == 0 {
            let mut check = Connection::to(gateway.address);
            check.send(b"OPTIONS / HTTP/1.0\r\n\r\n");
            assert_eq!(check.read().status(), 400, "the stand-in's own answer");
        }
    }
    assert_eq!(cluster.creates().len(), 80);
}
