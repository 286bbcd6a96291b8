//! Objects in the order in which Elasticsearch keeps them when it reads them into a plain map: that of Java's
//! `HashMap`, where it decides what is seen first (create-job.md §2.7, scope).

use serde::ser::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::xcontent::json::{Member, Node, Token};
use crate::xcontent::{answer, number, utf16};

/// The members of an object in the order of a `HashMap` that they were put into one by one.
#[must_use]
pub fn members(object: Node<'_>) -> Vec<Member<'_>> {
    let mut members: Vec<Member<'_>> = Vec::with_capacity(object.members().count());
    members.extend(object.members());
    let buckets = buckets(16, members.len());
    members.sort_by_cached_key(|member| bucket(&member.name, buckets));
    members
}

/// One level of settings in the order of the `HashMap`, small at first, that they are put into in the order of their
/// names.
#[must_use]
pub fn settings<N: AsRef<str>, T>(mut settings: Vec<(N, T)>) -> Vec<(N, T)> {
    settings.sort_by(|(left, _), (right, _)| left.as_ref().cmp(right.as_ref()));
    let buckets = buckets(4, settings.len());
    settings.sort_by_cached_key(|(name, _)| bucket(name.as_ref(), buckets));
    settings
}

/// How many buckets a table of so many at first has by then: it doubles when it is more than three quarters full.
const fn buckets(at_first: usize, entries: usize) -> usize {
    let mut buckets = at_first;
    while entries * 4 > buckets * 3 {
        buckets *= 2;
    }
    buckets
}

fn bucket(name: &str, buckets: usize) -> usize {
    let hash = utf16::units(name).fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
    let spread = hash ^ (hash >> 16);
    spread as usize & (buckets - 1)
}

/// A value as Elasticsearch writes it after reading it into plain maps.
#[must_use]
pub fn print(value: Node<'_>) -> String {
    let value = to_value(value);
    answer::one_line(&value).unwrap_or_else(|_| value.to_string())
}

/// The value that [`print()`] prints.
#[must_use]
pub fn to_value(node: Node<'_>) -> Value {
    match node.token() {
        Token::Object => {
            let mut object = Map::new();
            for member in members(node) {
                object.insert(member.name.into_owned(), to_value(member.value));
            }
            Value::Object(object)
        }
        Token::Array => Value::Array(node.elements().map(to_value).collect()),
        Token::Number => number::round_trip(node.as_number().unwrap_or_default()),
        Token::String => Value::String(node.as_text().unwrap_or_default().into_owned()),
        Token::Boolean => Value::Bool(node.as_boolean().unwrap_or_default()),
        Token::Binary => Value::from(node.as_base64().unwrap_or_default()),
        Token::Null | Token::Nothing => Value::Null,
    }
}

/// A value that is written with the order of its members kept: what `custom_settings` comes back as (create-job.md
/// §2.2).
#[derive(Debug, Clone, Copy)]
pub struct InOrder<'n>(pub Node<'n>);

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.token() {
            Token::Object => {
                serializer.collect_map(self.0.members().map(|member| (member.name, InOrder(member.value))))
            }
            Token::Array => serializer.collect_seq(self.0.elements().map(InOrder)),
            _ => to_value(self.0).serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xcontent::json::Document;

    /// As Elasticsearch 7.8.1, 7.17.28, 8.19.21 and 9.5.3 print the settings of a component.
    #[test]
    fn settings_come_in_the_order_of_small_maps() {
        let order = |names: &[&'static str]| {
            let named = names.iter().map(|name| (*name, ())).collect();
            settings(named).into_iter().map(|(name, ())| name).collect::<Vec<_>>()
        };
        assert_eq!(order(&["max_token_count", "type"]), ["type", "max_token_count"]);
        assert_eq!(order(&["type", "pattern"]), ["pattern", "type"]);
    }

    #[test]
    fn orders_as_a_java_hash_map() {
        // "a" hashes to 97 (bucket 1); "filter_type" and "filter_id" come after it, as seen in Elasticsearch's answers.
        let document = Document::read(br#"{"filter_id":"x","filter_type":"zz","a":4}"#);
        let root = document.root().expect("a root");
        assert_eq!(members(root).first().map(|member| member.name.as_ref()), Some("a"));
        assert_eq!(
            serde_json::to_string(&InOrder(root)).expect("JSON"),
            r#"{"filter_id":"x","filter_type":"zz","a":4}"#
        );
    }
}
