//! The field that says which host a request is for.

use std::fmt;

use http::header::{HOST, HeaderMap, HeaderValue};
use http::uri::Authority;

use super::node_url::NodeUrl;

/// Which host nodes are told that a request is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum HostChoice {
    /// The one that the client has sent. What the gateway asks itself is for the node: a client does not choose whom the
    /// gateway believes.
    #[default]
    Client,
    /// Each node's own, as its URL names it.
    Node,
    /// Always this one.
    Name(HeaderValue),
}

/// A text that is no host with, perhaps, a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a host is a name or an address, and perhaps a port after it")]
pub struct NotAHost;

const CLIENT: &str = "client";
const NODE: &str = "node";

impl HostChoice {
    /// Reads `client`, `node`, or a host.
    pub fn parse(text: &str) -> Result<Self, NotAHost> {
        match text {
            CLIENT => return Ok(Self::Client),
            NODE => return Ok(Self::Node),
            _ => {}
        }
        let authority: Authority = text.parse().map_err(|_| NotAHost)?;
        let has_bad_port = authority.host().len() < text.len() && authority.port_u16().is_none();
        if authority.host().is_empty() || text.contains(['@', ',']) || has_bad_port {
            return Err(NotAHost);
        }
        HeaderValue::from_str(text).map(Self::Name).map_err(|_| NotAHost)
    }

    /// Sets the field of a forwarded request to a node, if it is not the client's that stays.
    pub(super) fn set_forwarded(&self, headers: &mut HeaderMap, node: &NodeUrl, lacks_host: bool) {
        match self {
            Self::Client if !lacks_host => {}
            Self::Client | Self::Node | Self::Name(_) => set(headers, self.of_own_call(node)),
        }
    }

    /// The host of a forwarded request to a node that has one, if it is not the client's that stays.
    #[must_use]
    pub fn instead_of_the_clients(&self, node: &NodeUrl) -> Option<HeaderValue> {
        match self {
            Self::Client => None,
            Self::Node | Self::Name(_) => self.of_own_call(node),
        }
    }

    /// The field of a call of the gateway's own.
    pub(super) fn of_own_call(&self, node: &NodeUrl) -> Option<HeaderValue> {
        match self {
            // No host that could be connected to has characters that a field has not.
            Self::Client | Self::Node => HeaderValue::from_str(node.host_field()).ok(),
            Self::Name(name) => Some(name.clone()),
        }
    }
}

impl fmt::Display for HostChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => CLIENT,
            Self::Node => NODE,
            Self::Name(name) => name.to_str().unwrap_or_default(),
        })
    }
}

/// Sets `Host`, in the place where it is, or before all other fields (RFC 9110 §7.2).
fn set(headers: &mut HeaderMap, host: Option<HeaderValue>) {
    let Some(value) = host else { return };
    if headers.contains_key(HOST) {
        headers.insert(HOST, value);
        return;
    }
    let mut with_host = HeaderMap::with_capacity(headers.len() + 1);
    with_host.insert(HOST, value);
    for (name, value) in headers.iter() {
        with_host.append(name.clone(), value.clone());
    }
    *headers = with_host;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    fn shown(headers: &HeaderMap) -> Vec<(&str, &str)> {
        headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().expect("text")))
            .collect()
    }

    #[test]
    fn it_comes_first_or_stays_in_its_place() {
        let host = || Some(HeaderValue::from_static("es:9200"));
        let mut without = headers(&[("x-1", "a"), ("x-2", "b"), ("x-2", "c")]);
        set(&mut without, host());
        assert_eq!(
            shown(&without),
            [("host", "es:9200"), ("x-1", "a"), ("x-2", "b"), ("x-2", "c")]
        );
        let mut with = headers(&[("x-1", "a"), ("host", "old"), ("x-2", "b"), ("host", "older")]);
        set(&mut with, host());
        assert_eq!(shown(&with), [("x-1", "a"), ("host", "es:9200"), ("x-2", "b")]);
    }

    #[test]
    fn choices_read_as_they_are_shown() {
        for text in [
            "client",
            "node",
            "es.example.org",
            "es.example.org:9200",
            "10.0.0.1",
            "[::1]:80",
            "opensearch",
        ] {
            assert_eq!(HostChoice::parse(text).expect(text).to_string(), text);
        }
        for text in [
            "http://es",
            "es/x",
            "a b",
            "user@es",
            "es:",
            ":80",
            "es:http",
            "es:99999",
            "a,b",
            "[::1",
            "",
        ] {
            assert_eq!(HostChoice::parse(text), Err(NotAHost), "{text:?}");
        }
    }
}
