//! Active health: each node is asked from time to time whether it answers, in a way that no node takes for a login.
//!
//! A question without credentials is a failed login to a cluster with security, and a cluster that counts those locks out
//! the address that they come from: the gateway's, and with it everybody behind it. So a node is only connected to, until
//! it is seen that it answers the question to somebody without credentials, or unless there are some for it; and one that
//! has refused the question is not asked again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;

use super::connector::Connector;
use super::node_url::NodeUrl;
use super::nodes::Nodes;
use super::own_calls::{Call, OwnCalls, SendError};
use super::probing::{ProbeMode, Probing};
use crate::http::authorization;
use crate::telemetry::events::nodes::{ProbeRefused, ProbeUnauthorized};

/// How often a node is asked that does not answer, or did not the last time, unless all are asked more often.
const RETURN_INTERVAL: Duration = Duration::from_secs(1);

/// How long a node may take. One that is busy collecting garbage takes seconds and is still there.
const PATIENCE: Duration = Duration::from_secs(3);

/// How many probes in a row have to fail before a node is left out that has answered: one may be lost.
const FAILURES: u32 = 2;

/// What a node is asked.
enum Question {
    /// To accept a connection.
    Connect,
    /// `HEAD /`, perhaps with credentials.
    Head(Option<HeaderValue>),
}

/// What came of it.
enum Outcome {
    /// The node answers.
    Answers,
    /// It answers that it does not answer that.
    Refuses,
    /// It does not answer, or something in its place does; and why.
    Fails(String),
}

/// Why a node does not answer a probe.
#[derive(Debug, thiserror::Error)]
enum ProbeError {
    #[error(transparent)]
    Send(#[from] SendError),
    #[error("it answers {0}")]
    ServerError(StatusCode),
}

/// What the probes remember of a node.
#[derive(Debug, Clone, Default)]
struct Memory {
    /// How many probes in a row have failed.
    failures: u32,
    /// The question with credentials, or with none, was refused.
    is_refused: bool,
}

/// Asks the nodes for ever.
pub async fn watch(nodes: Arc<Nodes>, connector: Connector, calls: OwnCalls, probing: Probing) {
    if probing.mode == ProbeMode::Off {
        return;
    }
    let mut memories = vec![Memory::default(); nodes.count()];
    let mut credentials = Credentials::new(probing.authorization.as_deref());
    let pause = probing.interval.min(RETURN_INTERVAL);
    let routine = probing.interval.as_millis().div_ceil(pause.as_millis().max(1)).max(1);
    let mut ticks = tokio::time::interval(pause);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for tick in 0_u128.. {
        ticks.tick().await;
        if credentials.have_changed() {
            for memory in &mut memories {
                memory.is_refused = false;
            }
        }
        let mut probes = JoinSet::new();
        for (place, memory) in memories.iter().enumerate() {
            let is_suspect = nodes.is_out(place) || memory.failures > 0;
            if let Some(url) = nodes.url(place).cloned()
                && (is_suspect || tick.is_multiple_of(routine))
            {
                let question = question(probing.mode, memory, nodes.is_open(place), &credentials);
                let (connector, calls) = (connector.clone(), calls.clone());
                probes.spawn(async move { (place, ask(&url, question, &connector, &calls).await) });
            }
        }
        while let Some(Ok((place, outcome))) = probes.join_next().await {
            if let Some(memory) = memories.get_mut(place) {
                memory.note(place, outcome, &nodes, credentials.value.is_some());
            }
        }
    }
}

/// The question for a node.
fn question(mode: ProbeMode, memory: &Memory, is_open: bool, credentials: &Credentials<'_>) -> Question {
    match (mode, &credentials.value) {
        (ProbeMode::Connect | ProbeMode::Off, _) => Question::Connect,
        _ if memory.is_refused => Question::Connect,
        (_, Some(value)) => Question::Head(Some(value.clone())),
        // Those that should be there are not.
        _ if credentials.file.is_some() => Question::Connect,
        (ProbeMode::Http, None) => Question::Head(None),
        (ProbeMode::Auto, None) if is_open => Question::Head(None),
        (ProbeMode::Auto, None) => Question::Connect,
    }
}

impl Memory {
    fn note(&mut self, place: usize, outcome: Outcome, nodes: &Nodes, has_credentials: bool) {
        let reason = match outcome {
            Outcome::Answers => None,
            Outcome::Refuses => {
                self.is_refused = true;
                let node = nodes.url(place).map(ToString::to_string);
                if has_credentials {
                    ProbeRefused { node: node.as_deref() }.log();
                } else {
                    tracing::debug!(node, "the node wants credentials; it is only connected to");
                }
                None
            }
            Outcome::Fails(reason) => Some(reason),
        };
        match reason {
            None => {
                self.failures = 0;
                nodes.reached(place);
            }
            Some(reason) => {
                self.failures = self.failures.saturating_add(1);
                if self.failures >= FAILURES || !nodes.is_known(place) {
                    nodes.failed(place, &reason);
                }
            }
        }
    }
}

/// The credentials for probes, if there are any.
struct Credentials<'f> {
    file: Option<&'f Path>,
    value: Option<HeaderValue>,
    /// It is said once that they cannot be read.
    is_unreadable: bool,
}

