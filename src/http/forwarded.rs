//! Tells nodes from which address a request comes: the fields `X-Forwarded-For` and `Forwarded` (RFC 7239).
//!
//! Both are lists to which each proxy adds whom it has got the request from. What an unknown peer has written of the list
//! is not believed: the list begins anew with its address.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use http::header::{FORWARDED, HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;

use super::hop_by_hop;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Which field clients' addresses are written into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForwardedField {
    /// None: what clients send of both passes as it comes.
    #[default]
    None,
    /// `X-Forwarded-For`.
    XForwardedFor,
    /// `Forwarded`.
    Forwarded,
}

impl ForwardedField {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::XForwardedFor, Self::Forwarded];

    /// Its name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }

    /// The field.
    #[must_use]
    pub const fn header(self) -> Option<HeaderName> {
        match self {
            Self::None => None,
            Self::XForwardedFor => Some(X_FORWARDED_FOR),
            Self::Forwarded => Some(FORWARDED),
        }
    }
}

impl fmt::Display for ForwardedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a client's address is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forwarding {
    /// In which field.
    pub field: ForwardedField,
    /// The proxies whose list is believed.
    pub trusted: Vec<IpNet>,
}

impl Forwarding {
    /// Writes the address of the peer that a request has come from into its head.
    pub fn add(&self, headers: &mut HeaderMap, peer: SocketAddr) {
        let peer = peer.ip().to_canonical();
        let Some(name) = self.field.header() else { return };
        let element = match self.field {
            ForwardedField::Forwarded => forwarded_for(peer),
            ForwardedField::XForwardedFor | ForwardedField::None => peer.to_string(),
        };
        // Otherwise whoever names the field in `Connection` would keep the nodes from seeing it.
        hop_by_hop::make_end_to_end(headers, &name);
        let mut list: Vec<&[u8]> = Vec::new();
        if self.trusted.iter().any(|network| network.contains(&peer)) {
            let sent = headers.get_all(&name).iter().map(HeaderValue::as_bytes);
            list.extend(sent.filter(|value| !value.is_empty()));
        }
        list.push(element.as_bytes());
        // Values that were fields are one, and addresses are ASCII.
        if let Ok(value) = HeaderValue::from_bytes(&list.join(&b", "[..])) {
            headers.insert(name, value);
        }
    }
}

/// RFC 7239 §6: an address of IPv6 is in brackets, and what has a colon in quotes.
fn forwarded_for(peer: IpAddr) -> String {
    match peer {
        IpAddr::V4(address) => format!("for={address}"),
        IpAddr::V6(address) => format!("for=\"[{address}]\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(
        field: ForwardedField,
        trusted: &[&str],
        sent: &[(&'static str, &'static str)],
        peer: &str,
    ) -> Vec<String> {
        let trusted = trusted.iter().map(|network| network.parse().expect("a network"));
        let forwarding = Forwarding {
            field,
            trusted: trusted.collect(),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, HeaderValue::from_static(value));
        }
        forwarding.add(&mut headers, SocketAddr::new(peer.parse().expect("an address"), 40_000));
        let shown = |(name, value): (&HeaderName, &HeaderValue)| format!("{name}: {}", value.to_str().expect("text"));
        headers.iter().map(shown).collect()
    }

    #[test]
    fn a_list_begins_with_whoever_is_not_trusted() {
        use ForwardedField::{Forwarded, XForwardedFor};
        for (field, trusted, sent, peer, expected) in [
            (
                XForwardedFor,
                &[][..],
                &[][..],
                "192.0.2.1",
                &["x-forwarded-for: 192.0.2.1"][..],
            ),
            (
                XForwardedFor,
                &[],
                &[("x-forwarded-for", "10.0.0.1")],
                "192.0.2.1",
                &["x-forwarded-for: 192.0.2.1"],
            ),
            (
                XForwardedFor,
                &["192.0.2.0/24"],
                &[("x-forwarded-for", "203.0.113.7"), ("x-1", "a")],
                "192.0.2.1",
                &["x-forwarded-for: 203.0.113.7, 192.0.2.1", "x-1: a"],
            ),
            // Two fields are one list.
            (
                XForwardedFor,
                &["192.0.2.0/24"],
                &[
                    ("x-forwarded-for", "1.1.1.1, 2.2.2.2"),
                    ("x-1", "a"),
                    ("x-forwarded-for", "3.3.3.3"),
                ],
                "192.0.2.1",
                &["x-forwarded-for: 1.1.1.1, 2.2.2.2, 3.3.3.3, 192.0.2.1", "x-1: a"],
            ),
            (
                XForwardedFor,
                &["192.0.2.0/24"],
                &[("x-forwarded-for", "")],
                "192.0.2.1",
                &["x-forwarded-for: 192.0.2.1"],
            ),
            // The other field is nobody's business here.
            (
                XForwardedFor,
                &[],
                &[("forwarded", "for=9.9.9.9")],
                "192.0.2.1",
                &["forwarded: for=9.9.9.9", "x-forwarded-for: 192.0.2.1"],
            ),
            (
                XForwardedFor,
                &["10.0.0.0/8"],
                &[("x-forwarded-for", "1.1.1.1")],
                "::ffff:10.1.2.3",
                &["x-forwarded-for: 1.1.1.1, 10.1.2.3"],
            ),
            (
                Forwarded,
                &[],
                &[("forwarded", "for=1.1.1.1")],
                "192.0.2.1",
                &["forwarded: for=192.0.2.1"],
            ),
            (
                Forwarded,
                &["2001:db8::/32"],
                &[("forwarded", "for=1.1.1.1;proto=https")],
                "2001:db8::1",
                &["forwarded: for=1.1.1.1;proto=https, for=\"[2001:db8::1]\""],
            ),
        ] {
            assert_eq!(
                added(field, trusted, sent, peer),
                expected,
                "{field} {trusted:?} {sent:?} {peer}"
            );
        }
    }

    /// A client that declares the field to be for one connection does not keep its address from the nodes.
    #[test]
    fn connection_does_not_take_it_away() {
        let forwarding = Forwarding {
            field: ForwardedField::XForwardedFor,
            trusted: Vec::new(),
        };
        let mut headers = HeaderMap::new();
        headers.append("connection", HeaderValue::from_static("close, X-Forwarded-For"));
        headers.append("connection", HeaderValue::from_static("x-forwarded-for,x-other"));
        headers.append("x-other", HeaderValue::from_static("1"));
        forwarding.add(&mut headers, SocketAddr::from(([192, 0, 2, 1], 40_000)));
        hop_by_hop::remove_from_request(&mut headers);
        let expected = HeaderMap::from_iter([(X_FORWARDED_FOR, HeaderValue::from_static("192.0.2.1"))]);
        assert_eq!(headers, expected);
    }

    #[test]
    fn nothing_is_touched_unless_it_is_asked_for() {
        let sent = [
            ("x-forwarded-for", "1.1.1.1"),
            ("forwarded", "for=1.1.1.1"),
            ("x-forwarded-for", "2.2.2.2"),
        ];
        let expected = [
            "x-forwarded-for: 1.1.1.1",
            "x-forwarded-for: 2.2.2.2",
            "forwarded: for=1.1.1.1",
        ];
        assert_eq!(
            added(ForwardedField::None, &["0.0.0.0/0"], &sent, "192.0.2.1"),
            expected
        );
    }
}
