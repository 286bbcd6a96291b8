//! Certificates for the tests, made as they are needed: a committed one would expire.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An authority that signs whatever a test wants.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub certificate: String,
}

/// A certificate with its key, in PEM form.
#[derive(Clone)]
pub struct Identity {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut parameters = named(name, &[]);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key).expect("a certificate").pem();
        Self {
            issuer: Issuer::new(parameters, key),
            certificate,
        }
    }

    /// A certificate for these hosts.
    pub fn sign(&self, name: &str, hosts: &[&str]) -> Identity {
        self.signed(&named(name, hosts))
    }

    /// One that was valid until the year 2000.
    pub fn sign_expired(&self, name: &str, hosts: &[&str]) -> Identity {
        let mut parameters = named(name, hosts);
        parameters.not_before = date_time_ymd(1999, 1, 1);
        parameters.not_after = date_time_ymd(2000, 1, 1);
        self.signed(&parameters)
    }

    /// One that expires so many seconds after 1970.
    pub fn sign_until(&self, name: &str, hosts: &[&str], seconds: u64) -> Identity {
        let mut parameters = named(name, hosts);
        let day = date_time_ymd(1970, 1, 1);
        parameters.not_after = day + Duration::from_secs(seconds);
        self.signed(&parameters)
    }

    fn signed(&self, parameters: &CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        Identity {
            certificate: parameters.signed_by(&key, &self.issuer).expect("a certificate").pem(),
            key: key.serialize_pem(),
        }
    }

    /// This authority as the only one that is trusted.
    pub fn roots(&self) -> Arc<RootCertStore> {
        roots(&self.certificate)
    }
}

/// The authorities of a PEM text.
pub fn roots(pem: &str) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(certificate.expect("PEM")).expect("an authority");
    }
    Arc::new(roots)
}

impl Identity {
    pub fn chain(&self) -> Vec<CertificateDer<'static>> {
        let certificates = CertificateDer::pem_slice_iter(self.certificate.as_bytes());
        certificates.map(|certificate| certificate.expect("PEM")).collect()
    }

    pub fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("PEM")
    }
}

fn named(name: &str, hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut parameters = CertificateParams::new(hosts).expect("names");
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters
}

/// A folder of PEM files.
pub struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The path as an argument.
    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("a path of this test").to_owned()
    }

    /// Writes a file, or exchanges it as a whole.
    pub fn write(&self, name: &str, text: &str) {
        let next = self.path(&format!("{name}.next"));
        fs::write(&next, text).expect("a file");
        fs::rename(next, self.path(name)).expect("a file");
    }

    /// Writes `<name>.pem` and `<name>-key.pem`.
    pub fn write_identity(&self, name: &str, identity: &Identity) {
        self.write(&format!("{name}.pem"), &identity.certificate);
        self.write(&format!("{name}-key.pem"), &identity.key);
    }
}
