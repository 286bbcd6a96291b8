//! The address of one node of the cluster, as the configuration writes it.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use rustls::pki_types::ServerName;

/// The port of a URL that names none, of the `http` and the `https` scheme (RFC 9110 §4.2). Not 9200: that is a habit of
/// some clients, and others connect to these, so the gateway keeps to what the URL says.
const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

/// The longest host name that DNS can resolve.
const MOST_HOST_BYTES: usize = 253;

/// The address of a node: `http://host` or `https://host:port`, with nothing after it but perhaps a single `/`.
///
/// It holds no credentials: the gateway passes each client's own on, and so an address can be shown anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NodeUrl {
    /// The host and port joined by `:`, an IPv6 address in brackets.
    authority: String,
    /// Where the host ends in `authority`.
    host_length: usize,
    port: u16,
    /// What TLS knows the host by; none of a node without TLS.
    server_name: Option<ServerName<'static>>,
}

impl NodeUrl {
    /// Reads an address. Scheme and host are put in lower case.
    pub fn parse(text: &str) -> Result<Self, NodeUrlError> {
        if text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("unix:")) {
            return Err(NodeUrlError::UnixSocket);
        }
        let (scheme, rest) = text.split_once("://").ok_or(NodeUrlError::NoScheme)?;
        let is_https = scheme.eq_ignore_ascii_case("https");
        if !is_https && !scheme.eq_ignore_ascii_case("http") {
            return Err(NodeUrlError::OtherScheme);
        }
        // Asked before anything else about what follows the scheme: a password may hold any character, and no other
        // message may come to quote a part of it.
        if rest.contains('@') {
            return Err(NodeUrlError::Credentials);
        }
        if rest.contains(',') {
            return Err(NodeUrlError::Several);
        }
        let authority_length = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, after) = rest.split_at(authority_length);
        if !matches!(after, "" | "/") {
            return Err(NodeUrlError::MoreThanAddress);
        }
        let (host, port) = split_port(authority)?;
        let host = parse_host(host)?;
        let default_port = if is_https { HTTPS_PORT } else { HTTP_PORT };
        let port = port.map_or(Ok(default_port), parse_port)?;
        let server_name = if is_https { Some(server_name(&host)?) } else { None };
        Ok(Self {
            authority: format!("{host}:{port}"),
            host_length: host.len(),
            port,
            server_name,
        })
    }

    /// What stands in `Host` for this node: its host and its port, unless that is the scheme's own (RFC 9110 §4.2).
    #[must_use]
    pub fn host_field(&self) -> &str {
        let own_port = if self.server_name.is_some() {
            HTTPS_PORT
        } else {
            HTTP_PORT
        };
        match self.authority.get(..self.host_length) {
            Some(host) if self.port == own_port => host,
            _ => &self.authority,
        }
    }

    /// The host name or IP address to connect to. An IPv6 address comes without its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        let (host, _port) = self
            .authority
            .split_at_checked(self.host_length)
            .unwrap_or((&self.authority, ""));
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The port to connect to.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The name by which TLS knows the host, if the scheme is `https`.
    #[must_use]
    pub const fn server_name(&self) -> Option<&ServerName<'static>> {
        self.server_name.as_ref()
    }

    /// `host:port`, as a `Host` field or a request target has it; an IPv6 address is in brackets.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl Default for NodeUrl {
    /// A node on this machine, on Elasticsearch's usual port.
    fn default() -> Self {
        let host = Ipv4Addr::LOCALHOST.to_string();
        Self {
            authority: format!("{host}:9200"),
            host_length: host.len(),
            port: 9200,
            server_name: None,
        }
    }
}

impl fmt::Display for NodeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.server_name.is_some() { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)
    }
}

