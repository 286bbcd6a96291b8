//! A request before it is put on the wire in one way or another.

use anyhow::{Context, ensure};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::{stash::plain, variation::gzip};

/// A request of which the parts are known, so that it can be spelled and framed in several ways.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: Target,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Option<Body>,
}

/// What stands in the request line.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// To be sent as it is.
    Written(String),
    Parts {
        path: Vec<Segment>,
        query: Vec<(String, String)>,
    },
}

/// A segment of a path. Only one that stands for an argument may be spelled otherwise: servers compare the others
/// byte for byte.
#[derive(Debug, Clone)]
pub(crate) enum Segment {
    Literal(String),
    Variable(String),
}

/// A body and its media type.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) media_type: &'static str,
}

/// What official clients encode in a path's segment and in a query.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'/')
    .add(b';')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

impl Request {
    /// A request that a test writes out: `method`, `path`, and a `body` that is sent as it stands if it is a text, or
    /// packed as its `encoding` says.
    pub(crate) fn written_out(arguments: &Map<String, Value>) -> anyhow::Result<Self> {
        let text = |name: &str| {
            arguments
                .get(name)
                .map(plain)
                .with_context(|| format!("a request without `{name}`"))
        };
        let body = match arguments.get("body") {
            None => None,
            Some(Value::String(text)) => Some(Body {
                bytes: text.clone().into_bytes(),
                media_type: "application/json",
            }),
            Some(documents) => Some(Body::of(documents, false)?),
        };
        let body = match (body, arguments.contains_key("encoding")) {
            (Some(body), true) => Some(body.packed(&text("encoding")?)?),
            (body, _) => body,
        };
        Ok(Self {
            method: text("method")?,
            target: Target::Written(text("path")?),
            fields: Vec::new(),
            body,
        })
    }
}

impl Target {
    /// As an official client spells it.
    pub(crate) fn usual(&self) -> String {
        let Self::Parts { path, query } = self else {
            return self.written();
        };
        let segments: Vec<String> = path.iter().map(Segment::usual).collect();
        let query = query
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let query = query.collect::<Vec<_>>().join("&");
        let path = format!("/{}", segments.join("/"));
        if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        }
    }

    fn written(&self) -> String {
        match self {
            Self::Written(target) => target.clone(),
            Self::Parts { .. } => String::new(),
        }
    }
}

impl Segment {
    fn usual(&self) -> String {
        match self {
            Self::Literal(text) => text.clone(),
            Self::Variable(text) => encoded(text),
        }
    }
}

impl Body {
    fn packed(self, encoding: &str) -> anyhow::Result<Self> {
        ensure!(encoding == "gzip", "there is no encoding {encoding}");
        let bytes = gzip(&self.bytes)?;
        Ok(Self { bytes, ..self })
    }

    /// A test's body: a document, several in a list, or a text with one or more in it. In a list a document may be
    /// given as a text too.
    pub(crate) fn of(body: &Value, takes_lines: bool) -> anyhow::Result<Self> {
        let documents = match body {
            Value::Array(items) => items.iter().map(documents).collect::<Result<Vec<_>, _>>()?.concat(),
            other => documents(other)?,
        };
        if takes_lines || documents.len() > 1 {
            let lines = documents
                .iter()
                .flat_map(|document| [document.to_string(), "\n".to_owned()]);
            return Ok(Self {
                bytes: lines.collect::<String>().into_bytes(),
                media_type: "application/x-ndjson",
            });
        }
        let bytes = documents
            .first()
            .map(ToString::to_string)
            .unwrap_or_default()
            .into_bytes();
        Ok(Self {
            bytes,
            media_type: "application/json",
        })
    }
}

fn documents(value: &Value) -> anyhow::Result<Vec<Value>> {
    let Value::String(text) = value else {
        return Ok(vec![value.clone()]);
    };
    let documents = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    documents
        .collect::<Result<_, _>>()
        .with_context(|| format!("a body that is no JSON: {text}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_are_read_from_documents_and_texts() {
        let written = |body: &Value, lines| String::from_utf8(Body::of(body, lines).unwrap().bytes).unwrap();
        assert_eq!(written(&json!({"a": 1}), false), r#"{"a":1}"#);
        assert_eq!(written(&json!({"a": 1}), true), "{\"a\":1}\n");
        assert_eq!(written(&json!("{\"a\": 1}\n{}\n"), false), "{\"a\":1}\n{}\n");
        assert_eq!(
            written(&json!([{"a": 1}, "{\"b\": 2}"]), true),
            "{\"a\":1}\n{\"b\":2}\n"
        );
        assert!(Body::of(&json!("{"), false).is_err());
    }
}
