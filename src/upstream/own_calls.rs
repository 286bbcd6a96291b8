//! The gateway's own calls to nodes, which are short and read whole: by reqwest, with its conveniences switched off.

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::HOST;
use http::{HeaderMap, Method, Response};
use reqwest::Body;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use super::connector::{ConnectError, Connector, refused_certificate, rustls_error, tls_hint};
use super::node_url::NodeUrl;
use crate::http::elided_body::ElidedBody;
use crate::xcontent::elided_text::ElidedText;

/// How the gateway's own calls name their sender.
const AGENT: &str = concat!("anomaly-gateway/", env!("CARGO_PKG_VERSION"));

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The node could not be reached, or does not accept the gateway's certificate; nothing of the call was done.
    #[error(transparent)]
    NotSent(ConnectError),
    /// reqwest's client could not be made. A fault of the gateway.
    #[error("the client of the cluster could not be made")]
    Client(#[source] reqwest::Error),
    /// The connection broke after the call was sent.
    #[error("{node}: the connection broke{}", tls_hint(.node, *.is_unanswered))]
    Lost {
        /// The node.
        node: NodeUrl,
        /// Whether nothing was answered, also on a connection that was made for the call.
        is_unanswered: bool,
        /// What reqwest said.
        source: reqwest::Error,
    },
    /// The call took too long.
    #[error("timed out: no answer within {0:?}")]
    TimedOut(Duration),
    /// The answer is longer than the limit, in bytes.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
}

/// A call.
#[derive(Debug, Clone)]
pub struct Call<'c> {
    /// Its method.
    pub method: Method,
    /// Its path and query, which begin with `/`, and need no escaping: reqwest would respell them.
    pub path: &'c str,
    /// Its header fields.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Option<ElidedText>,
    /// Whether it changes nothing, so that it can be made again.
    pub repeatable: bool,
}

/// Makes calls. Each runtime needs one of its own: connections belong to the runtime that made them.
#[derive(Debug, Clone)]
pub struct OwnCalls {
    connector: Connector,
    idle_timeout: Duration,
    /// Of each node, reqwest's client and the configuration of TLS that it was made with.
    made: Arc<Mutex<HashMap<String, Made>>>,
}

#[derive(Debug, Clone)]
struct Made {
    config: Arc<ClientConfig>,
    clients: Clients,
}

/// Two clients of a node: one keeps connections, which the node may have closed a moment before they are used, and one
/// makes a connection for each call.
#[derive(Debug, Clone)]
struct Clients {
    pooled: reqwest::Client,
    fresh: reqwest::Client,
}

impl OwnCalls {
    /// Calls on connections that are made like this, and kept for so long while no call uses them.
    #[must_use]
    pub fn new(connector: Connector, idle_timeout: Duration) -> Self {
        Self {
            connector,
            idle_timeout,
            made: Arc::default(),
        }
    }

    /// Whether its connections are those of forwarded requests and probes, and not those of an account with certificates of
    /// its own.
    #[must_use]
    pub const fn connects_as_probes_do(&self) -> bool {
        !self.connector.is_of_an_account()
    }

    /// Makes a call and reads its answer, within `limit`, with a body of `longest` bytes at most.
    ///
    /// One that changes something has a connection of its own. Any other may be made on one that was used before, and is
    /// made once more if that breaks.
    pub async fn send(
        &self,
        node: &NodeUrl,
        call: Call<'_>,
        limit: Duration,
        longest: usize,
    ) -> Result<Response<Bytes>, SendError> {
        let Clients { pooled, fresh } = self.clients(node).map_err(SendError::Client)?;
        if !call.repeatable {
            return self.attempt(&fresh, node, call, limit, longest).await;
        }
        match self.attempt(&pooled, node, call.clone(), limit, longest).await {
            Err(SendError::Lost { source, .. }) => {
                tracing::debug!(%node, error = %source, path = call.path, "a call is made once more");
                self.attempt(&fresh, node, call, limit, longest).await
            }
            outcome => outcome,
        }
    }

