//! A client's two runs, from the same clean state.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use clients::{Client, Run, Transcript};

use crate::ground::Ground;
use crate::support::gateway::Gateway;
use crate::unavailable::Unavailable;

/// The policies of the gateway before the node.
pub const POLICIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/policies.yml");

/// What a client has seen, and what has reached the upstream that is unavailable at first.
#[derive(Debug)]
pub struct BothWays {
    pub direct: Transcript,
    pub through: Transcript,
    pub retried_directly: Vec<String>,
    pub retried_through: Vec<String>,
}

impl BothWays {
    /// The two runs of a client, which the first test makes that asks for them.
    pub fn of(client: Client) -> Arc<OnceLock<Self>> {
        static ALL: LazyLock<Mutex<HashMap<String, Arc<OnceLock<BothWays>>>>> = LazyLock::new(Mutex::default);
        let runs = ALL
            .lock()
            .expect("nothing panics while it is held")
            .entry(client.to_string())
            .or_default()
            .clone();
        runs.get_or_init(|| made(client));
        runs
    }
}

fn made(client: Client) -> BothWays {
    let ground = Ground::of(client.server);
    let unavailable = || Unavailable::as_server(client.server, ground.version());

    ground.clear();
    let upstream = unavailable();
    let direct = run(client, ground.url(), upstream.url());
    let retried_directly = upstream.requests();

    ground.clear();
    let upstream = unavailable();
    let gateway = Gateway::configured(&[ground.url()], &format!("policies: {{ files: ['{POLICIES}'] }}"));
    let before_unavailable = Gateway::before(&[upstream.url()]);
    let through = run(client, &url_of(&gateway), &url_of(&before_unavailable));
    let retried_through = upstream.requests();
    BothWays {
        direct,
        through,
        retried_directly,
        retried_through,
    }
}

fn url_of(gateway: &Gateway) -> String {
    format!("http://{}", gateway.address)
}

fn run(client: Client, url: &str, unavailable: &str) -> Transcript {
    clients::run(&client, Run { url, unavailable }).unwrap_or_else(|error| panic!("{client}: {error:#}"))
}
