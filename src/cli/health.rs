//! `anomaly-gateway health`: asks a running gateway whether it and its cluster answer.
//!
//! It is a subcommand so that the container image needs no other program for its health check.

use std::time::Duration;

use anyhow::{Context as _, Result};
use http::{HeaderMap, Method, StatusCode};
use rustls::pki_types::ServerName;

use super::{Exit, HealthFlags, console};
use crate::tls::to_nodes::trusting_nobody;
use crate::tls::{Authorities, Expired, NodeTls, NodeTlsSettings, current};
use crate::upstream::{Call, Connector, NodeUrl, OwnCalls, SendError};

/// How long a healthy gateway may take.
const LIMIT: Duration = Duration::from_secs(2);

/// The longest answer that is read, in bytes: the cluster's page has a few hundred.
const LONGEST: usize = 1024 * 1024;

/// What may be asked besides `/`, of the listener that answers it.
const PATHS: [&str; 2] = ["/ready", "/live"];

/// Reads the name that a certificate has to have.
pub(super) fn server_name(text: &str) -> Result<ServerName<'static>, String> {
    ServerName::try_from(text.to_owned()).map_err(|_| "expected a host name or an IP address".to_owned())
}

/// Asks once.
pub(super) fn run(flags: HealthFlags) -> Result<Exit> {
    let path = PATHS.into_iter().find(|path| flags.url.ends_with(path));
    let address = flags.url.strip_suffix(path.unwrap_or_default()).unwrap_or(&flags.url);
    let gateway = match NodeUrl::parse(address) {
        Ok(gateway) => gateway,
        Err(error) => {
            // A gateway's address is written like a node's, and the message speaks of a node.
            console::error(&anyhow::Error::new(error).context("--url is not the address of a gateway"));
            return Ok(Exit::Usage);
        }
    };
    let settings = NodeTlsSettings {
        authorities: flags.ca.map_or(Authorities::System, Authorities::File),
        server_name: flags.server_name,
        ..NodeTlsSettings::default()
    };
    let loaded = match gateway.server_name() {
        Some(_) => settings.load(Expired::Refused),
        None => trusting_nobody(),
    };
    let (_exchange, config) = match loaded {
        Ok(config) => current(config),
        Err(error) => {
            console::error(&anyhow::Error::new(error).context("the gateway's certificate cannot be checked"));
            return Ok(Exit::Usage);
        }
    };
    let tls = NodeTls {
        config,
        server_name: settings.server_name,
    };
    let calls = OwnCalls::new(Connector::new(tls, LIMIT), LIMIT);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime could be started")?;
    match runtime.block_on(ask(&calls, &gateway, path.unwrap_or("/"))) {
        Ok(status) if is_healthy(status) => Ok(Exit::Fine),
        Ok(status) => {
            console::say(&format!("anomaly-gateway: {gateway} answers {status}"));
            Ok(Exit::Findings)
        }
        Err(SendError::NotSent(error)) if error.wants_a_certificate() => {
            console::say(&format!(
                "anomaly-gateway: {gateway} wants a certificate of its clients, and `health` has none to show; ask a \
                 listener that wants none, such as that of `admin.listen` on a loopback address: `--url \
                 http://127.0.0.1:9281/ready`"
            ));
            Ok(Exit::Findings)
        }
        Err(error) => {
            let error = anyhow::Error::new(error);
            console::error(&error.context(format!("{gateway} does not answer")));
            Ok(Exit::Findings)
        }
    }
}

/// The status of the answer.
async fn ask(calls: &OwnCalls, gateway: &NodeUrl, path: &str) -> Result<StatusCode, SendError> {
    let question = Call {
        method: Method::GET,
        path,
        headers: HeaderMap::new(),
        body: None,
        repeatable: false,
    };
    Ok(calls.send(gateway, question, LIMIT, LONGEST).await?.status())
}

/// Whether the gateway got an answer from its cluster, whatever that says: it may want a password.
fn is_healthy(status: StatusCode) -> bool {
    !matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    )
}
