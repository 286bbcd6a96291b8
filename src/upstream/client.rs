//! The client for the gateway's own calls, which are short and read whole: hyper's, on connections of the same kind as
//! forwarded requests have.

use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderValue, USER_AGENT};
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tower_service::Service;

use super::connector::{ConnectError, Connector, refused_certificate};
use super::node_stream::NodeStream;
use super::node_url::{NodeUrl, NodeUrlError};
use crate::http::body::{ReadBodyError, read_bounded};

/// How the gateway's own calls name their sender.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("anomaly-gateway/", env!("CARGO_PKG_VERSION")));

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The node could not be reached; nothing of the call was done.
    #[error("{}", innermost(.0))]
    NotSent(legacy::Error),
    /// The node does not accept the gateway's certificate, and so did nothing of the call.
    #[error(transparent)]
    NotAccepted(ConnectError),
    /// The connection broke after the call was sent.
    #[error("the connection broke")]
    Lost(#[source] legacy::Error),
    /// The call took too long.
    #[error("timed out: no answer within {0:?}")]
    TimedOut(Duration),
    /// The answer ended before its end, or is too long.
    #[error(transparent)]
    Body(#[from] ReadBodyError),
}

fn innermost(error: &legacy::Error) -> String {
    let first: &(dyn Error + 'static) = error;
    let causes = std::iter::successors(Some(first), |error| (**error).source());
    let mut said: Vec<_> = causes.collect();
    // A node's connection error says all that there is to say of it, and which node.
    let telling = said.iter().find(|cause| cause.is::<ConnectError>()).copied();
    telling.or(said.pop()).map(ToString::to_string).unwrap_or_default()
}

/// A client. Each runtime needs one of its own: connections belong to the runtime that made them.
#[derive(Debug, Clone)]
pub struct Client {
    client: legacy::Client<Dialer, Full<Bytes>>,
}

impl Client {
    /// A client that connects like this.
    #[must_use]
    pub fn new(connector: Connector) -> Self {
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new());
        Self {
            client: builder.build(Dialer { connector }),
        }
    }

    /// Sends a request and reads its answer, within `limit`, with a body of `longest` bytes at most.
    pub async fn send(
        &self,
        mut request: Request<Full<Bytes>>,
        limit: Duration,
        longest: usize,
    ) -> Result<Response<Bytes>, SendError> {
        request.headers_mut().insert(USER_AGENT, AGENT);
        let uri = request.uri().clone();
        let call = async {
            let answer = self.client.request(request).await;
            let (head, body) = answer.map_err(|error| failure(error, &uri))?.into_parts();
            let body = read_bounded(body, longest).await?;
            Ok(Response::from_parts(head, body))
        };
        let answered = tokio::time::timeout(limit, call).await;
        answered.unwrap_or(Err(SendError::TimedOut(limit)))
    }
}

fn failure(error: legacy::Error, uri: &Uri) -> SendError {
    if error.is_connect() {
        return SendError::NotSent(error);
    }
    match (refused_certificate(&error), node_of(uri)) {
        (Some(source), Ok(node)) => SendError::NotAccepted(ConnectError::Tls { node, source }),
        _ => SendError::Lost(error),
    }
}

/// The node that a call is for.
fn node_of(uri: &Uri) -> Result<NodeUrl, NodeUrlError> {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    NodeUrl::parse(&format!("{scheme}://{authority}"))
}

/// Connects, as hyper's client asks it to.
#[derive(Debug, Clone)]
struct Dialer {
    connector: Connector,
}

type Dialing<T> = Pin<Box<dyn Future<Output = Result<T, Box<dyn Error + Send + Sync>>> + Send>>;

impl Service<Uri> for Dialer {
    type Response = TokioIo<NodeStream>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Dialing<Self::Response>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.connector.clone();
        Box::pin(async move {
            let node = node_of(&uri).map_err(io::Error::other)?;
            Ok(TokioIo::new(connector.connect(&node).await?))
        })
    }
}
