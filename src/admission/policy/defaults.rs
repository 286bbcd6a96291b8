//! Fills in what a client left out: members of objects, at any depth. What the client wrote stays as it was written, and
//! a list or a `null` counts as written.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::xcontent::answer;
use crate::xcontent::json::{Member, Node, Token};

/// A document with defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The document, as JSON.
    pub text: String,
    /// JSON Pointers of what was filled in (RFC 6901).
    pub pointers: Vec<String>,
}

/// The document with these defaults, or none if it has them all.
#[must_use]
pub fn fill(document: Node<'_>, defaults: &Map<String, Value>) -> Option<Filled> {
    if document.token() != Token::Object {
        return None;
    }
    let mut filled = Filled {
        text: String::new(),
        pointers: Vec::new(),
    };
    filled.object(document, defaults, "");
    (!filled.pointers.is_empty()).then_some(filled)
}

impl Filled {
    fn object(&mut self, object: Node<'_>, defaults: &Map<String, Value>, pointer: &str) {
        let mut missing: Vec<(&String, &Value)> = defaults.iter().collect();
        self.text.push('{');
        let mut is_first = true;
        for Member { name, value, .. } in object.members() {
            self.name(&name, &mut is_first);
            missing.retain(|(default, _)| *default != name.as_ref());
            match defaults.get(name.as_ref()) {
                Some(Value::Object(inner)) if value.token() == Token::Object => {
                    self.object(value, inner, &below(pointer, &name));
                }
                _ => self.text.push_str(value.raw()),
            }
        }
        for (name, value) in missing {
            self.name(name, &mut is_first);
            self.text.push_str(&written(value));
            self.pointers.push(below(pointer, name));
        }
        self.text.push('}');
    }

    fn name(&mut self, name: &str, is_first: &mut bool) {
        if !std::mem::replace(is_first, false) {
            self.text.push(',');
        }
        self.text.push_str(&written(&name));
        self.text.push(':');
    }
}

/// As JSON. A text or a value of YAML always can be.
fn written(value: &impl Serialize) -> String {
    answer::one_line(value).unwrap_or_default()
}

/// The pointer of a member.
#[must_use]
pub fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::xcontent::json::Document;

    fn filled(document: &str, defaults: &Value) -> Option<(String, Vec<String>)> {
        let document = Document::read(document.as_bytes());
        let defaults = defaults.as_object().expect("an object");
        fill(document.root().expect("a value"), defaults).map(|filled| (filled.text, filled.pointers))
    }

    #[test]
    fn only_what_is_missing_is_filled_in() {
        let defaults = json!({"a": 1, "b": {"c": 2, "d": {"e": 3}}, "x/y": true});
        let (text, pointers) = filled(r#"{"b": {"d": {}, "c": 1.50}, "z": "\u0041"}"#, &defaults).expect("some");
        assert_eq!(text, r#"{"b":{"d":{"e":3},"c":1.50},"z":"\u0041","a":1,"x/y":true}"#);
        assert_eq!(pointers, ["/b/d/e", "/a", "/x~1y"]);
    }

    #[test]
    fn what_was_written_stays() {
        let defaults = json!({"a": [1], "b": {"c": 1}, "d": 1});
        assert_eq!(filled(r#"{"a": [], "b": null, "d": 0}"#, &defaults), None);
        assert_eq!(filled("[]", &defaults), None);
    }
}
