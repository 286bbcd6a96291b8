//! What a policy found: one rule that is not kept, at one place.

use serde_json::Value;

use super::Enforcement;

/// A violation of a policy.
#[derive(Debug, Clone, PartialEq)]
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
    /// What is wrong, in a sentence.
    pub text: String,
    /// What the operator says about it.
    pub message: Option<String>,
    /// Where more is said.
    pub link: Option<String>,
}

impl Violation {
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
