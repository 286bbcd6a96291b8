//! Makes connections to nodes for forwarded requests, and says by which addresses the gateway's own calls are to be made.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, Error as RustlsError, InvalidMessage};
use socket2::{SockRef, TcpKeepalive};

use super::dial::Dialer;
use super::host::HostChoice;
use super::node_stream::NodeStream;
use super::node_url::NodeUrl;
use super::own_sockets::OwnSockets;
use crate::tls::NodeTls;

/// Why no connection could be made. Nothing of a request was sent.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Usual cause: the node is not running, or a wrong address.
    #[error("{node}: cannot connect: {source}")]
    Refused {
        /// The node.
        node: NodeUrl,
        /// What the operating system said.
        source: io::Error,
    },
    /// Usual causes: a host that is gone, a firewall that drops packets, or something that does not answer to TLS.
    #[error("{node}: no connection within {limit:?}")]
    TimedOut {
        /// The node.
        node: NodeUrl,
        /// How long it may take.
        limit: Duration,
    },
    /// Usual causes: an authority that is not trusted, a certificate for another name, a node that wants a certificate
    /// of the gateway, or one without TLS. The message says what to do about it.
    #[error("{node}: TLS failed: {source}{}", remedy(source))]
    Tls {
        /// The node.
        node: NodeUrl,
        /// What rustls, or the operating system, said.
        source: io::Error,
    },
    /// The HTTP/1.1 state machine could not start.
    #[error("{node}: {source}")]
    Handshake {
        /// The node.
        node: NodeUrl,
        /// What hyper said.
        source: hyper::Error,
    },
}

impl ConnectError {
    /// Whether the other side wants another certificate than it was shown, or one at all.
    #[must_use]
    pub fn wants_a_certificate(&self) -> bool {
        let Self::Tls { source, .. } = self else {
            return false;
        };
        matches!(rustls_error(source), Some(RustlsError::AlertReceived(alert)) if is_about_a_certificate(*alert))
    }
}

/// Makes connections. Copies share what they know of addresses and of each other's connections.
#[derive(Debug, Clone)]
pub struct Connector {
    /// What nodes at `https` addresses are spoken to with.
    tls: NodeTls,
    /// How long a connection may take, TLS's part included.
    limit: Duration,
    /// Nodes know an account by its certificates.
    is_of_an_account: bool,
    host: HostChoice,
    dialer: Arc<Dialer>,
    own_sockets: OwnSockets,
}

impl Connector {
    /// Makes connections that take no longer than this, TLS's part included.
    #[must_use]
    pub fn new(tls: NodeTls, limit: Duration) -> Self {
        Self {
            tls,
            limit,
            is_of_an_account: false,
            host: HostChoice::default(),
            dialer: Arc::default(),
            own_sockets: OwnSockets::default(),
        }
    }

    /// The same, with this to say of the host that requests on its connections are for.
    #[must_use]
    pub fn naming(mut self, host: HostChoice) -> Self {
        self.host = host;
        self
    }

    /// Which host requests on its connections are for.
    #[must_use]
    pub const fn host(&self) -> &HostChoice {
        &self.host
    }

    /// The connections that it has made.
    #[must_use]
    pub const fn own_sockets(&self) -> &OwnSockets {
        &self.own_sockets
    }

    /// What nodes at `https` addresses are spoken to with.
    #[must_use]
    pub const fn tls(&self) -> &NodeTls {
        &self.tls
    }

    /// How long a connection may take, TLS's part included.
    #[must_use]
    pub const fn limit(&self) -> Duration {
        self.limit
    }

    /// The same connector, with what it knows of addresses, for connections with an account's certificates.
    #[must_use]
    pub fn with_tls(&self, tls: NodeTls) -> Self {
        Self {
            tls,
            is_of_an_account: true,
            ..self.clone()
        }
    }

    /// Whether nodes know an account by its certificates.
    pub(super) const fn is_of_an_account(&self) -> bool {
        self.is_of_an_account
    }

    /// The addresses of a node, the one first that answers first.
    pub(super) async fn addresses(&self, node: &NodeUrl) -> io::Result<Vec<SocketAddr>> {
        self.dialer.addresses(node.host(), node.port(), self.limit).await
    }

