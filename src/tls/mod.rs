//! TLS by rustls, on both sides: what the gateway shows of itself and whom it believes, read from PEM files.
//!
//! One provider of cryptography serves everything: ring, which takes a C compiler and nothing else to build. It knows no
//! P-521 and no Ed448; Elasticsearch's own tools make neither.

mod current;
mod fault;
mod identity;
mod pem;
pub mod server;
pub mod to_nodes;
mod verifier;

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};

pub use current::{Current, Exchange, current};
pub use fault::{Fault, Part, TlsError};
pub use identity::{Expired, IdentityFiles};
pub use server::{ClientCertificates, ServerSettings};
pub use to_nodes::{Authorities, NodeTls, NodeTlsSettings};
pub use verifier::Verification;

/// What the gateway speaks inside TLS: HTTP/1.1, as Elasticsearch does.
const ALPN: &[u8] = b"http/1.1";

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
