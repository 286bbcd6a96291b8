//! Which calls about jobs the gateway answers itself.

use std::fmt;

use serde_json::Value;

use super::form;
use super::setting::{Fault, Setting, one_of};

/// What the gateway serves of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serve {
    /// Their creation, and their updates where these are judged. All else is the cluster's.
    Create,
    /// Their whole life, but for what it takes to run them.
    All,
}

impl Serve {
    const ALL: [Self; 2] = [Self::Create, Self::All];
}

impl fmt::Display for Serve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::All => "all",
        })
    }
}

impl Setting for Serve {
    const EXPECTED: &'static str = "`create` or `all`";
    const PLACEHOLDER: &'static str = "CALLS";

    fn parse(text: &str) -> Result<Self, Fault> {
        one_of(text, Self::ALL)
    }

    fn form() -> Value {
        form::words(Self::ALL)
    }
}
