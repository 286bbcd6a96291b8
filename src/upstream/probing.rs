//! How nodes are to be asked whether they answer, as an operator chooses it, and what a client's request says of that.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::Method;
use http::header::{FORWARDED, HeaderMap, HeaderName};

use crate::http::caller::Caller;

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

/// The fields that say from where a request comes, and not from whom.
const OF_THE_WAY: [HeaderName; 2] = [HeaderName::from_static("x-forwarded-for"), FORWARDED];

/// Whether a request asks what a probe asks, and has nothing by which a cluster could know who asks, in a field of whatever
/// name: an answer to it says how a probe would be answered. Its fields are those that are sent on.
#[must_use]
pub fn is_like_a_probe(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let is_asked = path == "/" && matches!(*method, Method::GET | Method::HEAD);
    is_asked
        && Caller::from_headers(headers)
            .credentials()
            .all(|(name, _)| OF_THE_WAY.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_probe_would_ask_says_how_it_would_be_answered() {
        let with = |names: &[&'static str]| {
            let field = |name: &&'static str| (HeaderName::from_static(name), http::HeaderValue::from_static("x"));
            names.iter().map(field).collect::<HeaderMap>()
        };
        let usual = with(&["host", "user-agent", "accept", "x-opaque-id", "x-forwarded-for"]);
        assert!(is_like_a_probe(&Method::HEAD, "/", &HeaderMap::new()));
        assert!(is_like_a_probe(&Method::GET, "/", &usual));
        assert!(!is_like_a_probe(&Method::OPTIONS, "/", &usual));
        assert!(!is_like_a_probe(&Method::GET, "/_plugins/_security/health", &usual));
        for name in [
            "authorization",
            "cookie",
            "x-proxy-user",
            "es-secondary-authorization",
            "jwt",
        ] {
            assert!(!is_like_a_probe(&Method::GET, "/", &with(&["host", name])), "{name}");
        }
    }
}
