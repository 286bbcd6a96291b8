//! TLS with a client: the handshake, within its time.

use std::future;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::phase::{Phase, PhaseWatch};
use crate::tls::Current;

/// What clients are met with.
#[derive(Clone)]
pub(super) struct Handshake {
    pub(super) config: Current<ServerConfig>,
    /// How long a client may take.
    pub(super) limit: Option<Duration>,
}

impl Handshake {
    /// Shakes hands with a client. One that speaks something else, or is not done when the gateway stops, is gone.
    pub(super) async fn accept(&self, stream: TcpStream, mut phase: PhaseWatch) -> Option<TlsStream<TcpStream>> {
        let acceptor = TlsAcceptor::from(self.config.get());
        tokio::select! {
            accepted = acceptor.accept(stream) => accepted
                .map_err(|error| tracing::debug!(%error, "a client did not come to speak TLS"))
                .ok(),
            limit = expiry(self.limit) => {
                tracing::debug!(?limit, "a client did not come to speak TLS in time");
                None
            }
            () = phase.reached(Phase::Draining) => None,
        }
    }
}

/// Returns the limit when it has passed; without one, never.
async fn expiry(limit: Option<Duration>) -> Duration {
    match limit {
        Some(limit) => {
            tokio::time::sleep(limit).await;
            limit
        }
        None => future::pending().await,
    }
}
