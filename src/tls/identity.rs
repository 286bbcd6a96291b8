//! The certificate that the gateway shows, with its chain and its key.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{CertificateError, Error, InconsistentKeys, RootCertStore};

use super::fault::{Fault, Part, TlsError};
use super::{pem, provider};

/// After the last time that a certificate can name, which is in the year 9999.
const END_OF_TIME: UnixTime = UnixTime::since_unix_epoch(Duration::from_secs(u64::MAX));

/// What is to become of a certificate that has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expired {
    /// It is used: there is none that would be better, and not every client looks at the time.
    Used,
    /// It is not: it would take the place of one that is valid.
    Refused,
}

/// Where a certificate and its key are, both in PEM form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityFiles {
    /// The certificate, and after it those of the authorities between it and the root.
    pub certificate: PathBuf,
    /// Its key: PKCS#8, PKCS#1 or SEC1, not encrypted.
    pub key: PathBuf,
}

impl IdentityFiles {
    /// The files.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        [self.certificate.as_path(), self.key.as_path()].into_iter()
    }

    /// What is wrong with each of the files by itself.
    pub(super) fn problems(&self) -> impl Iterator<Item = TlsError> + use<> {
        let certificate = pem::certificates(&self.certificate, Part::Certificate).err();
        certificate.into_iter().chain(pem::key(&self.key).err())
    }

    /// Reads both, which have to belong together and be valid now.
    pub(super) fn load(&self, provider: &CryptoProvider, expired: Expired) -> Result<Arc<SingleCertAndKey>, TlsError> {
        let chain = pem::certificates(&self.certificate, Part::Certificate)?;
        if let Some(own) = chain.first() {
            match check_validity(&self.certificate, own, provider) {
                Err(TlsError {
                    fault: Fault::Expired(_),
                    ..
                }) if expired == Expired::Used => {}
                checked => checked?,
            }
        }
        let key = pem::key(&self.key)?;
        let identity = CertifiedKey::from_der(chain, key, provider).map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => Fault::OtherKey {
                key: self.key.clone(),
                certificate: self.certificate.clone(),
            }
            .of(Part::Key),
            source => Fault::BadKey {
                file: self.key.clone(),
                source,
            }
            .of(Part::Key),
        })?;
        Ok(Arc::new(SingleCertAndKey::from(identity)))
    }

    /// When the certificate, or the first of its chain, expires, in seconds since 1970. None if the file cannot be read any
    /// more.
    #[must_use]
    pub fn not_after(&self) -> Option<u64> {
        let chain = pem::certificates(&self.certificate, Part::Certificate).ok()?;
        chain.iter().filter_map(not_after).min()
    }
}

/// When a certificate expires. rustls reads it and tells only who checks a certificate after its time, so this does.
fn not_after(certificate: &CertificateDer<'_>) -> Option<u64> {
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    match check_at(&parsed, END_OF_TIME, &provider()) {
        Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => Some(not_after.as_secs()),
        _ => None,
    }
}

/// Checks a certificate as if it were that time. What depends on no authority is checked first, the time before everything
/// else. By nobody it is ever signed.
fn check_at(certificate: &ParsedCertificate<'_>, time: UnixTime, provider: &CryptoProvider) -> Result<(), Error> {
    let nobody = RootCertStore::empty();
    let algorithms = provider.signature_verification_algorithms.all;
    verify_server_cert_signed_by_trust_anchor(certificate, &nobody, &[], time, algorithms)
}

/// Nobody would accept a certificate outside its time. Who has signed it is not asked: that is for the other side to
/// judge.
fn check_validity(file: &Path, certificate: &CertificateDer<'_>, provider: &CryptoProvider) -> Result<(), TlsError> {
    let bad = |error: Error| Fault::BadCertificate {
        file: file.to_owned(),
        reason: error.to_string(),
    };
    let parsed = ParsedCertificate::try_from(certificate).map_err(|error| bad(error).of(Part::Certificate))?;
    let fault = match check_at(&parsed, UnixTime::now(), provider) {
        Err(Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. })) => {
            Fault::Expired(file.to_owned())
        }
        Err(Error::InvalidCertificate(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. })) => {
            Fault::NotValidYet(file.to_owned())
        }
        _ => return Ok(()),
    };
    Err(fault.of(Part::Certificate))
}
