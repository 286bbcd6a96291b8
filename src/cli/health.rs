//! `anomaly-gateway health`: asks a running gateway whether it and its cluster answer.
//!
//! It is a subcommand so that the container image needs no other program for its health check.

use std::time::Duration;

use anyhow::{Context as _, Result};
use http::StatusCode;
use reqwest::Client;
use reqwest::redirect::Policy;

use super::{Exit, console};
use crate::upstream::node_url::NodeUrl;

/// How long a healthy gateway may take.
const LIMIT: Duration = Duration::from_secs(2);

/// Asks once.
pub(super) fn run(url: &str) -> Result<Exit> {
    let url = match NodeUrl::parse(url) {
        Ok(url) => url,
        Err(error) => {
            // A gateway's address is written like a node's, and the message speaks of a node.
            console::error(&anyhow::Error::new(error).context("--url is not the address of a gateway"));
            return Ok(Exit::Usage);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime could be started")?;
    match runtime.block_on(ask(&url)) {
        Ok(status) if is_healthy(status) => Ok(Exit::Fine),
        Ok(status) => {
            console::say(&format!("anomaly-gateway: {url} answers {status}"));
            Ok(Exit::Findings)
        }
        Err(error) => {
            console::error(&error.context(format!("{url} does not answer")));
            Ok(Exit::Findings)
        }
    }
}

/// The status of the answer to `GET /`. Proxies and redirects would answer for something else.
async fn ask(url: &NodeUrl) -> Result<StatusCode> {
    let client = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(LIMIT)
        .build()?;
    // The address is in the message around this error already.
    let answer = client
        .get(format!("{url}/"))
        .send()
        .await
        .map_err(reqwest::Error::without_url)?;
    Ok(answer.status())
}

/// Whether the gateway got an answer from its cluster, whatever that says: it may want a password.
fn is_healthy(status: StatusCode) -> bool {
    !matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    )
}
