//! Certificates and keys, read from files in PEM form.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::fault::{Fault, Part, TlsError};

/// The largest file that is read: a bundle of all public authorities has a quarter of it.
const MOST_BYTES: u64 = 1024 * 1024;

/// The certificates in a file, in their order. There is at least one.
pub(super) fn certificates(file: &Path, part: Part) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bytes = read(file).map_err(|fault| fault.of(part))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => Err(Fault::NoCertificate(file.to_owned()).of(part)),
        Ok(certificates) => Ok(certificates),
        Err(source) => Err(not_pem(file, source).of(part)),
    }
}

/// The first private key in a file.
pub(super) fn key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let bytes = read(file).map_err(|fault| fault.of(Part::Key))?;
    // PKCS#8 says so in its marker, OpenSSL's older form in a header line below it.
    if memchr::memmem::find(&bytes, b"ENCRYPTED").is_some() {
        return Err(Fault::EncryptedKey(file.to_owned()).of(Part::Key));
    }
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| {
        let fault = match error {
            pem::Error::NoItemsFound => Fault::NoKey(file.to_owned()),
            source => not_pem(file, source),
        };
        fault.of(Part::Key)
    })
}

/// The authorities in a file, each of which can sign.
pub(super) fn authorities(file: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file, Part::Authorities)? {
        roots.add(certificate).map_err(|error| {
            let reason = error.to_string();
            let file = file.to_owned();
            Fault::BadCertificate { file, reason }.of(Part::Authorities)
        })?;
    }
    Ok(roots)
}

fn not_pem(file: &Path, source: pem::Error) -> Fault {
    let file = file.to_owned();
    Fault::NotPem { file, source }
}

fn read(file: &Path) -> Result<Vec<u8>, Fault> {
    let bytes = read_bytes(file).map_err(|source| Fault::Unreadable {
        file: file.to_owned(),
        source,
    })?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST_BYTES) {
        return Err(Fault::TooLarge(file.to_owned()));
    }
    Ok(bytes)
}

/// The file's bytes, or enough of them to see that they are too many.
fn read_bytes(file: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
