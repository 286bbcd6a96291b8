//! How nodes are to be asked whether they answer, as an operator chooses it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How nodes are asked whether they answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probing {
    /// In which way.
    pub mode: ProbeMode,
    /// How often.
    pub interval: Duration,
    /// The file with the value of `Authorization` for them. Read anew each time: it may be exchanged.
    pub authorization: Option<PathBuf>,
}

/// In which way nodes are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeMode {
    /// By a connection, or by `HEAD /` where there are credentials for it or it is known to need none.
    Auto,
    /// By a connection, with a handshake where the node has TLS.
    Connect,
    /// By `HEAD /`, until that is refused.
    Http,
    /// Not at all.
    Off,
}

impl ProbeMode {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Connect, Self::Http, Self::Off];

    /// Its name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Connect => "connect",
            Self::Http => "http",
            Self::Off => "off",
        }
    }
}

impl fmt::Display for ProbeMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
