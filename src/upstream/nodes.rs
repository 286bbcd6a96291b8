//! The nodes of the cluster and which of them answer, as all threads and the probes know it.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http::StatusCode;

use super::node_url::NodeUrl;
use crate::telemetry::events::nodes::{NodeAuthorized, NodeBack, NodeDown, NodeUnauthorized};

/// How many answers in a row have to be 401 for a node to be one that refuses everything. OpenSearch blocks an address
/// after ten failed logins.
const MIN_UNAUTHORIZED: u32 = 10;

/// One node.
#[derive(Debug)]
struct Node {
    url: NodeUrl,
    /// Set by whoever finds it out: a request that cannot connect, or a probe.
    is_out: AtomicBool,
    /// Somebody has found out whether it answers, or nobody will by asking.
    is_known: AtomicBool,
    /// Since when, in milliseconds from the start.
    out_since: AtomicU64,
    /// How many answers in a row were 401.
    unauthorized: AtomicU32,
    /// It has answered `GET /` or `HEAD /` without credentials, and not with a refusal.
    is_open: AtomicBool,
}

/// What is known of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeState<'n> {
    /// Its address.
    pub url: &'n NodeUrl,
    /// Whether it is known to answer.
    pub answers: bool,
    /// How many answers in a row were 401, if it seems to refuse everything.
    pub unauthorized: Option<u32>,
}

/// All nodes, in the order of the configuration.
#[derive(Debug)]
pub struct Nodes {
    all: Vec<Node>,
    /// When a node that could not be reached is asked again by a request, as no probe finds out that it is back.
    retry_after: Option<Duration>,
    start: Instant,
    /// How many requests, and calls of the gateway's own, found no node to ask since a node came back.
    unserved: AtomicU64,
}

impl Nodes {
    /// The nodes at these addresses. Requests are sent to all of them until one is found out not to answer. Without probes,
    /// one that cannot be reached is asked again after this time, and each is taken to answer until then.
    #[must_use]
    pub fn new(urls: Vec<NodeUrl>, retry_after: Option<Duration>) -> Arc<Self> {
        let nodes = urls.into_iter().map(|url| Node {
            url,
            is_out: AtomicBool::new(false),
            is_known: AtomicBool::new(retry_after.is_some()),
            out_since: AtomicU64::new(0),
            unauthorized: AtomicU32::new(0),
            is_open: AtomicBool::new(false),
        });
        Arc::new(Self {
            all: nodes.collect(),
            retry_after,
            start: Instant::now(),
            unserved: AtomicU64::new(0),
        })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// The address of a node.
    #[must_use]
    pub fn url(&self, place: usize) -> Option<&NodeUrl> {
        self.all.get(place).map(|node| &node.url)
    }

    /// Every node, as far as it is known.
    pub fn iter(&self) -> impl Iterator<Item = NodeState<'_>> {
        self.all.iter().map(|node| {
            let unauthorized = node.unauthorized.load(Ordering::Relaxed);
            NodeState {
                url: &node.url,
                answers: node.is_known.load(Ordering::Relaxed) && !node.is_out.load(Ordering::Relaxed),
                unauthorized: Some(unauthorized).filter(|count| *count >= MIN_UNAUTHORIZED),
            }
        })
    }

    /// The node to ask next: of those not tried yet the first from `first` on that answers; when none does, the first
    /// that may have come back.
    #[must_use]
    pub fn choose(&self, first: usize, tried: &[usize]) -> Option<(usize, &NodeUrl)> {
        let count = self.all.len();
        let first = first % count.max(1);
        let in_turn = || {
            let places = (0..count).map(|turn| (first + turn) % count);
            places.filter(|place| !tried.contains(place))
        };
        let answers = |place: &usize| !self.is_out(*place) || self.may_be_back(*place);
        let place = in_turn().find(answers).or_else(|| in_turn().next())?;
        Some((place, self.url(place)?))
    }

    /// Whether a node is known not to answer.
    #[must_use]
    pub fn is_out(&self, place: usize) -> bool {
        self.all
            .get(place)
            .is_some_and(|node| node.is_out.load(Ordering::Relaxed))
    }

    /// Whether it has been found out if a node answers.
    #[must_use]
    pub fn is_known(&self, place: usize) -> bool {
        self.all
            .get(place)
            .is_some_and(|node| node.is_known.load(Ordering::Relaxed))
    }

