//! TLS on both sides, with certificates made by each test.

mod both;
mod downstream;
mod health;
mod reload;
mod upstream;

use std::path::PathBuf;

use crate::support::authority::{Authority, Files, Identity};
use crate::support::gateway::Gateway;

/// The host of every listener in these tests.
const HOST: &str = "127.0.0.1";

/// The name in the gateway's certificate.
const GATEWAY: &str = "gateway.example.org";

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A gateway that speaks TLS, and the authority that has signed its certificate.
struct Secured {
    gateway: Gateway,
    authority: Authority,
    files: Files,
}

impl Secured {
    /// A gateway before this node, with further arguments.
    fn before(node: &str, arguments: &[&str]) -> Self {
        let files = Files::new();
        let authority = Authority::new("the gateway's authority");
        files.write_identity("gateway", &authority.sign("gateway", &[GATEWAY]));
        let (certificate, key) = (files.text("gateway.pem"), files.text("gateway-key.pem"));
        let own = ["--tls-certificate", &certificate, "--tls-key", &key];
        let gateway = Gateway::with(&[node], &[&own, arguments].concat());
        Self {
            gateway,
            authority,
            files,
        }
    }
}

/// What clients of a cluster in TLS are given: the folder must outlive the gateway.
fn upstream_ca(files: &Files, authority: &Authority) -> PathBuf {
    files.write("upstream-ca.pem", &authority.certificate);
    files.path("upstream-ca.pem")
}

fn node_identity(authority: &Authority) -> Identity {
    authority.sign("node", &[HOST, "localhost"])
}
