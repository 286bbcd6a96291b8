//! What a client's script has written: a line of JSON for each step.

use anyhow::{Context, bail};
use serde_json::Value;

/// The steps of one run, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// What each step showed.
    pub steps: Vec<Step>,
}

/// A step, and what the client's caller sees of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What the script calls it.
    pub name: String,
    /// Its members are `status`, `headers` and `body`, or `exception` and what that tells, and `warnings`; each as far
    /// as the client has it.
    pub shown: Value,
}

impl Transcript {
    /// Reads a script's output.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        let steps = text.lines().map(Step::read).collect::<anyhow::Result<Vec<Step>>>()?;
        if steps.is_empty() {
            bail!("the script wrote no step");
        }
        Ok(Self { steps })
    }

    /// The step of this name.
    pub fn step(&self, name: &str) -> anyhow::Result<&Step> {
        let step = self.steps.iter().find(|step| step.name == name);
        step.with_context(|| format!("the script has no step `{name}`"))
    }
}

impl Step {
    fn read(line: &str) -> anyhow::Result<Self> {
        let mut shown: Value = serde_json::from_str(line).with_context(|| format!("no JSON: {line}"))?;
        let name = shown.as_object_mut().and_then(|members| members.shift_remove("step"));
        let name = name.as_ref().and_then(Value::as_str);
        let name = name
            .with_context(|| format!("a step without a name: {line}"))?
            .to_owned();
        Ok(Self { name, shown })
    }

    /// The status, if the client shows it.
    #[must_use]
    pub fn status(&self) -> Option<u64> {
        self.shown.get("status")?.as_u64()
    }

    /// The parsed answer, also that of an error.
    #[must_use]
    pub fn body(&self) -> &Value {
        self.shown.get("body").unwrap_or(&Value::Null)
    }

    /// The class of the exception that was raised, if one was.
    #[must_use]
    pub fn exception(&self) -> Option<&str> {
        self.shown.get("exception")?.as_str()
    }

    /// The texts of the warnings that the client has shown.
    #[must_use]
    pub fn warnings(&self) -> Vec<&str> {
        let warnings = self.shown.get("warnings").and_then(Value::as_array);
        warnings.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// A field of the answer, by its name in any case, if the client shows fields.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.shown.get("headers")?.as_object()?;
        let found = headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_line() {
        let text = r#"{"step":"info","status":200,"headers":{"X-Elastic-Product":"Elasticsearch"},"body":{},"warnings":["w"]}
{"step":"get","exception":"NotFoundError","status":404,"body":null}"#;
        let transcript = Transcript::read(text).unwrap();
        let info = transcript.step("info").unwrap();
        assert_eq!((info.status(), info.exception()), (Some(200), None));
        assert_eq!(info.header("x-elastic-product"), Some("Elasticsearch"));
        assert_eq!(info.warnings(), ["w"]);
        let get = transcript.step("get").unwrap();
        assert_eq!((get.exception(), get.warnings().len()), (Some("NotFoundError"), 0));
    }

    #[test]
    fn what_is_no_transcript_is_refused() {
        for text in ["", "Traceback:", "{}", "[]"] {
            assert!(Transcript::read(text).is_err(), "{text}");
        }
    }
}