    /// Connects to a node.
    pub async fn connect(&self, node: &NodeUrl) -> Result<NodeStream, ConnectError> {
        let limit = self.limit;
        let connected = tokio::time::timeout(limit, self.connect_in_time(node)).await;
        connected.unwrap_or_else(|_| {
            let node = node.clone();
            Err(ConnectError::TimedOut { node, limit })
        })
    }

    async fn connect_in_time(&self, node: &NodeUrl) -> Result<NodeStream, ConnectError> {
        let refused = |source| ConnectError::Refused {
            node: node.clone(),
            source,
        };
        let connected = self.dialer.connect(node.host(), node.port(), self.limit).await;
        let stream = connected.map_err(refused)?;
        let own = stream
            .local_addr()
            .and_then(|local| Ok(self.own_sockets.note(local, stream.peer_addr()?)))
            .map_err(refused)?;
        // Requests and answers are written in one piece each; waiting for more to send would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%node, %error, "the connection stays without TCP_NODELAY");
        }
        // A node that lost its power sends nothing any more: without this, who waits for its answer waits for ever.
        if let Err(error) = SockRef::from(&stream).set_tcp_keepalive(&keepalive()) {
            tracing::debug!(%node, %error, "the connection stays without TCP keep-alive");
        }
        let Some(name) = node.server_name() else {
            return Ok(NodeStream::plain(stream, own));
        };
        match self.tls.connect(name, stream).await {
            Ok(stream) => Ok(NodeStream::tls(stream, own)),
            Err(source) => Err(ConnectError::Tls {
                node: node.clone(),
                source,
            }),
        }
    }
}

/// How a peer that is gone without a word is found out: within a minute and a half.
#[must_use]
pub fn keepalive() -> TcpKeepalive {
    TcpKeepalive::new()
        .with_time(Duration::from_secs(60))
        .with_interval(Duration::from_secs(10))
        .with_retries(3)
}

/// The alert by which a node rejected the gateway's certificate, if that is why a connection failed.
///
/// In TLS 1.3 the gateway is done with its part before the node has seen its certificate, so a refusal comes only after
/// a request was sent. Nothing of the request is read before the certificate was accepted (RFC 8446 §4.4.2.4), so
/// nothing of it was done.
#[must_use]
pub fn refused_certificate(error: &(dyn std::error::Error + 'static)) -> Option<io::Error> {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    let alert = causes.find_map(|cause| match rustls_error(cause)? {
        RustlsError::AlertReceived(alert) if is_about_a_certificate(*alert) => Some(*alert),
        _ => None,
    })?;
    let error = RustlsError::AlertReceived(alert);
    Some(io::Error::new(io::ErrorKind::InvalidData, error))
}

/// rustls's own error, which travels inside one of the operating system's kind.
pub(super) fn rustls_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e RustlsError> {
    let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    match within {
        Some(inner) => inner.downcast_ref(),
        None => error.downcast_ref(),
    }
}

const fn is_about_a_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::CertificateRequired
    )
}

/// What may be the cause where a node ends a connection before anything was answered on it.
pub(super) fn tls_hint(node: &NodeUrl, is_first: bool) -> &'static str {
    if is_first && node.server_name().is_none() {
        "; does the node speak TLS at this port? Then its URL starts with `https://`"
    } else {
        ""
    }
}

/// What the operator has to do.
fn remedy(error: &io::Error) -> &'static str {
    let Some(error) = rustls_error(error) else {
        return match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                "; the node ended the connection: does it speak TLS at this port?"
            }
            _ => "",
        };
    };
    match error {
        RustlsError::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "; `upstream.tls.ca` has to name the authority that signed the node's certificate"
        }
        RustlsError::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "; set `upstream.tls.server_name` to a name in the certificate, or give it the node's name",
        RustlsError::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "; renew the node's certificate"
        }
        RustlsError::InvalidCertificate(CertificateError::Other(other))
            if other.to_string().contains("CaUsedAsEndEntity") =>
        {
            "; the node shows the certificate of an authority as its own: it needs one that an authority signed"
        }
        RustlsError::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "; the node does not speak TLS at this port: its URL starts with `http://`"
        }
        RustlsError::AlertReceived(alert) if is_about_a_certificate(*alert) => {
            "; the node wants another certificate of the gateway than `upstream.tls.certificate`, or one at all"
        }
        _ => "",
    }
}
