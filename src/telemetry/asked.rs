//! Who makes a request, and which: what log lines about a request have in common.

use std::fmt;
use std::net::SocketAddr;

/// How many bytes of a text that a client chooses are logged.
const MAX_TEXT: usize = 1024;

/// Who asks, and for what. It holds copies of bounded length, and no header field that could be a secret.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The other end of the connection.
    pub client: SocketAddr,
    /// The user whom the cluster has named, or the one who is named in the credentials that were sent.
    pub user: Option<String>,
    /// The field `X-Opaque-Id`.
    pub opaque_id: Option<String>,
    /// The method.
    pub method: String,
    /// The path, without a query, in which there may be a secret.
    pub path: String,
    /// Whether it is only tried out, if it is claimed.
    pub is_dry_run: Option<bool>,
}

/// A text as it is logged: its beginning, with a mark if there was more.
#[must_use]
pub fn shortened(text: &str) -> String {
    shortened_to(text, MAX_TEXT)
}

/// The beginning of a text, so many bytes at most, with a mark if there was more.
pub(super) fn shortened_to(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", text.get(..end).unwrap_or_default())
}

/// A time in seconds, as lines show it.
pub struct Seconds(pub std::time::Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.0.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_shortened_between_characters() {
        let long = shortened_to(&"é".repeat(3000), 4096);
        assert_eq!((long.len(), long.ends_with("é…")), (4096 + "…".len(), true));
        assert_eq!(shortened("short"), "short");
    }
}