/// Why a text is not the address of a node. No variant carries a part of the text, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NodeUrlError {
    /// Usually `localhost:9200`, which needs `http://` before it.
    #[error("a node's URL starts with `http://` or `https://`")]
    NoScheme,
    /// A scheme that is neither http nor https, often a slip of the finger.
    #[error("the scheme of a node's URL is `http` or `https`")]
    OtherScheme,
    /// The path of a socket.
    #[error("nodes are reached by TCP, not by a Unix socket")]
    UnixSocket,
    /// Several nodes in one text.
    #[error("a node's URL holds no comma; several nodes are a list")]
    Several,
    /// `user:password@` before the host.
    #[error("a node's URL holds no user name or password")]
    Credentials,
    /// A path, a query or a fragment.
    #[error("a node's URL ends after the port: the gateway passes on the path and query of each request")]
    MoreThanAddress,
    /// Nothing stands before the port or after the scheme.
    #[error("a node's URL names a host")]
    NoHost,
    /// The host is no name that DNS could know and no IP address.
    #[error("the host of a node's URL is a host name, an IPv4 address, or an IPv6 address in brackets")]
    BadHost,
    /// The port is no number, or one that no connection can go to.
    #[error("the port of a node's URL is a number from 1 to 65535")]
    BadPort,
}

impl NodeUrlError {
    /// What to do about it, where the message alone does not say it.
    #[must_use]
    pub const fn remedy(self) -> Option<&'static str> {
        match self {
            Self::Credentials => {
                Some("leave them out: the gateway uses the credentials that each client sends with its request")
            }
            Self::UnixSocket => Some("neither Elasticsearch nor OpenSearch listens on one; name its host and port"),
            Self::Several => Some("write them like `[http://es-1:9200, http://es-2:9200]`"),
            Self::NoScheme | Self::OtherScheme => Some("write it like `http://127.0.0.1:9200`"),
            _ => None,
        }
    }
}

/// What TLS knows a host by. An address is sent to no node, and is looked for in its certificate all the same.
fn server_name(host: &str) -> Result<ServerName<'static>, NodeUrlError> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    // The root's dot is no part of a name in a certificate (RFC 6066 §3).
    let host = host.strip_suffix('.').unwrap_or(host);
    ServerName::try_from(host.to_owned()).map_err(|_| NodeUrlError::BadHost)
}

/// Splits `host`, `host:port`, `[address]` or `[address]:port`. A host in brackets keeps them.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), NodeUrlError> {
    let host_length = if authority.starts_with('[') {
        authority.find(']').ok_or(NodeUrlError::BadHost)? + 1
    } else if authority.matches(':').count() > 1 {
        return Err(NodeUrlError::BadHost);
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, rest) = authority.split_at_checked(host_length).ok_or(NodeUrlError::BadHost)?;
    if host.is_empty() {
        return Err(NodeUrlError::NoHost);
    }
    match (rest.strip_prefix(':'), rest) {
        (Some(port), _) => Ok((host, Some(port))),
        (None, "") => Ok((host, None)),
        (None, _) => Err(NodeUrlError::BadHost),
    }
}

/// The host in its one spelling: lower case, an IPv6 address shortened and in brackets.
fn parse_host(host: &str) -> Result<String, NodeUrlError> {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address: Ipv6Addr = address.parse().map_err(|_| NodeUrlError::BadHost)?;
        return Ok(format!("[{address}]"));
    }
    // A name whose last label is a number is read as an IPv4 address by everything that resolves names (such as
    // `127.1`), so only the full four numbers are accepted.
    let last_label = host.rsplit('.').next().unwrap_or_default();
    if !last_label.is_empty() && last_label.bytes().all(|byte| byte.is_ascii_digit()) {
        let address: Ipv4Addr = host.parse().map_err(|_| NodeUrlError::BadHost)?;
        return Ok(address.to_string());
    }
    // `_` is in no host name by the letter, but container networks name services with it.
    let label_is_fine = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let without_root = host.strip_suffix('.').unwrap_or(host);
    if host.len() > MOST_HOST_BYTES || !without_root.split('.').all(label_is_fine) {
        return Err(NodeUrlError::BadHost);
    }
    Ok(host.to_ascii_lowercase())
}

/// A port that can be connected to.
fn parse_port(text: &str) -> Result<u16, NodeUrlError> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NodeUrlError::BadPort);
    }
    match text.parse() {
        Ok(0) | Err(_) => Err(NodeUrlError::BadPort),
        Ok(port) => Ok(port),
    }
}

#[cfg(test)]
mod tests;