impl<'f> Credentials<'f> {
    fn new(file: Option<&'f Path>) -> Self {
        Self {
            file,
            value: None,
            is_unreadable: false,
        }
    }

    /// Reads them again, and says whether they are others.
    fn have_changed(&mut self) -> bool {
        let Some(file) = self.file else { return false };
        let now = match authorization::read(file) {
            Ok(value) => {
                self.is_unreadable = false;
                Some(value)
            }
            Err(error) => {
                if !self.is_unreadable {
                    let file = &file.display();
                    ProbeUnauthorized { file, error: &error }.log();
                }
                self.is_unreadable = true;
                None
            }
        };
        let have_changed = now != self.value;
        self.value = now;
        have_changed
    }
}

async fn ask(node: &NodeUrl, question: Question, connector: &Connector, calls: &OwnCalls) -> Outcome {
    let answered = match question {
        Question::Connect => connect(node, connector).await,
        Question::Head(credentials) => head(node, credentials, calls).await,
    };
    answered.unwrap_or_else(|error| Outcome::Fails(error.to_string()))
}

async fn connect(node: &NodeUrl, connector: &Connector) -> Result<Outcome, ProbeError> {
    let connected = tokio::time::timeout(PATIENCE, connector.connect(node)).await;
    let mut stream = connected
        .map_err(|_| SendError::TimedOut(PATIENCE))?
        .map_err(SendError::NotSent)?;
    // In order, so that no node has something to log.
    let _ = tokio::time::timeout(PATIENCE, stream.shutdown()).await;
    Ok(Outcome::Answers)
}

async fn head(node: &NodeUrl, credentials: Option<HeaderValue>, calls: &OwnCalls) -> Result<Outcome, ProbeError> {
    let call = Call {
        method: Method::HEAD,
        path: "/",
        headers: credentials
            .map(|value| (AUTHORIZATION, value))
            .into_iter()
            .collect::<HeaderMap>(),
        body: None,
        repeatable: false,
    };
    let status = calls.send(node, call, PATIENCE, 0).await?.status();
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(Outcome::Refuses),
        // A node without its master answers so, and whatever is before a node that is not there.
        status if status.is_server_error() => Err(ProbeError::ServerError(status)),
        _ => Ok(Outcome::Answers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(mode: ProbeMode, is_refused: bool, is_open: bool, (has_file, value): (bool, Option<&str>)) -> &'static str {
        let memory = Memory {
            failures: 0,
            is_refused,
        };
        let credentials = Credentials {
            file: has_file.then(|| Path::new("file")),
            value: value.map(|value| HeaderValue::from_str(value).expect("a value")),
            is_unreadable: false,
        };
        match question(mode, &memory, is_open, &credentials) {
            Question::Connect => "connect",
            Question::Head(None) => "head",
            Question::Head(Some(_)) => "head with credentials",
        }
    }

    #[test]
    fn nothing_is_asked_that_could_be_a_failed_login_twice() {
        let (none, some) = ((false, None), (true, Some("Basic eA==")));
        let unreadable = (true, None);
        for (mode, is_refused, is_open, credentials, asked) in [
            (ProbeMode::Auto, false, false, none, "connect"),
            (ProbeMode::Auto, false, true, none, "head"),
            (ProbeMode::Auto, true, false, none, "connect"),
            (ProbeMode::Auto, false, false, some, "head with credentials"),
            (ProbeMode::Auto, true, false, some, "connect"),
            // They cannot be read.
            (ProbeMode::Auto, false, false, unreadable, "connect"),
            (ProbeMode::Http, false, false, none, "head"),
            (ProbeMode::Http, true, false, none, "connect"),
            // Whoever was answered has something that the probes have not.
            (ProbeMode::Http, true, true, none, "connect"),
            (ProbeMode::Auto, true, true, none, "connect"),
            (ProbeMode::Http, false, false, some, "head with credentials"),
            (ProbeMode::Http, true, true, some, "connect"),
            (ProbeMode::Http, false, false, unreadable, "connect"),
            (ProbeMode::Connect, false, true, none, "connect"),
        ] {
            assert_eq!(
                asks(mode, is_refused, is_open, credentials),
                asked,
                "{mode} {is_refused} {is_open} {credentials:?}"
            );
        }
    }

    #[test]
    fn credentials_are_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("authorization");
        let mut credentials = Credentials::new(Some(&file));
        assert!(!credentials.have_changed(), "there are none");
        std::fs::write(&file, "ApiKey YQ==").expect("a file");
        assert!(credentials.have_changed());
        assert!(!credentials.have_changed());
        std::fs::write(&file, "ApiKey Yg==").expect("a file");
        assert!(credentials.have_changed());
        assert_eq!(credentials.value.as_ref().expect("a value"), "ApiKey Yg==");
    }
}
