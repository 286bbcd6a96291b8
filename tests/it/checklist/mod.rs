//! The checklist of http.md §7, "transparent to clients": one test for each line, named by the line's number.
//!
//! Where a line has a test elsewhere it carries the number there: 25 in `claims`, 64 in `large_bodies`, 80 in `outage`,
//! 82 in `concurrency`, 90 in `smuggling`; what a real node says to the same bytes is in `as_the_node`.
//! Lines 56, 74 and 101 are of other formats and of stack traces.

mod a_forwarded;
mod a_paths;
mod b_forwarded;
mod b_headers;
mod c_bodies;
mod c_sizes;
mod d_bodies;
mod e_errors;
mod f_connections;
mod f_protocol;
mod g_compression;
mod h_negotiation;

use crate::support::gateway::Gateway;
use crate::support::stand_in::StandIn;
use crate::support::wire::{self, Answer};

const JOB: &str = "/_ml/anomaly_detectors/j";
const JSON: (&str, &str) = ("content-type", "application/json");

/// A gateway before a stand-in for an Elasticsearch of a version.
fn before(version: &str) -> (StandIn, Gateway) {
    let cluster = StandIn::elasticsearch(version);
    let gateway = Gateway::before(&[cluster.url()]);
    (cluster, gateway)
}

/// A stand-in whose answers to the create of a job are no HTTP.
fn losing_creates(version: &str) -> StandIn {
    StandIn::answering(version, |(line, _)| {
        line.contains("/_create/").then(|| "nonsense\r\n\r\n".to_owned())
    })
}

/// A PUT with these fields and no others.
fn put(gateway: &Gateway, target: &str, fields: &[(&str, &str)], body: &str) -> Answer {
    wire::call(gateway.address, "PUT", target, fields, body)
}

/// The types of an error's chain, outermost first; of one that is a text, none.
fn types(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let chain = std::iter::successors(body.get("error"), |exception| exception.get("caused_by"));
    let named = chain.filter_map(|exception| exception.get("type")?.as_str());
    named.map(str::to_owned).collect()
}

/// The reason of an error's outermost exception, or the text that the error is.
fn reason(answer: &Answer) -> String {
    let error = answer.json()["error"].clone();
    let text = error.get("reason").cloned().unwrap_or(error);
    text.as_str().unwrap_or_default().to_owned()
}
