//! A worker: one thread with a runtime, a listener, and its own connections to clients and nodes.

use std::io;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet, LocalSet};

use super::client_stream::ClientStream;
use super::{DRAIN_LIMIT, ServerError};
use crate::es::version::Version;
use crate::proxy::Proxy;
use crate::route::Table;
use crate::store::Cluster;
use crate::store::identity::IdentityCache;
use crate::upstream::connection::MOST_HEADER_FIELDS;
use crate::upstream::{NodeUrl, Upstream};

/// How long to wait after a connection could not be accepted, so that running out of files does not spin the core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// What a worker thread is given.
pub(super) struct Worker {
    pub(super) listener: TcpListener,
    pub(super) table: Arc<Table>,
    pub(super) identities: Arc<IdentityCache>,
    pub(super) upstream: Vec<NodeUrl>,
    pub(super) cluster: Cluster,
    pub(super) api: Option<Version>,
    pub(super) stopping: watch::Receiver<bool>,
}

impl Worker {
    /// Serves until told to stop, then until the last connection has ended or the drain limit has passed.
    pub(super) fn run(self) -> Result<(), ServerError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(ServerError::Start)?;
        LocalSet::new().block_on(&runtime, self.serve())
    }

    async fn serve(self) -> Result<(), ServerError> {
        let proxy = Rc::new(Proxy {
            table: self.table,
            api: self.api,
            upstream: Upstream::new(self.upstream),
            cluster: self.cluster,
            identities: self.identities,
        });
        let listener = tokio::net::TcpListener::from_std(self.listener).map_err(ServerError::Start)?;
        let mut connections = JoinSet::new();
        let mut stopping = self.stopping.clone();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn_local(serve_connection(stream, Rc::clone(&proxy), self.stopping.clone()));
                    }
                    Err(error) => pause_after(&error).await,
                },
                Some(ended) = connections.join_next() => report_a_panic(ended),
                // The sender lives until every worker has ended.
                _ = stopping.wait_for(|stopping| *stopping) => break,
            }
        }
        drop(listener);
        let drained =
            tokio::time::timeout(DRAIN_LIMIT, async { while connections.join_next().await.is_some() {} }).await;
        if drained.is_err() {
            tracing::warn!(
                connections = connections.len(),
                "still busy after {DRAIN_LIMIT:?}; closing them"
            );
        }
        Ok(())
    }
}

fn report_a_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection was dropped: its task panicked");
    }
}

async fn pause_after(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

async fn serve_connection(stream: TcpStream, proxy: Rc<Proxy>, mut stopping: watch::Receiver<bool>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "the connection stays without TCP_NODELAY");
    }
    // No Date and names as they came: Elasticsearch sends none and clients see no difference (contract http.md §2.6,
    // §6.3). No header timeout: hyper's runs on idle connections too, which Elasticsearch never closes (§6.5).
    let connection = http1::Builder::new()
        .preserve_header_case(true)
        .auto_date_header(false)
        .header_read_timeout(None)
        .max_headers(MOST_HEADER_FIELDS)
        .serve_connection(
            TokioIo::new(ClientStream::new(stream)),
            service_fn(move |request| {
                let proxy = Rc::clone(&proxy);
                async move { proxy.answer(request).await }
            }),
        );
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopping.wait_for(|stopping| *stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a client's connection ended");
    }
}
