//! Starts real OpenSearch and Elasticsearch nodes for the tests and the demo, without a container engine.
//!
//! A node runs in a plain JVM from jars that Maven resolves once. Needed are a JDK (21 or newer, or 17 for the older
//! kinds), Maven, and openssl for the kinds with users and roles. What was made once lies in `target/cluster`.
//!
//! ```no_run
//! use cluster::{Kind, Node};
//!
//! let data = tempfile::tempdir()?;
//! let kind = Kind::default_for_this_machine()?;
//! let node = Node::builder(kind).data_dir(data.path()).start()?;
//! let port = node.port();
//! node.kill()?;
//! // The same cluster again, at the same address.
//! let node = Node::builder(kind).data_dir(data.path()).port(port).start()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing outlives the process that started it, not even if that is killed: neither the JVM nor a download.
//!
//! The environment is asked for `JAVA_HOME`, `MAVEN_HOME` and `CARGO_TARGET_DIR` in their usual meaning, for
//! `OPENSEARCH_URL` by [`shared()`] and for `XTASK_LIFELINE` by [`end_with_xtask`].
//!
//! A test that only needs *a* cluster takes [`shared()`].
//!
//! From the call to the answering node: `builder` goes through the steps, `kind` and `jdk` choose, `coordinates` and
//! `maven` find the jars, `launcher` runs `java/Launcher.java` with them, `security` adds users and certificates,
//! `node` talks to what runs. `cache` keeps what is made once, and `guarded` runs the programs that make it.
//!
//! What finds a JDK, asks Maven and keeps what was made is public: a test that runs other published jars needs it too. So is
//! `packages`, for tests that run what pip or npm installs.

mod builder;
pub mod cache;
mod coordinates;
mod error;
pub mod guarded;
pub mod jdk;
mod kind;
mod launcher;
mod lifeline;
pub mod maven;
mod node;
pub mod packages;
pub mod progress;
mod security;
mod shared;

pub use builder::Builder;
pub use error::{Doing, Error, TooOld};
pub use kind::{Kind, Vendor};
pub use lifeline::end_with_xtask;
pub use node::Node;
pub use security::{ADMIN, Certificates, READER, User, WRITER, certificates};
pub use shared::{Shared, given_url, shared, shared_url};

/// Starts one node of a kind with temporary data on a free port.
pub fn start(kind: Kind) -> Result<Node, Error> {
    Node::builder(kind).start()
}
