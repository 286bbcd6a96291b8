//! What has to hold for the gateway to be ready.

use std::fmt;

use serde_json::Value;

use super::form;
use super::key::Key;
use super::reader::Reader;
use super::setting::{Fault, Setting, one_of};

/// What has to hold for the gateway to be ready, besides that it was not told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadyRequirement {
    /// Nothing else.
    Gateway,
    /// At least one node of the cluster answers.
    Cluster,
}

const REQUIRE: Key = Key::new(
    "ready.require",
    "What `GET /ready` of `admin.listen` needs to be 200: that the gateway serves (`gateway`), or also that a node of the cluster answers (`cluster`).",
)
.detail("With `gateway` clients go on getting the gateway's 503 while the cluster is down; with `cluster` a load balancer that looks at `/ready` sends them elsewhere.");

/// Reads it.
pub(super) fn requirement(keys: &mut Reader<'_>) -> ReadyRequirement {
    keys.one(REQUIRE, ReadyRequirement::Cluster)
}

impl ReadyRequirement {
    const ALL: [Self; 2] = [Self::Gateway, Self::Cluster];

    /// Its name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Cluster => "cluster",
        }
    }
}

impl fmt::Display for ReadyRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Setting for ReadyRequirement {
    const EXPECTED: &'static str = "`gateway` or `cluster`";
    const PLACEHOLDER: &'static str = "WORD";

    fn parse(text: &str) -> Result<Self, Fault> {
        one_of(text, Self::ALL)
    }

    fn form() -> Value {
        form::words(Self::ALL)
    }
}
