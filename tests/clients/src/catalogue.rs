//! The clients, and the server that each of them is made for.

use std::fmt;

use cluster::Kind;

/// What a client is written in, and so how it is fetched and run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Fetched by pip.
    Python,
    /// Fetched by npm, run by Node.js.
    JavaScript,
    /// Fetched and built by go.
    Go,
    /// Fetched by Maven.
    Java,
    /// Fetched and built by cargo.
    Rust,
}

/// A generation of servers. A client is run before the one that it is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Server {
    /// Before the product names itself, under the Apache licence.
    Elasticsearch7_10,
    /// The last 7, which names itself.
    Elasticsearch7_17,
    /// The last 8.
    Elasticsearch8,
    /// The newest 9.
    Elasticsearch9,
    /// The newest that this machine's JDK runs.
    OpenSearch,
}

impl Server {
    /// The node to start.
    pub fn kind(self) -> Result<Kind, cluster::Error> {
        match self {
            Server::Elasticsearch7_10 => Ok(Kind::Elasticsearch7_10),
            Server::Elasticsearch7_17 => Ok(Kind::Elasticsearch7_17),
            Server::Elasticsearch8 => Ok(Kind::Elasticsearch8),
            Server::Elasticsearch9 => Ok(Kind::Elasticsearch9),
            Server::OpenSearch => Kind::default_for_this_machine(),
        }
    }
}

/// An official client in a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// What it is written in.
    pub language: Language,
    /// The name of its package, as far as that is a name for a folder.
    pub package: &'static str,
    /// Its version, as its package tool has it.
    pub version: &'static str,
    /// What it is run before.
    pub server: Server,
}

impl fmt::Display for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} {} {}", self.language, self.package, self.version)
    }
}

const fn client(language: Language, package: &'static str, version: &'static str, server: Server) -> Client {
    Client {
        language,
        package,
        version,
        server,
    }
}

// The files that pin their versions lie in the folder of their language.

/// The oldest that knows the API's path without `_xpack`.
pub const PYTHON_7_0: Client = client(Language::Python, "elasticsearch", "7.0.0", Server::Elasticsearch7_10);
/// Does not ask which product answers.
pub const PYTHON_7_10: Client = client(Language::Python, "elasticsearch", "7.10.1", Server::Elasticsearch7_10);
/// The last that does not ask.
pub const PYTHON_7_13: Client = client(Language::Python, "elasticsearch", "7.13.4", Server::Elasticsearch7_10);
/// Asks which product answers before its first call.
pub const PYTHON_7_17: Client = client(Language::Python, "elasticsearch", "7.17.12", Server::Elasticsearch7_17);
/// Looks for the product's name in answers.
pub const PYTHON_8: Client = client(Language::Python, "elasticsearch", "8.19.3", Server::Elasticsearch8);
/// The same.
pub const PYTHON_9: Client = client(Language::Python, "elasticsearch", "9.5.1", Server::Elasticsearch9);
/// Has no method for jobs.
pub const PYTHON_OPENSEARCH: Client = client(Language::Python, "opensearch-py", "3.2.0", Server::OpenSearch);
/// Does not ask which product answers.
pub const JAVASCRIPT_7_13: Client = client(
    Language::JavaScript,
    "elasticsearch",
    "7.13.0",
    Server::Elasticsearch7_10,
);
/// Asks before its first call.
pub const JAVASCRIPT_7_17: Client = client(
    Language::JavaScript,
    "elasticsearch",
    "7.17.14",
    Server::Elasticsearch7_17,
);
/// Looks for the product's name in every answer.
pub const JAVASCRIPT_8: Client = client(Language::JavaScript, "elasticsearch", "8.19.2", Server::Elasticsearch8);
/// The same.
pub const JAVASCRIPT_9: Client = client(Language::JavaScript, "elasticsearch", "9.5.1", Server::Elasticsearch9);
/// Has no method for jobs.
pub const JAVASCRIPT_OPENSEARCH: Client = client(Language::JavaScript, "opensearch", "3.9.0", Server::OpenSearch);
/// The last before the typed API, which takes minutes to compile.
pub const GO_7_17: Client = client(Language::Go, "elasticsearch", "7.17.10", Server::Elasticsearch7_17);
/// With the typed API.
pub const GO_9: Client = client(Language::Go, "elasticsearch", "9.5.2", Server::Elasticsearch9);
/// Has no method for jobs.
pub const GO_OPENSEARCH: Client = client(Language::Go, "opensearch", "4.8.1", Server::OpenSearch);
/// Looks for the product's name in every answer.
pub const JAVA_9: Client = client(Language::Java, "elasticsearch", "9.5.3", Server::Elasticsearch9);
/// Never looks, and never repeats.
pub const RUST_9: Client = client(Language::Rust, "elasticsearch", "9.1.0-alpha.1", Server::Elasticsearch9);
