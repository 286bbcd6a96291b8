//! Active health: with more than one node, each is asked from time to time whether it answers.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use tokio::task::JoinSet;

use super::client::{Call, Client};
use super::nodes::Nodes;

/// How often a node is asked that does not answer, or did not the last time.
const RETURN_INTERVAL: Duration = Duration::from_secs(1);

/// How often the others are asked, in intervals of [`RETURN_INTERVAL`].
const ROUTINE: u32 = 5;

/// How long a node may take. One that is busy collecting garbage takes seconds and is still there.
const PATIENCE: Duration = Duration::from_secs(3);

/// How many probes in a row have to fail before a node is left out: one may be lost.
const FAILURES: u32 = 2;

/// Asks the nodes for ever; with a single one there is nothing to choose, so nothing is asked.
pub async fn watch(nodes: Arc<Nodes>, client: Client) {
    if nodes.count() < 2 {
        return;
    }
    let mut failures = vec![0; nodes.count()];
    let mut ticks = tokio::time::interval(RETURN_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for tick in 0_u32.. {
        ticks.tick().await;
        let mut probes = JoinSet::new();
        let is_suspect = |place| nodes.is_out(place) || failures.get(place).is_some_and(|failures| *failures > 0);
        for place in (0..nodes.count()).filter(|place| tick % ROUTINE == 0 || is_suspect(*place)) {
            if let Some(url) = nodes.url(place).cloned() {
                let client = client.clone();
                probes.spawn(async move { (place, client.send(&url, question(), PATIENCE, 0).await) });
            }
        }
        while let Some(Ok((place, outcome))) = probes.join_next().await {
            let Some(failures) = failures.get_mut(place) else {
                continue;
            };
            if outcome.is_ok_and(|answer| answers(answer.status())) {
                *failures = 0;
                nodes.answered(place);
                continue;
            }
            *failures += 1;
            if *failures >= FAILURES {
                nodes.failed(place);
            }
        }
    }
}

/// What a node is asked.
fn question() -> Call<'static> {
    Call {
        method: Method::HEAD,
        path: "/",
        headers: HeaderMap::new(),
        body: None,
        repeatable: false,
    }
}

/// Whether a node serves requests, whatever it says of this one: it may want credentials, and a node without its
/// master answers `GET /` with 503.
fn answers(status: StatusCode) -> bool {
    !status.is_server_error()
}
