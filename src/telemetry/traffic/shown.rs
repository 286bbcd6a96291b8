//! What all workers have counted, added up and written out. Every series is there from the start.

use std::sync::Arc;

use super::block::{BOUNDS, Block, Counter, Histogram, NodeConnections, Times};
use super::{AccessLog, Traffic};
use crate::telemetry::exposition::{Exposition, Kind};
use crate::telemetry::outcome::{MethodClass, Outcome, StatusClass, Verdict};

const REQUESTS: &str = "anomaly_gateway_requests_total";
const IN_FLIGHT: &str = "anomaly_gateway_requests_in_flight";
const TOTAL: &str = "anomaly_gateway_request_duration_seconds";
const OWN: &str = "anomaly_gateway_request_own_duration_seconds";
const NODE: &str = "anomaly_gateway_request_node_duration_seconds";
const RECEIVED: &str = "anomaly_gateway_request_body_bytes_total";
const SENT: &str = "anomaly_gateway_response_body_bytes_total";
const RETRIES: &str = "anomaly_gateway_request_retries_total";
const CLAIMED: &str = "anomaly_gateway_claimed_requests_total";
const CLIENTS: &str = "anomaly_gateway_client_connections";
const CLIENTS_OPENED: &str = "anomaly_gateway_client_connections_opened_total";
const CLIENTS_FAILED: &str = "anomaly_gateway_client_handshakes_failed_total";
const NODES: &str = "anomaly_gateway_node_connections";
const NODES_OPENED: &str = "anomaly_gateway_node_connections_opened_total";
const NODES_REUSED: &str = "anomaly_gateway_node_connections_reused_total";
const NODES_FAILED: &str = "anomaly_gateway_node_connections_failed_total";
const DROPPED: &str = "anomaly_gateway_access_log_dropped_total";

impl Traffic {
    /// Writes it out.
    pub fn show(&self, text: &mut Exposition) {
        let workers = Workers(self.blocks());
        workers.show_requests(text);
        workers.show_times(text);
        workers.show_clients(text);
        workers.show_nodes(text, &self.0.nodes);
        let dropped = self.0.access_log.as_ref().map_or(0, AccessLog::dropped);
        counter(
            text,
            DROPPED,
            "Lines of the access log that could not be written.",
            dropped,
        );
    }
}

/// What each worker has counted.
struct Workers(Vec<Arc<Block>>);

impl Workers {
    fn sum(&self, of: impl Fn(&Block) -> u64) -> u64 {
        self.0.iter().map(|block| of(block)).sum()
    }

    fn show_requests(&self, text: &mut Exposition) {
        text.family(
            REQUESTS,
            Kind::Counter,
            "Requests that have ended, by why (outcome), the class of the status, and the method.",
        );
        for outcome in Outcome::ALL {
            for status in StatusClass::ALL {
                for method in MethodClass::ALL {
                    let count = self.sum(|block| block.request(outcome, status, method).map_or(0, Counter::get));
                    let labels = [
                        ("outcome", outcome.name()),
                        ("status", status.name()),
                        ("method", method.name()),
                    ];
                    text.sample(REQUESTS, &labels, count);
                }
            }
        }
        text.family(IN_FLIGHT, Kind::Gauge, "Requests that have not ended.");
        let in_flight = self.sum(|block| {
            let ended = block.ended();
            block.begun.get().saturating_sub(ended)
        });
        text.sample(IN_FLIGHT, &[], in_flight);
        text.family(
            CLAIMED,
            Kind::Counter,
            "Claimed requests that have ended, by verdict and whether they were dry runs.",
        );
        for verdict in Verdict::ALL {
            for (dry_run, is_dry_run) in [("false", false), ("true", true)] {
                let count = self.sum(|block| block.claimed(verdict, is_dry_run).map_or(0, Counter::get));
                text.sample(CLAIMED, &[("verdict", verdict.name()), ("dry_run", dry_run)], count);
            }
        }
        let received = self.sum(|block| block.received.get());
        counter(
            text,
            RECEIVED,
            "Bytes of the bodies of requests, as they came.",
            received,
        );
        let sent = self.sum(|block| block.sent.get());
        counter(text, SENT, "Bytes of the bodies of answers, as they were sent.", sent);
        let retries = self.sum(|block| block.retries.get());
        let help = "Times that a request was sent on another connection or to another node.";
        counter(text, RETRIES, help, retries);
    }

    fn show_times(&self, text: &mut Exposition) {
        let total = "From the head of a request to the last byte of its answer.";
        self.show_time(text, TOTAL, total, |times| &times.total);
        let own =
            "The gateway's own part of the time to the head of an answer, without that of nodes and of the client.";
        self.show_time(text, OWN, own, |times| &times.own);
        let node = "From when nodes have a request to the head of their answer, and the gateway's own calls.";
        self.show_time(text, NODE, node, |times| &times.node);
    }

    fn show_time(&self, text: &mut Exposition, name: &str, help: &str, of: fn(&Times) -> &Histogram) {
        text.family(name, Kind::Histogram, help);
        for (claimed, is_claimed) in [("false", false), ("true", true)] {
            let histograms: Vec<_> = self.0.iter().map(|block| of(block.times(is_claimed))).collect();
            show_histogram(text, name, claimed, &histograms);
        }
    }

