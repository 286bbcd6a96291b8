//! What an editor makes of a schema: a real language server, asked without an editor.

use std::fs;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::validators::node;

/// What the editor says at the caret of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What it completes there.
    pub completions: Vec<String>,
    /// What it tells of what is there.
    pub hover: String,
    /// What it underlines in the document, with what it says of it.
    pub underlined: Vec<(String, String)>,
}

/// What is shown of documents with a schema; a bar in a document is the caret.
pub fn shown(schema: &Value, documents: &[&str]) -> anyhow::Result<Vec<Shown>> {
    let folder = tempfile::tempdir().context("no folder can be made for a schema")?;
    let (schema_file, questions_file) = (folder.path().join("schema.json"), folder.path().join("questions.json"));
    let questions: Vec<Value> = documents.iter().map(|document| json!({"text": document})).collect();
    fs::write(&schema_file, schema.to_string()).context("the schema cannot be written")?;
    fs::write(&questions_file, json!(questions).to_string()).context("the questions cannot be written")?;
    let mut command = node("language_server.mjs")?;
    let output = command.arg(&schema_file).arg(&questions_file).output();
    let output = output.context("the language server cannot be started")?;
    if !output.status.success() {
        bail!(
            "the language server ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).context("the language server answers no JSON")?;
    Ok(answers.iter().map(read).collect())
}

fn read(answer: &Value) -> Shown {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |name: &str| {
        answer
            .get(name)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
    };
    Shown {
        completions: list("completions").iter().map(|label| text(Some(label))).collect(),
        hover: text(answer.get("hover")),
        underlined: list("diagnostics")
            .iter()
            .map(|diagnostic| (text(diagnostic.get("text")), text(diagnostic.get("message"))))
            .collect(),
    }
}
