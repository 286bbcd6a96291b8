//! The list of requests that are made to cost a gateway much, each with what it may cost.
//!
//! To add some, write a file with a function that gives them, and add it to [`all`].

use std::fmt;

use super::{claimed, codings, held, judged};
use crate::gateway::Gateway;

/// Something that a client does to a gateway.
pub struct Hostile {
    /// What it is, in few words.
    pub name: String,
    /// What the gateway's configuration says, in YAML, besides its nodes.
    pub settings: &'static str,
    /// What its policies are, in YAML.
    pub policies: Option<String>,
    /// How much memory it may take.
    pub memory: Memory,
    /// Does it to a running gateway. Returns when the gateway has done with it.
    pub attack: Attack,
}

/// What a client does.
pub type Attack = Box<dyn Fn(&Gateway) -> anyhow::Result<()> + Send + Sync>;

/// The most that a gateway may have resident beside what it has when it is idle.
#[derive(Debug, Clone, PartialEq)]
pub enum Memory {
    /// So many bytes.
    Bytes(u64),
    /// 1.3 times what another row of the list, an earlier one, took.
    As(String),
    /// It is only shown: others are compared with it.
    Shown,
}

impl fmt::Debug for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hostile")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// How large the bodies are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// As large as the gateway takes them: minutes, for a gateway as it is released.
    Full,
    /// Long enough to see that they are not worked on by a worker: seconds, also for one that is not optimised.
    Short,
}

/// Everything known to be costly.
#[must_use]
pub fn all(size: Size) -> Vec<Hostile> {
    [
        claimed::rows(size),
        judged::rows(size),
        codings::rows(size),
        held::rows(size),
    ]
    .into_iter()
    .flatten()
    .collect()
}