    async fn attempt(
        &self,
        client: &reqwest::Client,
        node: &NodeUrl,
        mut call: Call<'_>,
        limit: Duration,
        longest: usize,
    ) -> Result<Response<Bytes>, SendError> {
        if let Some(host) = self.connector.host().of_own_call(node) {
            call.headers.insert(HOST, host);
        }
        let url = format!("{}{}", self.origin(node), call.path);
        let mut request = client.request(call.method, url).headers(call.headers).timeout(limit);
        if let Some(body) = call.body {
            request = request.body(Body::wrap(ElidedBody::from(body)));
        }
        let answered = async {
            let mut answer = request.send().await?;
            let mut head = Response::new(());
            *head.status_mut() = answer.status();
            *head.headers_mut() = std::mem::take(answer.headers_mut());
            let mut body = BytesMut::new();
            while let Some(chunk) = answer.chunk().await? {
                if body.len() + chunk.len() > longest {
                    return Ok(Err(SendError::TooLong(longest)));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Ok(head.map(|()| body.freeze())))
        };
        answered
            .await
            .unwrap_or_else(|error| Err(self.failure(node, error, limit)))
    }

    /// reqwest's clients for a node, made with the configuration of TLS that holds now.
    fn clients(&self, node: &NodeUrl) -> Result<Clients, reqwest::Error> {
        let config = self.connector.tls().config.get();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = made.get(node.authority())
            && Arc::ptr_eq(&made.config, &config)
        {
            return Ok(made.clients.clone());
        }
        let clients = Clients {
            pooled: self.make(node, &config, usize::MAX)?,
            fresh: self.make(node, &config, 0)?,
        };
        let new = Made {
            config,
            clients: clients.clone(),
        };
        made.insert(node.authority().to_owned(), new);
        Ok(clients)
    }

    /// reqwest's conveniences would each change a call behind the gateway's back (http.md §6.2).
    fn make(&self, node: &NodeUrl, config: &ClientConfig, idle: usize) -> Result<reqwest::Client, reqwest::Error> {
        reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(self.connector.limit())
            .pool_idle_timeout(self.idle_timeout)
            .pool_max_idle_per_host(idle)
            .user_agent(AGENT)
            .tls_backend_preconfigured(config.clone())
            .dns_resolver(Arc::new(AtNode {
                node: node.clone(),
                connector: self.connector.clone(),
            }))
            .build()
    }

    /// The scheme and authority of calls to a node. Where another name is to be asked for in TLS, that name stands in
    /// it, and resolves to the node.
    fn origin(&self, node: &NodeUrl) -> String {
        match self.asked_for() {
            Some(name) if node.server_name().is_some() => format!("https://{name}:{}", node.port()),
            _ => node.to_string(),
        }
    }

    /// The name that is asked for in place of the nodes' own. Addresses are not asked for (RFC 6066 §3).
    fn asked_for(&self) -> Option<&str> {
        match &self.connector.tls().server_name {
            Some(ServerName::DnsName(name)) => Some(name.as_ref()),
            _ => None,
        }
    }

    fn failure(&self, node: &NodeUrl, error: reqwest::Error, limit: Duration) -> SendError {
        let node = node.clone();
        if let Some(source) = refused_certificate(&error) {
            return SendError::NotSent(ConnectError::Tls { node, source });
        }
        if error.is_timeout() && !error.is_connect() {
            return SendError::TimedOut(limit);
        }
        if !error.is_connect() {
            return SendError::Lost {
                node,
                // What breaks off an answer is an error of its body.
                is_unanswered: error.is_request(),
                source: error,
            };
        }
        let limit = self.connector.limit();
        SendError::NotSent(match cause(&error) {
            Cause::Tls(source) => ConnectError::Tls { node, source },
            Cause::Time => ConnectError::TimedOut { node, limit },
            Cause::System(source) => ConnectError::Refused { node, source },
        })
    }
}

/// Why no connection could be made.
enum Cause {
    Tls(io::Error),
    Time,
    System(io::Error),
}

/// What lies at the bottom of reqwest's error.
fn cause(error: &reqwest::Error) -> Cause {
    let first: &(dyn Error + 'static) = error;
    let causes = || std::iter::successors(Some(first), |error| (**error).source());
    if let Some(tls) = causes().find_map(rustls_error) {
        return Cause::Tls(io::Error::new(io::ErrorKind::InvalidData, tls.clone()));
    }
    if error.is_timeout() {
        return Cause::Time;
    }
    let system = causes().filter_map(|cause| cause.downcast_ref::<io::Error>()).last();
    let said = causes().last().map(ToString::to_string).unwrap_or_default();
    Cause::System(io::Error::new(
        system.map_or(io::ErrorKind::Other, io::Error::kind),
        said,
    ))
}

/// Resolves every name to one node: to the address that answers first, then to the others.
struct AtNode {
    node: NodeUrl,
    connector: Connector,
}

impl Resolve for AtNode {
    fn resolve(&self, _name: Name) -> Resolving {
        let (node, connector) = (self.node.clone(), self.connector.clone());
        Box::pin(async move {
            let found = connector.addresses(&node).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