    fn show_clients(&self, text: &mut Exposition) {
        let opened = self.sum(|block| block.clients.opened.get());
        counter(
            text,
            CLIENTS_OPENED,
            "Connections of clients that were accepted.",
            opened,
        );
        let failed = self.sum(|block| block.clients.failed.get());
        let help = "Connections of clients on which TLS was not set up.";
        counter(text, CLIENTS_FAILED, help, failed);
        text.family(CLIENTS, Kind::Gauge, "Connections of clients that are open.");
        let open = self.sum(|block| open(&block.clients.opened, &block.clients.closed));
        text.sample(CLIENTS, &[], open);
    }

    fn show_nodes(&self, text: &mut Exposition, nodes: &[Arc<str>]) {
        let mut show = |name, help, of: fn(&NodeConnections) -> u64| {
            text.family(name, Kind::Counter, help);
            for (place, node) in nodes.iter().enumerate() {
                text.sample(name, &[("node", node)], self.sum_of_node(place, of));
            }
        };
        show(NODES_OPENED, "Connections to nodes that were made.", |node| {
            node.opened.get()
        });
        let reused = "Requests that were sent on a connection that another one was sent on before.";
        show(NODES_REUSED, reused, |node| node.reused.get());
        let failed = "Connections to nodes that could not be made.";
        show(NODES_FAILED, failed, |node| node.failed.get());
        let help = "Connections to nodes that are open, by state (active, idle).";
        text.family(NODES, Kind::Gauge, help);
        for (place, node) in nodes.iter().enumerate() {
            let idle = self.sum_of_node(place, |node| open(&node.put_aside, &node.taken_up));
            let open = self.sum_of_node(place, |node| open(&node.opened, &node.closed));
            text.sample(NODES, &[("node", node), ("state", "active")], open.saturating_sub(idle));
            text.sample(NODES, &[("node", node), ("state", "idle")], idle);
        }
    }

    fn sum_of_node(&self, place: usize, of: impl Fn(&NodeConnections) -> u64) -> u64 {
        self.sum(|block| block.nodes.get(place).map_or(0, &of))
    }
}

fn counter(text: &mut Exposition, name: &str, help: &str, value: u64) {
    text.family(name, Kind::Counter, help);
    text.sample(name, &[], value);
}

/// How many there are of what begins and ends. What has ended is read first, as nothing ends before it begins.
fn open(began: &Counter, ended: &Counter) -> u64 {
    let ended = ended.get();
    began.get().saturating_sub(ended)
}

fn show_histogram(text: &mut Exposition, name: &str, claimed: &str, histograms: &[&Histogram]) {
    let (buckets, count) = (format!("{name}_bucket"), format!("{name}_count"));
    let bounds = BOUNDS.iter().map(|(_, shown)| *shown).chain(["+Inf"]);
    let mut below = 0_u64;
    for (bucket, bound) in bounds.enumerate() {
        let counters = histograms.iter().filter_map(|histogram| histogram.buckets.get(bucket));
        below += counters.map(Counter::get).sum::<u64>();
        text.sample(&buckets, &[("claimed", claimed), ("le", bound)], below);
    }
    let nanos: u64 = histograms.iter().map(|histogram| histogram.sum.get()).sum();
    let seconds = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
    text.sample(&format!("{name}_sum"), &[("claimed", claimed)], seconds);
    text.sample(&count, &[("claimed", claimed)], below);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(traffic: &Traffic) -> Vec<String> {
        let mut text = Exposition::default();
        traffic.show(&mut text);
        text.into_text().lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_series_is_there_before_anything_has_happened() {
        let lines = shown(&Traffic::new(["http://a:1".to_owned()], None));
        let samples: Vec<_> = lines.iter().filter(|line| !line.starts_with('#')).collect();
        assert!(samples.len() > 400, "{}", samples.len());
        for sample in samples {
            let value = sample.rsplit(' ').next().expect("a value");
            assert_eq!(value.parse(), Ok(0.0), "{sample}");
        }
        let opened = "anomaly_gateway_node_connections_opened_total{node=\"http://a:1\"} 0";
        assert!(lines.iter().any(|line| line == opened), "{lines:?}");
    }

    #[test]
    fn what_workers_count_is_added_up() {
        let traffic = Traffic::new(["http://a:1".to_owned()], None);
        let (one, other) = (traffic.worker(), traffic.worker());
        let connections = [one.node_connected(0), other.node_connected(0)];
        let idle = one.node_connection_idle(0);
        let client = other.client_connected();
        let figures = |state: &str| {
            let line = format!("anomaly_gateway_node_connections{{node=\"http://a:1\",state=\"{state}\"}} ");
            let lines = shown(&traffic);
            let found = lines
                .iter()
                .find_map(|shown| shown.strip_prefix(&line).map(str::to_owned));
            found.expect("it is shown")
        };
        assert_eq!((figures("active"), figures("idle")), ("1".to_owned(), "1".to_owned()));
        assert!(shown(&traffic).contains(&"anomaly_gateway_client_connections 1".to_owned()));
        drop((connections, idle, client));
        assert_eq!((figures("active"), figures("idle")), ("0".to_owned(), "0".to_owned()));
        assert!(shown(&traffic).contains(&"anomaly_gateway_client_connections 0".to_owned()));
        assert!(shown(&traffic).contains(&"anomaly_gateway_client_connections_opened_total 1".to_owned()));
    }
}
