//! What all workers have counted, added up and written out. Every series is there from the start.

use std::sync::Arc;
use std::time::Duration;

use super::block::{Block, NodeConnections, Times};
use super::counter::{BOUNDS, Counter, Histogram};
use super::{AccessLog, Traffic};
use crate::telemetry::exposition::Exposition;
use crate::telemetry::families::{
    ACCESS_LOG_DROPPED, CLAIMED_REQUESTS, CLIENTS, CLIENTS_FAILED, CLIENTS_OPENED, IN_FLIGHT, NODE_TIME, NODES,
    NODES_FAILED, NODES_OPENED, NODES_REUSED, OWN_TIME, RECEIVED, REQUESTS, RETRIES, SENT, TOTAL_TIME, WORKER_LAG,
    WORKER_OVERDUE,
};
use crate::telemetry::family::Family;
use crate::telemetry::outcome::{HandshakeFailure, MethodClass, Outcome, StatusClass, Verdict};

impl Traffic {
    /// Writes it out.
    pub fn show(&self, text: &mut Exposition) {
        let workers = Workers(self.blocks());
        workers.show_requests(text);
        workers.show_times(text);
        workers.show_clients(text);
        workers.show_nodes(text, &self.0.nodes);
        workers.show_lag(text);
        let dropped = self.0.access_log.as_ref().map_or(0, AccessLog::dropped);
        text.single(&ACCESS_LOG_DROPPED, dropped);
    }
}

/// What each worker has counted.
struct Workers(Vec<Arc<Block>>);

impl Workers {
    fn sum(&self, of: impl Fn(&Block) -> u64) -> u64 {
        self.0.iter().map(|block| of(block)).sum()
    }

    fn show_requests(&self, text: &mut Exposition) {
        text.family(&REQUESTS);
        for outcome in Outcome::ALL {
            for status in StatusClass::ALL {
                for method in MethodClass::ALL {
                    let count = self.sum(|block| block.request(outcome, status, method).map_or(0, Counter::get));
                    text.sample(&REQUESTS, &[outcome.name(), status.name(), method.name()], count);
                }
            }
        }
        let in_flight = self.sum(|block| {
            let ended = block.ended();
            block.begun.get().saturating_sub(ended)
        });
        text.single(&IN_FLIGHT, in_flight);
        text.family(&CLAIMED_REQUESTS);
        for verdict in Verdict::ALL {
            for (dry_run, is_dry_run) in [("false", false), ("true", true)] {
                let count = self.sum(|block| block.claimed(verdict, is_dry_run).map_or(0, Counter::get));
                text.sample(&CLAIMED_REQUESTS, &[verdict.name(), dry_run], count);
            }
        }
        text.single(&RECEIVED, self.sum(|block| block.received.get()));
        text.single(&SENT, self.sum(|block| block.sent.get()));
        text.single(&RETRIES, self.sum(|block| block.retries.get()));
    }

    fn show_times(&self, text: &mut Exposition) {
        self.show_time(text, &TOTAL_TIME, |times| &times.total);
        self.show_time(text, &OWN_TIME, |times| &times.own);
        self.show_time(text, &NODE_TIME, |times| &times.node);
    }

    fn show_time(&self, text: &mut Exposition, family: &Family, of: fn(&Times) -> &Histogram) {
        text.family(family);
        for (claimed, is_claimed) in [("false", false), ("true", true)] {
            self.show_histogram(text, family, &[claimed], |block| of(block.times(is_claimed)));
        }
    }

    fn show_clients(&self, text: &mut Exposition) {
        text.single(&CLIENTS_OPENED, self.sum(|block| block.clients.opened.get()));
        text.family(&CLIENTS_FAILED);
        for failure in HandshakeFailure::ALL {
            let count = self.sum(|block| block.clients.failed.get(failure as usize).map_or(0, Counter::get));
            text.sample(&CLIENTS_FAILED, &[failure.name()], count);
        }
        let open = self.sum(|block| open(&block.clients.opened, &block.clients.closed));
        text.single(&CLIENTS, open);
    }

    fn show_nodes(&self, text: &mut Exposition, nodes: &[Arc<str>]) {
        let mut show = |family: &Family, of: fn(&NodeConnections) -> u64| {
            text.family(family);
            for (place, node) in nodes.iter().enumerate() {
                text.sample(family, &[node], self.sum_of_node(place, of));
            }
        };
        show(&NODES_OPENED, |node| node.opened.get());
        show(&NODES_REUSED, |node| node.reused.get());
        show(&NODES_FAILED, |node| node.failed.get());
        text.family(&NODES);
        for (place, node) in nodes.iter().enumerate() {
            let idle = self.sum_of_node(place, |node| open(&node.put_aside, &node.taken_up));
            let open = self.sum_of_node(place, |node| open(&node.opened, &node.closed));
            text.sample(&NODES, &[node, "active"], open.saturating_sub(idle));
            text.sample(&NODES, &[node, "idle"], idle);
        }
    }

    fn sum_of_node(&self, place: usize, of: impl Fn(&NodeConnections) -> u64) -> u64 {
        self.sum(|block| block.nodes.get(place).map_or(0, &of))
    }

    fn show_lag(&self, text: &mut Exposition) {
        text.family(&WORKER_LAG);
        self.show_histogram(text, &WORKER_LAG, &[], |block| &block.pulse.lag);
        text.family(&WORKER_OVERDUE);
        for (number, block) in self.0.iter().enumerate() {
            let overdue = seconds(block.pulse.overdue());
            text.sample(&WORKER_OVERDUE, &[&number.to_string()], overdue);
        }
    }

    fn show_histogram(
        &self,
        text: &mut Exposition,
        family: &Family,
        values: &[&str],
        of: impl Fn(&Block) -> &Histogram,
    ) {
        let histograms: Vec<_> = self.0.iter().map(|block| of(block)).collect();
        let bounds = BOUNDS.iter().map(|(_, shown)| *shown).chain(["+Inf"]);
        let mut at_most = 0_u64;
        let buckets = bounds.enumerate().map(|(bucket, bound)| {
            let counters = histograms.iter().filter_map(|histogram| histogram.buckets.get(bucket));
            at_most += counters.map(Counter::get).sum::<u64>();
            (bound, at_most)
        });
        let nanos = histograms.iter().map(|histogram| histogram.sum.get()).sum();
        text.histogram(family, values, buckets, seconds(Duration::from_nanos(nanos)));
    }
}

/// How many there are of what begins and ends. What has ended is read first, as nothing ends before it begins.
fn open(began: &Counter, ended: &Counter) -> u64 {
    let ended = ended.get();
    began.get().saturating_sub(ended)
}

fn seconds(time: Duration) -> String {
    format!("{}.{:09}", time.as_secs(), time.subsec_nanos())
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
        let [one, other] = [(), ()].map(|()| traffic.counters().on_this_thread());
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
