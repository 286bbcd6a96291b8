//! An answer as the steps after a call see it.

use std::io::Read;

use anyhow::Context;
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::served::Refusal;
use crate::wire::Answer;
use crate::yaml;

/// What a call has brought.
#[derive(Debug, Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The body, read by its media type. Of a HEAD call, which has none, whether it found something.
    pub(crate) body: Value,
    pub(crate) text: String,
    /// The texts of the `Warning` fields, without code and agent.
    pub(crate) warnings: Vec<String>,
    /// The names and values of all fields.
    pub(crate) fields: Value,
}

impl Response {
    pub(crate) fn read(answer: &Answer, is_head: bool) -> anyhow::Result<Self> {
        let status = answer.status()?;
        let text = String::from_utf8_lossy(&uncompressed(answer)?).into_owned();
        let media_type = answer.values("content-type").into_iter().next().unwrap_or_default();
        let body = if is_head {
            Value::Bool(status < 400)
        } else if media_type.starts_with("application/json") && !text.is_empty() {
            serde_json::from_str(&text).context("an answer that is no JSON")?
        } else if media_type.starts_with("application/yaml") {
            yaml::read(&text)?.into_iter().next().unwrap_or_default()
        } else {
            Value::String(text.clone())
        };
        let warnings = answer.values("warning");
        Ok(Self {
            status,
            body,
            text,
            warnings: warnings.iter().filter_map(|warning| quoted(warning)).collect(),
            fields: fields(answer),
        })
    }

    /// Whether it is a refusal of this kind, whatever its text.
    pub(crate) fn is_refused_as(&self, refusal: Refusal) -> bool {
        let kind = |exception: &Value| exception.get("type").and_then(Value::as_str).map(str::to_owned);
        let Some(first) = self.body.get("error") else {
            return false;
        };
        let mut last = first;
        while let Some(cause) = last.get("caused_by") {
            last = cause;
        }
        self.status == refusal.status
            && kind(first).as_deref() == Some(refusal.first)
            && kind(last).as_deref() == Some(refusal.last)
    }
}

/// The body without its content coding.
pub(crate) fn uncompressed(answer: &Answer) -> anyhow::Result<Vec<u8>> {
    if !answer.values("content-encoding").iter().any(|coding| coding == "gzip") || answer.body.is_empty() {
        return Ok(answer.body.clone());
    }
    let mut body = Vec::new();
    let mut decoder = GzDecoder::new(answer.body.as_slice());
    decoder.read_to_end(&mut body).context("an answer that is no gzip")?;
    Ok(body)
}

/// Every field by its name in small letters; several values of one are joined as RFC 9110 §5.3 has it.
fn fields(answer: &Answer) -> Value {
    let names = answer
        .fields
        .iter()
        .filter_map(|line| line.split(|byte| *byte == b':').next());
    let names = names.map(|name| String::from_utf8_lossy(name).to_lowercase());
    let values = names.map(|name| {
        let values = answer.values(&name).join(", ");
        (name, Value::String(values))
    });
    Value::Object(values.collect())
}

/// The text of a warning: `299 agent "text" "date"` (RFC 7234 §5.5).
fn quoted(warning: &str) -> Option<String> {
    let (_, text) = warning.split_once('"')?;
    let text = text.split_once("\" \"").map_or(text, |(text, _date)| text);
    Some(
        text.strip_suffix('"')
            .unwrap_or(text)
            .replace("\\\"", "\"")
            .replace("\\\\", "\\"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_known_by_the_ends_of_its_chain() {
        let refused = |status, body: &str| Response {
            status,
            body: serde_json::from_str(body).unwrap(),
            ..Response::default()
        };
        let refusal = Refusal {
            status: 400,
            first: "a",
            last: "c",
        };
        let chain = r#"{"error": {"type": "a", "caused_by": {"type": "b", "caused_by": {"type": "c"}}}}"#;
        assert!(refused(400, chain).is_refused_as(refusal));
        assert!(!refused(500, chain).is_refused_as(refusal));
        assert!(!refused(400, r#"{"error": {"type": "a"}}"#).is_refused_as(refusal));
        assert!(!refused(400, r#"{"error": {"type": "c"}}"#).is_refused_as(refusal));
        assert!(!refused(400, r#"{"count": 1}"#).is_refused_as(refusal));
    }

    #[test]
    fn a_warning_is_what_stands_in_its_quotes() {
        assert_eq!(
            quoted(r#"299 OpenSearch-3.8.0-a "[x] is \"old\"""#).unwrap(),
            r#"[x] is "old""#
        );
        assert_eq!(quoted(r#"299 A "b" "Mon, 01 Jan 2026 00:00:00 GMT""#).unwrap(), "b");
    }
}
