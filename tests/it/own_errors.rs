//! The gateway's own errors about a cluster that is away: in the words of the version that was seen before.

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::stand_in::StandIn;
use crate::support::wire::{Connection, request};

/// A path on which the stand-in's answers are no HTTP.
const LOST: &str = "/lost";

#[test]
fn an_error_has_the_media_type_of_the_version_and_the_clients_opaque_id() {
    let vendor = "application/vnd.elasticsearch+json;compatible-with=8";
    for (version, accept, content_type, product) in [
        ("7.10.2", None, "application/json; charset=UTF-8", None),
        (
            "7.17.28",
            None,
            "application/json; charset=UTF-8",
            Some("Elasticsearch"),
        ),
        ("8.19.21", None, "application/json", Some("Elasticsearch")),
        (
            "8.19.21",
            Some("application/json"),
            "application/json",
            Some("Elasticsearch"),
        ),
        ("8.19.21", Some(vendor), vendor, Some("Elasticsearch")),
        ("9.5.3", None, "application/json", Some("Elasticsearch")),
    ] {
        let cluster = StandIn::answering(version, |(line, _)| {
            line.contains(LOST).then(|| "nonsense\r\n\r\n".to_owned())
        });
        let gateway = Gateway::before(&[cluster.url()]);
        let mut connection = Connection::to(gateway.address);
        connection.send(&request(
            "PUT",
            "/_ml/anomaly_detectors/j",
            &[("content-type", "application/json")],
            &job::smallest(),
        ));
        let _ = connection.read(); // The gateway has learnt the version from it.

        for (method, status, name) in [
            ("GET", 502, "upstream_failure_exception"),
            ("PUT", 500, "outcome_unknown_exception"),
        ] {
            let mut fields = vec![("x-opaque-id", "abc")];
            fields.extend(accept.map(|accept| ("accept", accept)));
            let mut connection = Connection::to(gateway.address);
            connection.send(&request(method, LOST, &fields, ""));
            let answer = connection.read();
            let body = answer.json();
            assert_eq!(answer.status(), status, "{version}");
            assert_eq!(
                (body["status"].as_u64(), &body["error"]["type"]),
                (Some(status.into()), &name.into())
            );
            assert_eq!(body["error"]["root_cause"][0]["reason"], body["error"]["reason"]);
            assert_eq!(answer.values("content-type"), [content_type], "{version} {accept:?}");
            assert_eq!(answer.values("x-opaque-id"), ["abc"]);
            assert_eq!(
                answer.values("x-elastic-product").first().copied(),
                product,
                "{version}"
            );
        }
    }
}
