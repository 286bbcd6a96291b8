//! TLS to the cluster: which authorities are trusted, what is checked of a node, and what the gateway shows of itself.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::current::Current;
use super::fault::{Fault, Part, TlsError};
use super::identity::{Expired, IdentityFiles};
use super::verifier::{NodeVerifier, Verification};
use super::{ALPN, pem, provider};

/// How the gateway speaks TLS to nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeTlsSettings {
    /// Who has to have signed a node's certificate.
    pub authorities: Authorities,
    /// What is checked of it.
    pub verification: Verification,
    /// The name that is asked for and checked, in place of each node's own host.
    pub server_name: Option<ServerName<'static>>,
    /// What the gateway shows, if a node asks for a certificate.
    pub identity: Option<IdentityFiles>,
}

/// Where the trusted authorities are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorities {
    /// Those of the system, found as OpenSSL finds them (`SSL_CERT_FILE` and `SSL_CERT_DIR` are heeded).
    System,
    /// Those in this file and no others.
    File(PathBuf),
}

impl Default for NodeTlsSettings {
    fn default() -> Self {
        Self {
            authorities: Authorities::System,
            verification: Verification::Full,
            server_name: None,
            identity: None,
        }
    }
}

impl NodeTlsSettings {
    /// Every file that is read, the system's own left out.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let authorities = match &self.authorities {
            Authorities::System => None,
            Authorities::File(file) => Some(file.as_path()),
        };
        let identity = self.identity.iter().flat_map(IdentityFiles::files);
        authorities.into_iter().chain(identity)
    }

    /// All that is wrong with the files.
    #[must_use]
    pub fn problems(&self) -> Vec<TlsError> {
        let identity = self.identity.iter().flat_map(IdentityFiles::problems);
        let problems: Vec<_> = self.roots().err().into_iter().chain(identity).collect();
        if problems.is_empty() {
            return self.load(Expired::Used).err().into_iter().collect();
        }
        problems
    }

    /// Reads the files.
    pub fn load(&self, expired: Expired) -> Result<Arc<ClientConfig>, TlsError> {
        self.config(self.roots()?, expired)
    }

    fn roots(&self) -> Result<RootCertStore, TlsError> {
        match (&self.authorities, self.verification) {
            (_, Verification::None) => Ok(RootCertStore::empty()),
            (Authorities::File(file), _) => pem::authorities(file),
            (Authorities::System, _) => system_authorities(),
        }
    }

    fn config(&self, roots: RootCertStore, expired: Expired) -> Result<Arc<ClientConfig>, TlsError> {
        let provider = provider();
        let verifier = NodeVerifier {
            verification: self.verification,
            roots,
            server_name: self.server_name.clone(),
            algorithms: provider.signature_verification_algorithms,
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| Fault::NotSupported(error).of(Part::Authorities))?
            .dangerous() // rustls's word for a verifier of one's own; this one asks rustls.
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder.with_client_cert_resolver(identity.load(&provider, expired)?),
        };
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Arc::new(config))
    }
}

/// For a cluster without TLS: a configuration that trusts nobody, and which no node's address asks for.
pub fn trusting_nobody() -> Result<Arc<ClientConfig>, TlsError> {
    NodeTlsSettings::default().config(RootCertStore::empty(), Expired::Refused)
}

fn system_authorities() -> Result<RootCertStore, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _ignored) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let reasons = found.errors.iter().map(ToString::to_string).collect();
        return Err(Fault::NoSystemAuthorities(reasons).of(Part::Authorities));
    }
    Ok(roots)
}

/// Makes TLS connections, each with the configuration that holds when it is made.
#[derive(Debug, Clone)]
pub struct NodeTls {
    /// The configuration.
    pub config: Current<ClientConfig>,
    /// The name that is asked for and checked, in place of each node's own host.
    pub server_name: Option<ServerName<'static>>,
}

impl NodeTls {
    /// Shakes hands with the node of this name.
    pub async fn connect(&self, name: &ServerName<'static>, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let name = self.server_name.as_ref().unwrap_or(name);
        let connector = TlsConnector::from(self.config.get());
        connector.connect(name.clone(), stream).await
    }
}
