//! What a value of the configuration must be able to do: be read from a text, be shown, say what is expected.
//!
//! Adding a kind of value (a time, a byte size, a path) is one implementation of [`Setting`].

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::path::Path;

use serde_json::Value;

use super::api::Api;
use super::form;
use super::scalar::ScalarKind;
use crate::admission::policy::impact::Threshold;
use crate::proxy::CommitMode;
use crate::store::index_name::IndexName;
use crate::upstream::node_url::NodeUrl;

/// A value that a key can have.
pub(super) trait Setting: Display + Sized {
    /// What is expected, after "expected": with its article.
    const EXPECTED: &'static str;
    /// The word that stands for the value in the usage of a flag.
    const PLACEHOLDER: &'static str;

    /// Reads the text that was written, which is never empty.
    fn parse(text: &str) -> Result<Self, Fault>;

    /// Whether YAML may take the scalar for this, so that `true` is not silently the name of an index.
    fn accepts(kind: ScalarKind) -> bool {
        kind == ScalarKind::Text
    }

    /// What a schema says of the value in the file.
    fn form() -> Value {
        form::of_kinds(Self::accepts)
    }

    /// The same value, if it is a path that was written in a file in this folder: paths are relative to the file that they
    /// stand in.
    fn written_in(self, _folder: &Path) -> Self {
        self
    }
}

/// Why a text is not the value it should be.
#[derive(Debug)]
pub(super) struct Fault {
    /// The rule that was broken.
    pub(super) message: String,
    /// What to do about it, if the rule does not say it.
    pub(super) help: Option<String>,
    /// Which bytes of the text are wrong, if not all of them.
    pub(super) span: Option<Range<usize>>,
}

impl Fault {
    /// In these bytes of the text.
    pub(super) fn at(self, span: Range<usize>) -> Self {
        let span = Some(span);
        Self { span, ..self }
    }

    pub(super) fn new(message: impl Display) -> Self {
        Self {
            message: message.to_string(),
            help: None,
            span: None,
        }
    }

    pub(super) fn with_help(message: impl Display, help: Option<&str>) -> Self {
        Self {
            message: message.to_string(),
            help: help.map(str::to_owned),
            span: None,
        }
    }
}

/// The one of these values that is shown as this text.
pub(super) fn one_of<T: Setting, const N: usize>(text: &str, choices: [T; N]) -> Result<T, Fault> {
    let chosen = choices.into_iter().find(|choice| choice.to_string() == text);
    chosen.ok_or_else(|| Fault::new(format!("expected {}", T::EXPECTED)))
}

impl Setting for SocketAddr {
    const EXPECTED: &'static str = "an address and port such as `127.0.0.1:9280`";
    const PLACEHOLDER: &'static str = "HOST:PORT";

