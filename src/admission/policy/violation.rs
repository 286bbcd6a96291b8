//! What a policy found: one rule that is not kept, at one place.

use serde_json::Value;

use super::Enforcement;

/// A violation of a policy.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Violation {
    /// The policy's name.
    pub policy: String,
    /// What comes of it.
    pub enforcement: Enforcement,
    /// Where in the final document, as a JSON Pointer; empty for the whole of it.
    pub pointer: String,
    /// What is there; null where nothing is, or where it is long.
    pub value: Value,
    /// What the policy asks for there; null where that is not a value.
    pub limit: Value,
    /// What is wrong there, without the name of the place.
    pub fault: String,
    /// Who has set the value, where it was not the client.
    pub origin: Option<String>,
    /// What is wrong, in a sentence.
    pub text: String,
    /// What the operator says about it.
    pub message: Option<String>,
    /// Where more is said.
    pub link: Option<String>,
}

impl Violation {
    /// Says that it was not the client who has set the value.
    pub(super) fn say_origin(&mut self, origin: &str) {
        self.text = told(&self.pointer, &self.value, Some(origin), &self.fault);
        self.origin = Some(origin.to_owned());
    }

    /// The whole of it, in a line: what is wrong, what to do and where to read on.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = format!("policy [{}]: {}", self.policy, self.text);
        if let Some(message) = &self.message {
            line.push_str(". ");
            line.push_str(message.trim());
        }
        if let Some(link) = &self.link {
            line.push_str(" (");
            line.push_str(link);
            line.push(')');
        }
        line
    }
}

/// What is wrong at a place, in a sentence.
pub(super) fn told(pointer: &str, value: &Value, origin: Option<&str>, fault: &str) -> String {
    if pointer.is_empty() {
        return format!("the job {fault}");
    }
    let value = match value {
        Value::Null => {
            let origin = origin.map(|origin| format!(", {origin},")).unwrap_or_default();
            return format!("[{pointer}]{origin} {fault}");
        }
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let origin = origin.map(|origin| format!(", {origin}")).unwrap_or_default();
    format!("[{pointer}] is [{value}]{origin}, which {fault}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sentence_names_the_place_the_value_and_who_has_set_it() {
        let told = |pointer, value: Value, origin| told(pointer, &value, origin, "is wrong");
        assert_eq!(told("", json!(null), None), "the job is wrong");
        assert_eq!(told("/a", json!(1), None), "[/a] is [1], which is wrong");
        assert_eq!(
            told("/a", json!("x"), Some("a default")),
            "[/a] is [x], a default, which is wrong"
        );
        assert_eq!(told("/a", json!(null), None), "[/a] is wrong");
        assert_eq!(told("/a", json!(null), Some("a default")), "[/a], a default, is wrong");
    }
}
