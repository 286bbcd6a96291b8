//! What becomes of an admitted job.

use std::fmt;

/// Who keeps admitted jobs: the gateway, the cluster's own machine learning, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CommitMode {
    /// The gateway stores the job in its index, and answers.
    #[default]
    Store,
    /// The cluster is asked for the job in the client's place, and answers.
    Forward,
    /// The cluster is asked and answers, and of what it has created the gateway keeps a record in its index.
    Both,
}

impl CommitMode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Store, Self::Forward, Self::Both];

    /// Its name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Forward => "forward",
            Self::Both => "both",
        }
    }
}

impl fmt::Display for CommitMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
