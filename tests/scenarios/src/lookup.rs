//! Finds a value of an answer by its path, such as `hits.hits.0._source.a\.b` or `nodes.$id.name`.

use serde_json::Value;

use crate::stash::Stash;

/// Stands for whatever name comes first.
const ARBITRARY_KEY: &str = "_arbitrary_key_";

/// The value at a path, if there is one. The empty path is the whole answer; a path that begins with a kept value, such
/// as `$body` or `$status`, leads on from there.
pub(crate) fn lookup(answer: &Value, path: &str, stash: &Stash) -> anyhow::Result<Option<Value>> {
    let mut found = answer.clone();
    for (position, step) in steps(path).into_iter().enumerate() {
        if step.is_empty() {
            continue;
        }
        if position == 0 && step.starts_with('$') {
            found = stash.value_of(&step)?;
            continue;
        }
        let step = stash.text_of(&step)?;
        let next = match &found {
            Value::Object(members) if step == ARBITRARY_KEY => members.keys().next().cloned().map(Value::String),
            Value::Object(members) => members.get(&step).cloned(),
            Value::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)).cloned(),
            _ => None,
        };
        match next {
            Some(value) => found = value,
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// Divides a path at its dots, but for those after a backslash, which belong to a name.
fn steps(path: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    let mut characters = path.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek() == Some(&'.') => {
                characters.next();
                push(&mut steps, '.');
            }
            '.' => steps.push(String::new()),
            other => push(&mut steps, other),
        }
    }
    steps
}

fn push(steps: &mut [String], character: char) {
    if let Some(step) = steps.last_mut() {
        step.push(character);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_objects_and_arrays() {
        let mut stash = Stash::default();
        stash.keep("id", json!("n.1"));
        stash.keep("status", json!(200));
        let answer = json!({"nodes": {"n.1": {"tags": ["x", "y"]}}, "a.b": null});
        let at = |path| lookup(&answer, path, &stash).unwrap();
        assert_eq!(at("nodes.$id.tags.1"), Some(json!("y")));
        assert_eq!(at("nodes.n\\.1.tags.2"), None);
        assert_eq!(at("nodes._arbitrary_key_"), Some(json!("n.1")));
        assert_eq!(at("a\\.b"), Some(Value::Null));
        assert_eq!(at(""), Some(answer.clone()));
        assert_eq!(at("$status"), Some(json!(200)));
    }
}