    /// Whether it is time for a request to ask a node that did not answer. The next one waits as long again.
    fn may_be_back(&self, place: usize) -> bool {
        let (Some(wait), Some(node)) = (self.retry_after, self.all.get(place)) else {
            return false;
        };
        let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let now = self.now();
        let since = node.out_since.load(Ordering::Relaxed);
        let is_time = now.saturating_sub(since) >= wait;
        is_time
            && node
                .out_since
                .compare_exchange(since, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// A node could not be reached.
    pub fn failed(&self, place: usize, reason: &impl Display) {
        let Some(node) = self.all.get(place) else { return };
        node.out_since.store(self.now(), Ordering::Relaxed);
        node.is_known.store(true, Ordering::Relaxed);
        if !node.is_out.swap(true, Ordering::Relaxed) {
            let answering = self.all.iter().filter(|node| !node.is_out.load(Ordering::Relaxed));
            let event = NodeDown {
                node: &node.url,
                reason,
                answering: answering.count(),
            };
            event.log();
        }
    }

    /// A node could be reached.
    pub fn reached(&self, place: usize) {
        let Some(node) = self.all.get(place) else { return };
        if !node.is_known.load(Ordering::Relaxed) {
            node.is_known.store(true, Ordering::Relaxed);
        }
        if node.is_out.load(Ordering::Relaxed) && node.is_out.swap(false, Ordering::Relaxed) {
            let event = NodeBack {
                node: &node.url,
                unserved: self.unserved.swap(0, Ordering::Relaxed),
            };
            event.log();
        }
    }

    /// No node could be asked what was to be asked.
    pub fn none_served(&self) {
        self.unserved.fetch_add(1, Ordering::Relaxed);
    }

    /// A node has answered a request.
    pub fn answered(&self, place: usize, status: StatusCode) {
        self.reached(place);
        let Some(node) = self.all.get(place) else { return };
        if status == StatusCode::UNAUTHORIZED {
            let before = node.unauthorized.fetch_add(1, Ordering::Relaxed);
            if before + 1 == MIN_UNAUTHORIZED {
                let event = NodeUnauthorized {
                    node: &node.url,
                    answers: MIN_UNAUTHORIZED,
                };
                event.log();
            }
        } else if node.unauthorized.load(Ordering::Relaxed) > 0
            && node.unauthorized.swap(0, Ordering::Relaxed) >= MIN_UNAUTHORIZED
        {
            NodeAuthorized { node: &node.url }.log();
        }
    }

    /// Whether a node is known to answer the question of a probe without credentials, so that the question is no failed
    /// login.
    #[must_use]
    pub fn is_open(&self, place: usize) -> bool {
        self.all
            .get(place)
            .is_some_and(|node| node.is_open.load(Ordering::Relaxed))
    }

    /// A node has answered it.
    pub fn note_open(&self, place: usize) {
        if let Some(node) = self.all.get(place)
            && !node.is_open.load(Ordering::Relaxed)
        {
            node.is_open.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three(retry_after: Option<Duration>) -> Arc<Nodes> {
        let urls = ["http://a:1", "http://b:1", "http://c:1"].map(|url| NodeUrl::parse(url).expect("a URL"));
        Nodes::new(urls.to_vec(), retry_after)
    }

    fn order(nodes: &Nodes, first: usize) -> Vec<usize> {
        let mut tried = Vec::new();
        while let Some((place, _)) = nodes.choose(first, &tried) {
            tried.push(place);
        }
        tried
    }

    #[test]
    fn nodes_are_asked_in_turn() {
        let nodes = three(None);
        assert_eq!(order(&nodes, 0), [0, 1, 2]);
        assert_eq!(order(&nodes, 2), [2, 0, 1]);
        assert_eq!(order(&nodes, usize::MAX), [0, 1, 2]);
    }

    #[test]
    fn a_node_that_does_not_answer_is_the_last_resort() {
        let nodes = three(None);
        nodes.failed(1, &"gone");
        assert_eq!(order(&nodes, 1), [2, 0, 1]);
        nodes.failed(0, &"gone");
        nodes.failed(2, &"gone");
        assert_eq!(order(&nodes, 1), [1, 2, 0]);
        nodes.reached(0);
        assert_eq!(order(&nodes, 1), [0, 1, 2]);
    }

    #[test]
    fn without_probes_a_request_now_and_then_asks_a_node_that_did_not_answer() {
        let nodes = three(Some(Duration::ZERO));
        nodes.failed(1, &"gone");
        assert_eq!(order(&nodes, 1), [1, 2, 0]);
        let nodes = three(Some(Duration::from_secs(60)));
        nodes.failed(1, &"gone");
        assert_eq!(order(&nodes, 1), [2, 0, 1]);
    }

    #[test]
    fn a_node_answers_once_somebody_has_found_that_out() {
        let answers = |nodes: &Nodes| nodes.iter().map(|node| node.answers).collect::<Vec<_>>();
        let nodes = three(None);
        assert_eq!(answers(&nodes), [false; 3]);
        assert_eq!(order(&nodes, 0), [0, 1, 2], "requests find out as well");
        nodes.reached(0);
        nodes.failed(1, &"gone");
        assert_eq!(answers(&nodes), [true, false, false]);
        let unprobed = three(Some(Duration::from_secs(60)));
        assert_eq!(answers(&unprobed), [true; 3]);
    }

    #[test]
    fn a_single_node_is_asked_whatever_is_known_of_it() {
        let nodes = Nodes::new(vec![NodeUrl::default()], None);
        nodes.failed(0, &"gone");
        assert!(nodes.is_out(0));
        assert_eq!(order(&nodes, 0), [0]);
    }

    #[test]
    fn a_node_refuses_everything_when_it_has_done_nothing_else_for_a_while() {
        let nodes = three(None);
        let unauthorized = || nodes.iter().map(|node| node.unauthorized).collect::<Vec<_>>();
        for _ in 1..MIN_UNAUTHORIZED {
            nodes.answered(1, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(unauthorized(), [None, None, None]);
        nodes.answered(0, StatusCode::OK);
        nodes.answered(1, StatusCode::UNAUTHORIZED);
        nodes.answered(1, StatusCode::UNAUTHORIZED);
        assert_eq!(unauthorized(), [None, Some(MIN_UNAUTHORIZED + 1), None]);
        nodes.answered(1, StatusCode::FORBIDDEN);
        assert_eq!(unauthorized(), [None, None, None]);
    }
}
