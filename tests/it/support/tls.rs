//! TLS around what the tests have without it: before a scripted upstream, and behind a client.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned, SupportedProtocolVersion};
use tokio::io::{AsyncWriteExt, copy, copy_bidirectional, split};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use super::authority::{Authority, Identity};
use super::wire::{self, Answer, Connection, PATIENCE};

pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// What runs the fronts of all tests.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime")
    })
}

/// A server's side of TLS with this certificate; with `clients`, no client without one that they have signed.
pub fn server(identity: &Identity, clients: Option<&Authority>) -> ServerConfig {
    server_of(rustls::ALL_VERSIONS, identity, clients)
}

/// The same, in these versions only.
pub fn server_of(
    versions: &[&'static SupportedProtocolVersion],
    identity: &Identity,
    clients: Option<&Authority>,
) -> ServerConfig {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .expect("versions");
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(authority.roots(), provider());
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
    };
    builder
        .with_single_cert(identity.chain(), identity.private_key())
        .expect("a certificate and its key")
}

/// A client's side of TLS that trusts these authorities, in these versions, with this certificate.
pub fn client(
    roots: Arc<RootCertStore>,
    versions: &[&'static SupportedProtocolVersion],
    identity: Option<&Identity>,
) -> ClientConfig {
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider());
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .expect("versions")
        .with_webpki_verifier(verifier.build().expect("a verifier"));
    match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => builder
            .with_client_auth_cert(identity.chain(), identity.private_key())
            .expect("a certificate and its key"),
    }
}

/// A client's connection in TLS.
pub type Stream = StreamOwned<ClientConnection, TcpStream>;

/// Connects in TLS. The handshake is over when this returns.
pub fn connect(address: SocketAddr, name: &str, config: ClientConfig) -> io::Result<Stream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let mut stream = stream;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(connection, stream))
}

/// Makes one request, reads until the connection ends, and gives what came.
pub fn exchange(stream: &mut Stream, request: &[u8]) -> io::Result<String> {
    stream.write_all(request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// How a front ends its connections when the upstream behind it has ended one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With `close_notify`.
    Announced,
    /// As an attacker in between would do it, or a crash.
    CutOff,
}

/// TLS before an upstream that has none.
pub struct Front {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// What a front has seen of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The name that was asked for.
    pub name: Option<String>,
    /// The certificate that was shown.
    pub certificate: Option<CertificateDer<'static>>,
    /// What was chosen to be spoken.
    pub protocol: Option<Vec<u8>>,
}

impl Front {
    pub fn before(upstream: &str, config: ServerConfig) -> Self {
        Self::ending(upstream, config, End::Announced)
    }

    pub fn ending(upstream: &str, mut config: ServerConfig, end: End) -> Self {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let behind = wire::address_of(upstream);
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let listener = runtime().block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let noted = Arc::clone(&seen);
        runtime().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, noted) = (acceptor.clone(), Arc::clone(&noted));
                tokio::spawn(async move {
                    let mut outside = acceptor.accept(stream).await?;
                    let session = outside.get_ref().1;
                    let seen = Seen {
                        name: session.server_name().map(str::to_owned),
                        certificate: session.peer_certificates().and_then(|chain| chain.first().cloned()),
                        protocol: session.alpn_protocol().map(<[u8]>::to_vec),
                    };
                    noted.lock().expect("no test thread panicked").push(seen);
                    let mut inside = tokio::net::TcpStream::connect(behind).await?;
                    if end == End::Announced {
                        copy_bidirectional(&mut outside, &mut inside).await?;
                        return Ok(());
                    }
                    let ((mut from_outside, mut to_outside), (mut from_inside, mut to_inside)) =
                        (split(outside), inside.split());
                    tokio::select! {
                        copied = copy(&mut from_inside, &mut to_outside) => { copied?; }
                        copied = copy(&mut from_outside, &mut to_inside) => { copied?; }
                    }
                    to_outside.flush().await
                });
            }
        });
        Self {
            url: format!("https://{address}"),
            seen,
        }
    }

    /// Every connection so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no test thread panicked").clone()
    }
}

/// A door without TLS that leads to a server with it, for tests that know of none.
pub fn door(to: SocketAddr, name: &str, config: ClientConfig) -> SocketAddr {
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let listener = runtime().block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    runtime().spawn(async move {
        while let Ok((mut inside, _)) = listener.accept().await {
            let (connector, name) = (connector.clone(), name.clone());
            tokio::spawn(async move {
                let outside = tokio::net::TcpStream::connect(to).await?;
                let mut outside = connector.connect(name, outside).await?;
                copy_bidirectional(&mut inside, &mut outside).await
            });
        }
    });
    address
}

/// Makes one request through a door.
pub fn call(door: SocketAddr, method: &str, target: &str, fields: &[(&str, &str)], body: &str) -> Answer {
    let mut connection = Connection::to(door);
    connection.send(&wire::request(method, target, fields, body));
    connection.read()
}