    /// Reads `address:port`, `[address]:port` or `localhost:port`. Other names are refused: what they resolve to can
    /// change, and then the gateway would listen where nobody looked.
    fn parse(text: &str) -> Result<Self, Fault> {
        let expected = || format!("expected {}", Self::EXPECTED);
        if text.contains('/') {
            let by_tcp = "the gateway is connected to by TCP, and not by a Unix socket or a URL";
            return Err(Fault::with_help(expected(), Some(by_tcp)));
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(|| Fault::new(expected()))?;
        let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port: u16 = port
            .parse()
            .ok()
            .filter(|_| is_number)
            .ok_or_else(|| Fault::new("the port to listen on is a number from 0 to 65535"))?;
        let every_address = "write `0.0.0.0` for every IPv4 address of the machine, `[::]` for every address";
        match host {
            "" | "*" => return Err(Fault::with_help(expected(), Some(every_address))),
            localhost if localhost.eq_ignore_ascii_case("localhost") => {
                return Ok(Self::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
            }
            _ => {}
        }
        text.parse().map_err(|_| {
            Fault::new("the host to listen on is an IPv4 address, an IPv6 address in brackets, or `localhost`")
        })
    }

    fn form() -> Value {
        form::listen()
    }
}

impl Setting for NodeUrl {
    const EXPECTED: &'static str = "the URL of a node such as `http://127.0.0.1:9200`";
    const PLACEHOLDER: &'static str = "URL";

    fn parse(text: &str) -> Result<Self, Fault> {
        Self::parse(text).map_err(|error| Fault::with_help(error, error.remedy()))
    }

    fn form() -> Value {
        form::text("[hH][tT][tT][pP][sS]?://[^/?#@,]+/?")
    }
}

impl Setting for IndexName {
    const EXPECTED: &'static str = "the name of an index";
    const PLACEHOLDER: &'static str = "INDEX";

    fn parse(text: &str) -> Result<Self, Fault> {
        Self::parse(text).map_err(Fault::new)
    }

    fn form() -> Value {
        form::text(r#"[^-_+A-Z\/*?"<>| ,#:][^A-Z\/*?"<>| ,#:]*"#)
    }
}

impl Setting for Api {
    const EXPECTED: &'static str = "`auto` or a version such as `7.17`";
    const PLACEHOLDER: &'static str = "VERSION";

    fn parse(text: &str) -> Result<Self, Fault> {
        Self::parse(text).map_err(Fault::new)
    }

    fn accepts(kind: ScalarKind) -> bool {
        matches!(kind, ScalarKind::Text | ScalarKind::Number)
    }

    fn form() -> Value {
        form::number(7, r"auto|[789](?:\.[0-9]+){0,2}(?:-.*)?")
    }
}

impl Setting for CommitMode {
    const EXPECTED: &'static str = "`store`, `forward` or `both`";
    const PLACEHOLDER: &'static str = "MODE";

    fn parse(text: &str) -> Result<Self, Fault> {
        one_of(text, Self::ALL)
    }

    fn form() -> Value {
        form::words(Self::ALL)
    }
}

/// The number of jobs above which something is not done, if there is a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OptionalThreshold(pub(super) Option<Threshold>);

impl Display for OptionalThreshold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some(threshold) => threshold.fmt(f),
            None => f.write_str("none"),
        }
    }
}

impl Setting for OptionalThreshold {
    const EXPECTED: &'static str = "a number such as `10`, a share such as `2%`, or `none`";
    const PLACEHOLDER: &'static str = "JOBS";

    fn parse(text: &str) -> Result<Self, Fault> {
        if text == "none" {
            return Ok(Self(None));
        }
        let threshold = text.parse().map(|threshold| Self(Some(threshold)));
        threshold.map_err(|_| Fault::new(format!("expected {}", Self::EXPECTED)))
    }

    fn accepts(kind: ScalarKind) -> bool {
        matches!(kind, ScalarKind::Text | ScalarKind::Number)
    }

    fn form() -> Value {
        form::number(0, r"none|\+?[0-9]+%?")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_read_as_they_are_shown() {
        for text in ["0", "10", "2%", "100%", "none"] {
            assert_eq!(OptionalThreshold::parse(text).expect("a threshold").to_string(), text);
        }
        for text in ["101%", "-1", "1.5%", "%", "many"] {
            assert!(OptionalThreshold::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn modes_read_as_they_are_shown() {
        for mode in CommitMode::ALL {
            assert_eq!(CommitMode::parse(&mode.to_string()).ok(), Some(mode));
        }
        for text in ["Store", "forwards", "none"] {
            assert!(CommitMode::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn listens_on_addresses_and_localhost() {
        for (text, address) in [
            ("127.0.0.1:9280", "127.0.0.1:9280"),
            ("0.0.0.0:0", "0.0.0.0:0"),
            ("[::1]:9280", "[::1]:9280"),
            ("[::]:80", "[::]:80"),
            ("localhost:9280", "127.0.0.1:9280"),
            ("LocalHost:9280", "127.0.0.1:9280"),
        ] {
            let read = <SocketAddr as Setting>::parse(text).map(|address| address.to_string());
            assert_eq!(read.ok().as_deref(), Some(address), "{text:?}");
        }
    }

    #[test]
    fn refuses_to_listen_anywhere_else() {
        for text in [
            "9280",
            "127.0.0.1",
            ":9280",
            "*:9280",
            "gateway:9280",
            "::1:9280",
            "127.0.0.1:",
            "[::1]",
            "1:+2",
            "unix:/run/gateway.sock",
            "unix:///run/gateway.sock",
            "http://127.0.0.1:9280",
        ] {
            assert!(<SocketAddr as Setting>::parse(text).is_err(), "{text:?}");
        }
        assert!(<SocketAddr as Setting>::parse("127.0.0.1:65536").is_err());
    }
}
