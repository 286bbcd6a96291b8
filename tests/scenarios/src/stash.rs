//! What a test keeps of one answer for later steps, as `$name` and `${name}`.

use std::collections::HashMap;

use anyhow::{Context, ensure};
use serde_json::Value;

/// The values kept so far, by name. `body` is always the last answer's.
#[derive(Debug, Default)]
pub(crate) struct Stash(HashMap<String, Value>);

impl Stash {
    pub(crate) fn keep(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// A value with everything in it that refers to a kept one put in its place, names of members too.
    pub(crate) fn resolve(&self, value: &Value) -> anyhow::Result<Value> {
        Ok(match value {
            Value::String(text) => self.value_of(text)?,
            Value::Array(items) => Value::Array(items.iter().map(|item| self.resolve(item)).collect::<Result<_, _>>()?),
            Value::Object(members) => {
                let resolved = members
                    .iter()
                    .map(|(name, value)| Ok((self.text_of(name)?, self.resolve(value)?)));
                Value::Object(resolved.collect::<anyhow::Result<_>>()?)
            }
            other => other.clone(),
        })
    }

    /// What a text stands for: a kept value if it is wholly `$name`, else itself with each `${name}` replaced.
    pub(crate) fn value_of(&self, text: &str) -> anyhow::Result<Value> {
        match text.strip_prefix('$') {
            Some(name) if !name.starts_with('{') => self.kept(name).cloned(),
            _ => self.text_of(text).map(Value::String),
        }
    }

    /// The same, as text.
    pub(crate) fn text_of(&self, text: &str) -> anyhow::Result<String> {
        if let Some(name) = text.strip_prefix('$').filter(|name| !name.starts_with('{')) {
            return self.kept(name).map(plain);
        }
        let (mut resolved, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').context("a `${` without its end")?;
            ensure!(!name.is_empty(), "a `${{}}` without a name");
            resolved += before;
            resolved += &plain(self.kept(name)?);
            rest = after;
        }
        Ok(resolved + rest)
    }

    fn kept(&self, name: &str) -> anyhow::Result<&Value> {
        self.0.get(name).with_context(|| format!("nothing is kept as ${name}"))
    }
}

/// A value as it stands in a path, a query or a field.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kept_value_takes_the_place_of_its_name() {
        let mut stash = Stash::default();
        stash.keep("id", json!(7));
        stash.keep("host", json!("h:1"));
        let resolved = stash
            .resolve(&json!({"$host": [{"a": "$id"}, "x-${id}-${host}", "/^$/"]}))
            .unwrap();
        assert_eq!(resolved, json!({"h:1": [{"a": 7}, "x-7-h:1", "/^$/"]}));
        assert!(stash.resolve(&json!("$other")).is_err());
    }
}
