//! What either side answers to a case.

use anomaly_gateway::es::version::Version;
use anomaly_gateway::xcontent::format::Format;
use anomaly_gateway::xcontent::utf16;
use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// An answer, and the document that would be stored with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status; 0 where the side broke down instead of answering, and the body says how.
    pub status: u16,
    /// The answer's media type.
    pub content_type: String,
    /// The answer's body: the JSON that it is, or that a body in another format stands for.
    pub body: String,
    /// The bytes of a body in another format.
    pub bytes: Option<Vec<u8>>,
    /// The document to store, for a request that is done.
    pub stored: Option<String>,
}

impl Answer {
    /// A side that broke down.
    #[must_use]
    pub fn none(why: &str) -> Self {
        Self {
            status: 0,
            content_type: String::new(),
            body: why.to_owned(),
            bytes: None,
            stored: None,
        }
    }

    /// Whether the side has answered at all.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.status != 0
    }

    /// Reads a line of the oracle.
    pub(crate) fn from_line(line: &str, api: Version) -> anyhow::Result<Self> {
        let mut parts = line.trim_end().split('\t');
        let (Some(status), Some(content_type), Some(body), stored) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            bail!("the oracle's answer is cut off: {line:?}");
        };
        let stored = text(stored.unwrap_or_default())?;
        let content_type = text(content_type)?;
        let (body, bytes) = read(decode(body)?, &content_type, api);
        Ok(Self {
            status: status.parse().context("the oracle's answer has no status")?,
            content_type,
            body,
            bytes,
            stored: Some(stored).filter(|stored| !stored.is_empty()),
        })
    }
}

/// A body as JSON, and its bytes where it is in another format.
pub(crate) fn read(bytes: Vec<u8>, content_type: &str, api: Version) -> (String, Option<Vec<u8>>) {
    let format = format(content_type);
    if format == Format::Json {
        return (String::from_utf8_lossy(&bytes).into_owned(), None);
    }
    let json = {
        let document = format.read(&bytes, api);
        document.root().map(|root| without_stand_ins(root.raw()))
    };
    (json.unwrap_or_default(), Some(bytes))
}

/// A document's text as the product's writers take it: the last characters of all stand for halves there.
fn without_stand_ins(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if utf16::surrogate(character).is_none() {
            text.push(character);
            continue;
        }
        let mut units = [0; 2];
        let escapes = character.encode_utf16(&mut units).iter();
        text.extend(escapes.map(|unit| format!("\\u{unit:04X}")));
    }
    text
}

/// The format that a media type names.
pub(crate) fn format(content_type: &str) -> Format {
    let essence = content_type.split(';').next().unwrap_or_default();
    let name = essence.rsplit(['/', '+']).next().unwrap_or_default();
    Format::named(name).unwrap_or_default()
}

fn decode(part: &str) -> anyhow::Result<Vec<u8>> {
    STANDARD.decode(part).context("the oracle's answer is not base64")
}

/// Decodes a part. A lone half of a surrogate pair can't be written as UTF-8, and is `?` where Java writes it.
fn text(part: &str) -> anyhow::Result<String> {
    Ok(String::from_utf8_lossy(&decode(part)?).into_owned())
}

/// Reads a body. The escapes of surrogates stay as they are written, as Rust's texts cannot have the lone ones.
pub(crate) fn json(body: &str) -> Option<Value> {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('\\') {
        let begins = |letters: &str, digits: &str| {
            let mut chars = after.chars();
            let mut is_one_of = |of: &str| chars.next().is_some_and(|char| of.contains(char));
            is_one_of("u") && is_one_of(letters) && is_one_of(digits)
        };
        let is_surrogate = begins("Dd", "89ABCDEFabcdef");
        let length = after.chars().next().map_or(0, char::len_utf8);
        let (escaped, behind) = after.split_at(length);
        text.extend([before, if is_surrogate { "\\\\" } else { "\\" }, escaped]);
        rest = behind;
    }
    text.push_str(rest);
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: Version = Version::BASE;

    #[test]
    fn bodies_with_lone_surrogates_are_read() {
        let value = json(r#"{"a":"\\uD800\"\uD800\u0041é"}"#).unwrap();
        assert_eq!(value, serde_json::json!({"a": r#"\uD800"\uD800Aé"#}));
    }

    #[test]
    fn a_line_is_read_back() {
        let answer = Answer::from_line("200\tYS9i\te30=\te30=\n", API).unwrap();
        assert_eq!(
            (answer.status, answer.content_type.as_str(), answer.body.as_str()),
            (200, "a/b", "{}")
        );
        assert_eq!(answer.stored.as_deref(), Some("{}"));
        assert_eq!(Answer::from_line("400\t\te30=\t\n", API).unwrap().stored, None);
        assert!(Answer::from_line("400", API).is_err());
    }
}
