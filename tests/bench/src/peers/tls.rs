//! TLS between the load and a proxy: one certificate for all proxies, and one cipher, as the load offers no other.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore, version};
use tokio_rustls::TlsConnector;

/// The name in the certificate.
const NAME: &str = "localhost";

/// Of how many servers the load remembers sessions; of each, rustls keeps eight.
const SERVERS: usize = 4;

/// The certificate that proxies show (ECDSA, P-256), and its key, as files.
#[derive(Debug)]
pub struct Identity {
    /// The certificate, in PEM.
    pub certificate: PathBuf,
    /// Its key, in PEM.
    pub key: PathBuf,
    /// Both.
    pub both: PathBuf,
    roots: Arc<RootCertStore>,
}

impl Identity {
    /// Makes one in a folder.
    pub fn make(folder: &Path) -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec![NAME.to_owned()])?.self_signed(&key)?;
        let identity = Self {
            certificate: folder.join("certificate.pem"),
            key: folder.join("key.pem"),
            both: folder.join("both.pem"),
            roots: Arc::new(trusting(&certificate)?),
        };
        let (certificate, key) = (certificate.pem(), key.serialize_pem());
        fs::write(&identity.certificate, &certificate)?;
        fs::write(&identity.key, &key)?;
        fs::write(&identity.both, certificate + &key)?;
        Ok(identity)
    }

    /// What a load connects with, which may remember sessions. All of its connections have TLS 1.3, AES-128-GCM and X25519.
    pub fn connector(&self, resumes: bool) -> anyhow::Result<TlsConnector> {
        let provider = CryptoProvider {
            cipher_suites: vec![ring::cipher_suite::TLS13_AES_128_GCM_SHA256],
            kx_groups: vec![ring::kx_group::X25519],
            ..ring::default_provider()
        };
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&version::TLS13])?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        config.resumption = if resumes {
            Resumption::in_memory_sessions(SERVERS)
        } else {
            Resumption::disabled()
        };
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

fn trusting(certificate: &rcgen::Certificate) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der().clone())?;
    Ok(roots)
}

/// The name that is asked for.
pub fn name() -> anyhow::Result<ServerName<'static>> {
    Ok(ServerName::try_from(NAME)?)
}
