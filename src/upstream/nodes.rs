//! The nodes of the cluster and which of them answer, as all threads and the probes know it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::node_url::NodeUrl;

/// One node.
#[derive(Debug)]
struct Node {
    url: NodeUrl,
    /// Set by whoever finds it out: a request that cannot connect, or a probe.
    is_out: AtomicBool,
}

/// All nodes, in the order of the configuration.
#[derive(Debug)]
pub struct Nodes {
    nodes: Vec<Node>,
}

impl Nodes {
    /// The nodes at these addresses, all of them taken to answer.
    #[must_use]
    pub fn new(urls: Vec<NodeUrl>) -> Arc<Self> {
        let nodes = urls.into_iter().map(|url| Node {
            url,
            is_out: AtomicBool::new(false),
        });
        Arc::new(Self { nodes: nodes.collect() })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.nodes.len()
    }

    /// The address of a node.
    #[must_use]
    pub fn url(&self, place: usize) -> Option<&NodeUrl> {
        self.nodes.get(place).map(|node| &node.url)
    }

    /// Every node, and whether it answers as far as is known.
    pub fn iter(&self) -> impl Iterator<Item = (&NodeUrl, bool)> {
        let nodes = self.nodes.iter();
        nodes.map(|node| (&node.url, !node.is_out.load(Ordering::Relaxed)))
    }

    /// The node to ask next: of those not tried yet the first from `first` on that answers; when none does, the first
    /// that may have come back.
    #[must_use]
    pub fn choose(&self, first: usize, tried: &[usize]) -> Option<(usize, &NodeUrl)> {
        let count = self.nodes.len();
        let first = first % count.max(1);
        let in_turn = || {
            let places = (0..count).map(|turn| (first + turn) % count);
            places.filter(|place| !tried.contains(place))
        };
        let answers = |place: &usize| !self.is_out(*place);
        let place = in_turn().find(answers).or_else(|| in_turn().next())?;
        Some((place, self.url(place)?))
    }

    /// Whether a node is known not to answer.
    #[must_use]
    pub fn is_out(&self, place: usize) -> bool {
        self.nodes
            .get(place)
            .is_some_and(|node| node.is_out.load(Ordering::Relaxed))
    }

    /// A node could not be reached. Of a single node nothing is kept: there is no other to ask instead.
    pub fn failed(&self, place: usize) {
        if self.nodes.len() > 1
            && let Some(node) = self.nodes.get(place)
            && !node.is_out.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(node = %node.url, "the node does not answer; others are asked");
        }
    }

    /// A node has answered.
    pub fn answered(&self, place: usize) {
        if let Some(node) = self.nodes.get(place)
            && node.is_out.load(Ordering::Relaxed)
            && node.is_out.swap(false, Ordering::Relaxed)
        {
            tracing::info!(node = %node.url, "the node answers again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Arc<Nodes> {
        let urls = ["http://a:1", "http://b:1", "http://c:1"].map(|url| NodeUrl::parse(url).expect("a URL"));
        Nodes::new(urls.to_vec())
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
        let nodes = three();
        assert_eq!(order(&nodes, 0), [0, 1, 2]);
        assert_eq!(order(&nodes, 2), [2, 0, 1]);
        assert_eq!(order(&nodes, usize::MAX), [0, 1, 2]);
    }

    #[test]
    fn a_node_that_does_not_answer_is_the_last_resort() {
        let nodes = three();
        nodes.failed(1);
        assert_eq!(order(&nodes, 1), [2, 0, 1]);
        nodes.failed(0);
        nodes.failed(2);
        assert_eq!(order(&nodes, 1), [1, 2, 0]);
        nodes.answered(0);
        assert_eq!(order(&nodes, 1), [0, 1, 2]);
    }

    #[test]
    fn a_single_node_is_never_out() {
        let nodes = Nodes::new(vec![NodeUrl::default()]);
        nodes.failed(0);
        assert!(!nodes.is_out(0));
    }
}
