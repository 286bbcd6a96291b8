//! A real node for each generation of clients, empty before each run.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use clients::Server;
use cluster::Node;

use crate::support::wire;

/// A node that is used by one test at a time.
pub struct Ground {
    node: Node,
}

impl Ground {
    /// The node of a generation, started by the first who asks. It lives as long as this process.
    pub fn of(server: Server) -> MutexGuard<'static, Self> {
        static GROUNDS: [OnceLock<Mutex<Ground>>; 5] = [const { OnceLock::new() }; 5];
        let ground = GROUNDS[server as usize].get_or_init(|| {
            let kind = server
                .kind()
                .unwrap_or_else(|error| panic!("no node to test with: {error}"));
            // The Java client cannot read a node without attributes; machine learning, for one, gives a node some.
            let node = Node::builder(kind).setting("node.attr.rack", "1").start();
            Mutex::new(Ground {
                node: node.unwrap_or_else(|error| panic!("the node does not start: {error}")),
            })
        });
        // A test that has failed leaves nothing behind but indices.
        ground.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn url(&self) -> &str {
        self.node.url()
    }

    pub fn address(&self) -> SocketAddr {
        wire::address_of(self.node.url())
    }

    pub fn version(&self) -> &'static str {
        self.node.kind().version()
    }

    /// Deletes every index.
    pub fn clear(&self) {
        let listed = self.call("GET", "/_cat/indices?h=index&expand_wildcards=all");
        for index in listed.lines() {
            self.call("DELETE", &format!("/{}", index.trim()));
        }
    }

    fn call(&self, method: &str, target: &str) -> String {
        let answer = wire::call(self.address(), method, target, &[], "");
        assert_eq!(answer.status(), 200, "{method} {target}: {}", answer.text());
        answer.text()
    }
}
