//! One media type: how it is spelled, and what it names (RFC 9110 §8.3.1; http.md §2.3).

use super::{NEGOTIATES, VENDOR};
use crate::es::version::Version;
use crate::xcontent::format::Format;
use crate::xcontent::java;

/// Between this version and 8.0 vendor media types are taken for what stands behind their `+`.
const STRIPS_VENDOR: Version = Version::new(7, 12, 0);
/// From this version on newline-delimited JSON is read as JSON (7.0 itself: not verified).
const READS_NDJSON: Version = Version::new(7, 8, 0);
/// The parameter that asks for the REST API of an earlier major version.
const COMPATIBLE_WITH: &str = "compatible-with";

/// A media type in lower case, as Elasticsearch compares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MediaType {
    /// As it was sent.
    pub(super) raw: String,
    kind: String,
    subtype: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// RFC 9110 §8.3.1, as strictly as the version reads it.
    pub(super) fn parse(raw: &str, api: Version) -> Option<Self> {
        let lower = raw.to_ascii_lowercase();
        let mut parts = lower.split(';');
        let (kind, subtype) = java::trim(parts.next()?).split_once('/')?;
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let mut parameters = Vec::new();
        for parameter in parts.map(java::trim).filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some((name, value)) if is_token(name) && !value.contains([' ', '=']) => {
                    parameters.push((name.to_owned(), value.to_owned()));
                }
                _ if api < NEGOTIATES => {}
                _ => return None,
            }
        }
        Some(Self {
            raw: raw.to_owned(),
            kind: kind.to_owned(),
            subtype: subtype.to_owned(),
            parameters,
        })
    }

    pub(super) fn is_vendor(&self) -> bool {
        self.subtype.starts_with(VENDOR)
    }

    /// The format that it names.
    pub(super) fn format(&self, api: Version) -> Option<Format> {
        if self.kind != "application" {
            return None;
        }
        let name = match self.subtype.strip_prefix(VENDOR) {
            Some(_) if api < STRIPS_VENDOR => return None,
            Some(name) => name,
            None => self.subtype.as_str(),
        };
        match name {
            "x-ndjson" if api >= READS_NDJSON => Some(Format::Json),
            "*" if api >= NEGOTIATES && !self.is_vendor() => Some(Format::Json),
            name => Format::named(name),
        }
    }

    /// The version that it asks for.
    pub(super) fn version(&self) -> Option<u16> {
        let (_, version) = self.parameters.iter().find(|(name, _)| name == COMPATIBLE_WITH)?;
        version.parse().ok()
    }

    pub(super) fn essence(&self) -> String {
        let subtype = match self.subtype.as_str() {
            "*" | "x-ndjson" => "json",
            "vnd.elasticsearch+x-ndjson" => "vnd.elasticsearch+json",
            other => other,
        };
        format!("{}/{subtype}", self.kind)
    }

    /// The same of JSON: the vendor's type with the version that it asks for.
    pub(super) fn of_json(&self) -> String {
        let asked = self.parameters.iter().find(|(name, _)| name == COMPATIBLE_WITH);
        let version = asked.map(|(name, version)| format!(";{name}={version}"));
        format!("application/{VENDOR}json{}", version.unwrap_or_default())
    }

    pub(super) fn with_parameters(&self) -> String {
        let parameters = self.parameters.iter().map(|(name, value)| format!(";{name}={value}"));
        self.essence() + &parameters.collect::<String>()
    }
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
