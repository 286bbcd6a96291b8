//! TLS to clients: the gateway's certificate, and whether clients have to show one of theirs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring::Ticketer;
use rustls::server::WebPkiClientVerifier;

use super::fault::{Fault, Part, TlsError};
use super::identity::{Expired, IdentityFiles};
use super::{ALPN, pem, provider};

/// How the gateway speaks TLS to clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// What it shows.
    pub identity: IdentityFiles,
    /// What it asks for.
    pub clients: ClientCertificates,
}

/// Whether clients are asked for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientCertificates {
    /// They are not.
    NotAsked,
    /// A client may have none, but if it shows one, an authority of this file has to have signed it.
    Optional(PathBuf),
    /// No client without one that an authority of this file has signed.
    Required(PathBuf),
}

impl ServerSettings {
    /// Every file that is read.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.identity.files().chain(self.authorities())
    }

    fn authorities(&self) -> Option<&Path> {
        match &self.clients {
            ClientCertificates::NotAsked => None,
            ClientCertificates::Optional(file) | ClientCertificates::Required(file) => Some(file.as_path()),
        }
    }

    /// All that is wrong with the files.
    #[must_use]
    pub fn problems(&self) -> Vec<TlsError> {
        let authorities = self.authorities().and_then(|file| pem::authorities(file).err());
        let problems: Vec<_> = self.identity.problems().chain(authorities).collect();
        if problems.is_empty() {
            return self.load(Expired::Used).err().into_iter().collect();
        }
        problems
    }

    /// Reads the files.
    pub fn load(&self, expired: Expired) -> Result<Arc<ServerConfig>, TlsError> {
        let provider = provider();
        let identity = self.identity.load(&provider, expired)?;
        let unsupported = |error| Fault::NotSupported(error).of(Part::Certificate);
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(unsupported)?;
        let (authorities, is_required) = match &self.clients {
            ClientCertificates::NotAsked => (None, false),
            ClientCertificates::Optional(file) => (Some(file), false),
            ClientCertificates::Required(file) => (Some(file), true),
        };
        let builder = match authorities {
            None => builder.with_no_client_auth(),
            Some(file) => {
                let roots = Arc::new(pem::authorities(file)?);
                let mut verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                if !is_required {
                    verifier = verifier.allow_unauthenticated();
                }
                let verifier = verifier.build().map_err(|error| {
                    let (file, reason) = (file.clone(), error.to_string());
                    Fault::BadCertificate { file, reason }.of(Part::Authorities)
                })?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_cert_resolver(identity);
        config.alpn_protocols = vec![ALPN.to_vec()];
        // Sessions are resumed from what the client keeps: nothing to lock, and nothing that grows with the clients.
        config.ticketer = Ticketer::new().map_err(unsupported)?;
        Ok(Arc::new(config))
    }
}
