//! What can be wrong with the files that TLS is set up from.

use std::io;
use std::path::PathBuf;

use rustls::pki_types::pem;

/// Why TLS cannot be set up. The message names the file and the reason.
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
pub struct TlsError {
    /// Which setting is wrong.
    pub part: Part,
    /// What is wrong with it.
    pub fault: Fault,
}

/// A part of what TLS is set up from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The certificate that the gateway shows.
    Certificate,
    /// The key of that certificate.
    Key,
    /// The authorities that have to have signed the other side's certificate.
    Authorities,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Usual cause: a wrong path, or a file that only another user may read.
    #[error("{} cannot be read: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Usual cause: the path of something else.
    #[error("{} is larger than any file of certificates", .0.display())]
    TooLarge(PathBuf),
    /// Usual cause: a file that was cut short, or edited.
    #[error("{} is not PEM: {source}", file.display())]
    NotPem {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// Usual cause: the key's file in the certificate's place, or a file in DER or PKCS#12.
    #[error("there is no certificate in {}: a line `-----BEGIN CERTIFICATE-----` is looked for", .0.display())]
    NoCertificate(PathBuf),
    /// Usual cause: the certificate's file in the key's place.
    #[error("there is no private key in {}: a line such as `-----BEGIN PRIVATE KEY-----` is looked for", .0.display())]
    NoKey(PathBuf),
    /// The key has a passphrase, which nobody could type.
    #[error("the private key in {} is encrypted; `openssl pkey -in KEY -out NEW` writes one that is not", .0.display())]
    EncryptedKey(PathBuf),
    /// Usual cause: a kind of key that is not supported, such as P-521 or RSA below 2048 bits.
    #[error("the private key in {} cannot be used: {source}", file.display())]
    BadKey {
        /// The file.
        file: PathBuf,
        /// What rustls said.
        source: rustls::Error,
    },
    /// Usual cause: only one of the two files was renewed.
    #[error("the private key in {} is not that of the certificate in {}", key.display(), certificate.display())]
    OtherKey {
        /// The key's file.
        key: PathBuf,
        /// The certificate's file.
        certificate: PathBuf,
    },
    /// Usual cause: it was not renewed.
    #[error("the certificate in {} has expired", .0.display())]
    Expired(PathBuf),
    /// Usual cause: this machine's clock, or that of the machine which made it.
    #[error("the certificate in {} is not valid yet", .0.display())]
    NotValidYet(PathBuf),
    /// Usual cause: what stands between the PEM markers is no X.509 certificate of version 3.
    #[error("a certificate in {} cannot be used: {reason}", file.display())]
    BadCertificate {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Usual cause: a container image without the package `ca-certificates`.
    #[error("this system has no certificate authorities that could be trusted{}", because(.0))]
    NoSystemAuthorities(Vec<String>),
    /// A fault of the gateway.
    #[error("TLS cannot be set up: {0}")]
    NotSupported(#[source] rustls::Error),
}

impl Fault {
    pub(super) const fn of(self, part: Part) -> TlsError {
        TlsError { part, fault: self }
    }
}

fn because(reasons: &[String]) -> String {
    let parts = std::iter::once("").chain(reasons.iter().map(String::as_str));
    parts.collect::<Vec<_>>().join("; ")
}
