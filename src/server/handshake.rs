//! TLS with a client: the handshake, within its time.

use std::net::SocketAddr;
use std::time::Duration;
use std::{future, io};

use rustls::{Error, ServerConfig};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::phase::{Phase, PhaseWatch};
use crate::config::Limits;
use crate::telemetry::events::limits::HandshakeFailed;
use crate::telemetry::outcome::HandshakeFailure;
use crate::telemetry::sampler::Sampler;
use crate::tls::Current;

/// What clients are met with.
#[derive(Clone)]
pub(super) struct Handshake {
    pub(super) config: Current<ServerConfig>,
    /// How long a client may take.
    pub(super) limit: Option<Duration>,
}

impl Handshake {
    /// Clients are met with TLS if there is a configuration of it.
    pub(super) fn of(config: Option<Current<ServerConfig>>, limits: &Limits) -> Option<Self> {
        let limit = limits.handshake_timeout.0;
        config.map(|config| Self { config, limit })
    }

    /// Shakes hands with a client, or says why that failed. One that speaks something else, or is not done when the gateway
    /// stops, is gone.
    pub(super) async fn accept(
        &self,
        stream: TcpStream,
        client: SocketAddr,
        mut phase: PhaseWatch,
    ) -> Result<TlsStream<TcpStream>, HandshakeFailure> {
        let acceptor = TlsAcceptor::from(self.config.get());
        let (failure, error) = tokio::select! {
            accepted = acceptor.accept(stream) => match accepted {
                Ok(stream) => return Ok(stream),
                Err(error) => (kind(&error), error.to_string()),
            },
            limit = expiry(self.limit) => (HandshakeFailure::Timeout, format!("it was not done within {limit:?}")),
            () = phase.reached(Phase::Draining) => (HandshakeFailure::Stopped, String::new()),
        };
        log(failure, client, &error);
        Err(failure)
    }
}

/// Says why a handshake failed, if somebody may have to do something about it.
fn log(failure: HandshakeFailure, client: SocketAddr, error: &str) {
    static SAMPLER: Sampler = Sampler::new();
    let reason = failure.name();
    if matches!(failure, HandshakeFailure::Gone | HandshakeFailure::Stopped) {
        tracing::debug!(%client, reason, error, "the TLS handshake with a client failed");
    } else if let Some(unsaid) = SAMPLER.take() {
        let event = HandshakeFailed {
            client: &client,
            reason,
            error: &error,
            unsaid,
        };
        event.log();
    }
}

/// Why a handshake failed. rustls's own error travels inside one of the operating system's kind.
fn kind(error: &io::Error) -> HandshakeFailure {
    let within = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match within {
        None => HandshakeFailure::Gone,
        Some(Error::NoCertificatesPresented) => HandshakeFailure::NoCertificate,
        Some(Error::InvalidCertificate(_)) => HandshakeFailure::BadCertificate,
        Some(Error::AlertReceived(_)) => HandshakeFailure::Rejected,
        Some(Error::PeerIncompatible(_) | Error::NoApplicationProtocol) => HandshakeFailure::Incompatible,
        Some(Error::InvalidMessage(_)) => HandshakeFailure::NotTls,
        Some(_) => HandshakeFailure::Other,
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
