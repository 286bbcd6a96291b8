//! The steps of a test, as they are read.

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value};

use crate::{
    assertion::{Assertion, Kind},
    served::Refusal,
    stash::plain,
};

/// One step.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Do(Box<Do>),
    /// Keeps the value at a path under a name.
    Set(Vec<(String, String)>),
    /// Keeps something made of two values: a name, and `#base64EncodeCredentials(user,password)`.
    TransformAndSet(Vec<(String, String)>),
    Assert(Assertion),
}

/// A call, and what is to come of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Do {
    /// The API, such as `indices.create`, or `request` for one that is written out.
    pub(crate) api: String,
    pub(crate) arguments: Map<String, Value>,
    pub(crate) headers: Vec<(String, Value)>,
    pub(crate) catch: Option<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) allowed_warnings: Vec<String>,
    /// Statuses that are no failure.
    pub(crate) ignored: Vec<u16>,
    /// The versions of the nodes that may be asked.
    pub(crate) node_versions: Option<String>,
    /// What is enough of a failure that has not the text that is expected.
    pub(crate) own_words: Option<Refusal>,
}

impl Step {
    /// Reads a step, which is an object with one member.
    pub(crate) fn read(step: &Value) -> anyhow::Result<Vec<Self>> {
        let (name, value) = only_member(step)?;
        if let Some(kind) = Kind::named(name) {
            return assertions(kind, value);
        }
        let step = match name.as_str() {
            "do" => Self::Do(Box::new(Do::read(value)?)),
            "set" => Self::Set(pairs(value)?),
            "transform_and_set" => Self::TransformAndSet(pairs(value)?),
            other => bail!("there is no step `{other}`"),
        };
        Ok(vec![step])
    }
}

fn assertions(kind: Kind, value: &Value) -> anyhow::Result<Vec<Step>> {
    if matches!(kind, Kind::IsTrue | Kind::IsFalse) {
        return Ok(vec![Step::Assert(Assertion {
            kind,
            path: plain(value),
            expected: Value::Null,
        })]);
    }
    let members = value
        .as_object()
        .context("an assertion has a path and what is expected there")?;
    let one = |(path, expected): (&String, &Value)| {
        Step::Assert(Assertion {
            kind,
            path: path.clone(),
            expected: expected.clone(),
        })
    };
    Ok(members.iter().map(one).collect())
}

impl Do {
    fn read(value: &Value) -> anyhow::Result<Self> {
        let mut read = Self::default();
        for (name, value) in value.as_object().context("`do` has no call")? {
            match name.as_str() {
                "catch" => read.catch = Some(plain(value).trim().to_owned()),
                "headers" => {
                    let headers = value.as_object().context("`headers` are names and values")?;
                    read.headers = headers
                        .iter()
                        .map(|(name, value)| (name.clone(), value.clone()))
                        .collect();
                }
                "warnings" => read.warnings = list(value),
                "allowed_warnings" => read.allowed_warnings = list(value),
                "node_selector" => read.node_versions = value.get("version").map(plain),
                api => {
                    // Of two calls the vendor's runner makes the last; one of its own tests has two.
                    api.clone_into(&mut read.api);
                    read.arguments = value.as_object().cloned().unwrap_or_default();
                }
            }
        }
        ensure!(!read.api.is_empty(), "`do` without a call");
        if let Some(ignored) = read.arguments.shift_remove("ignore") {
            let statuses = list(&ignored)
                .iter()
                .map(|status| Ok(status.parse()?))
                .collect::<anyhow::Result<_>>();
            read.ignored = statuses.context("`ignore` is a status or a list of them")?;
        }
        Ok(read)
    }
}

pub(crate) fn only_member(step: &Value) -> anyhow::Result<(&String, &Value)> {
    let members = step.as_object().with_context(|| format!("{step} is no step"))?;
    ensure!(members.len() == 1, "a step with more than one name: {step}");
    members.iter().next().context("a step without a name")
}

/// A text, or several in a list or with commas between them.
pub(crate) fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Null => Vec::new(),
        other => plain(other).split(',').map(|item| item.trim().to_owned()).collect(),
    }
}

fn pairs(value: &Value) -> anyhow::Result<Vec<(String, String)>> {
    let members = value.as_object().context("names and values are wanted")?;
    Ok(members
        .iter()
        .map(|(name, value)| (name.clone(), plain(value)))
        .collect())
}
