//! Whether the index of the gateway is protected from writes by other calls.

use std::fmt;

use serde_json::{Value, json};

use super::AccessMode;
use super::scalar::ScalarKind;
use super::setting::{Fault, Setting, one_of};

/// Whether the index that jobs are stored in is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protect {
    /// Where the gateway, and not its callers, writes to the index.
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

impl Protect {
    const ALL: [Self; 3] = [Self::Auto, Self::On, Self::Off];

    /// Whether it is, where jobs are stored like this.
    #[must_use]
    pub fn is_on(self, mode: AccessMode) -> bool {
        match self {
            Self::Auto => mode == AccessMode::Service,
            Self::On => true,
            Self::Off => false,
        }
    }
}

impl fmt::Display for Protect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::On => "true",
            Self::Off => "false",
        })
    }
}

impl Setting for Protect {
    const EXPECTED: &'static str = "`auto`, `true` or `false`";
    const PLACEHOLDER: &'static str = "SWITCH";

    fn parse(text: &str) -> Result<Self, Fault> {
        one_of(text, Self::ALL)
    }

    fn accepts(kind: ScalarKind) -> bool {
        matches!(kind, ScalarKind::Text | ScalarKind::Boolean)
    }

    fn form() -> Value {
        json!({"enum": ["auto", true, false, "true", "false"]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_it_is_shown() {
        for protect in Protect::ALL {
            assert_eq!(Protect::parse(&protect.to_string()).ok(), Some(protect));
        }
        for text in ["on", "True", "none"] {
            assert!(Protect::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn is_on_by_itself_where_the_gateway_writes_to_the_index() {
        let on = |mode| Protect::ALL.map(|protect| protect.is_on(mode));
        assert_eq!(on(AccessMode::Caller), [false, true, false]);
        assert_eq!(on(AccessMode::Service), [true, true, false]);
    }
}
