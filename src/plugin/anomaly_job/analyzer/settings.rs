//! The settings of an analyzer's component as answers show them (create-job.md §2.8).

use std::collections::BTreeMap;

use serde::ser::{Serialize, Serializer};

use super::super::response::number_text;
use super::super::texts::Text;
use crate::admission::hash_order;
use crate::xcontent::json::{Node, Token};

/// The settings of a component: flattened, with plain values as texts, and put together again by the dots in their
/// names.
pub(super) struct Settings<'a>(BTreeMap<Text<'a>, Setting<'a>>);

/// One of them.
pub(super) enum Setting<'a> {
    /// A plain value or a list.
    Value(Node<'a>),
    /// Settings with this name before theirs.
    Inside(Settings<'a>),
}

impl<'a> Setting<'a> {
    /// The text that a plain value is printed as.
    pub(super) fn text(&self) -> Option<Text<'a>> {
        match self {
            Self::Value(value) => text(*value),
            Self::Inside(_) => None,
        }
    }

    /// The texts that the values of a list are printed as.
    pub(super) fn list(&self) -> Option<impl Iterator<Item = Option<Text<'a>>> + use<'a>> {
        match self {
            Self::Value(list) if list.token() == Token::Array => Some(list.elements().map(text)),
            Self::Value(_) | Self::Inside(_) => None,
        }
    }
}

/// The text that a plain value is printed as; nothing for what is not printed as a text.
fn text(value: Node<'_>) -> Option<Text<'_>> {
    match value.token() {
        Token::Number => Some(number_text(value.as_number().unwrap_or_default()).into()),
        Token::Boolean if value.as_boolean() == Some(true) => Some("true".into()),
        Token::Boolean => Some("false".into()),
        Token::String => value.as_text(),
        Token::Binary => Some(value.as_base64().unwrap_or_default().into()),
        Token::Array | Token::Null | Token::Object | Token::Nothing => None,
    }
}

impl<'a> Settings<'a> {
    /// The one setting that a component of this type has besides its type, if that is all it has.
    pub(super) fn of_type(component: Node<'a>, kind: &str, name: &str) -> Option<Setting<'a>> {
        if component.member("type").and_then(Node::as_text)? != kind {
            return None;
        }
        let mut settings = Self::of(component).0;
        let setting = settings.remove(name)?;
        (settings.len() == 1).then_some(setting)
    }

    pub(super) fn of(object: Node<'a>) -> Self {
        let mut flat = BTreeMap::new();
        flatten(object, None, &mut flat);
        let mut settings = Self(BTreeMap::new());
        for (path, value) in flat {
            settings.place(path, value);
        }
        settings
    }

    /// Puts a setting where its path leads; beside a plain value of the path's beginning it keeps its whole name.
    fn place(&mut self, path: Text<'a>, value: Node<'a>) {
        let Some((first, rest)) = path.split_once('.') else {
            self.0.insert(path, Setting::Value(value));
            return;
        };
        let inside = || Setting::Inside(Self(BTreeMap::new()));
        match self.0.entry(Text::Owned(first.to_owned())).or_insert_with(inside) {
            Setting::Inside(inside) => inside.place(Text::Owned(rest.to_owned()), value),
            Setting::Value(_) => {
                self.0.insert(path, Setting::Value(value));
            }
        }
    }
}

fn flatten<'a>(object: Node<'a>, around: Option<&str>, settings: &mut BTreeMap<Text<'a>, Node<'a>>) {
    for member in object.members() {
        let path = match around {
            None => member.name,
            Some(around) => Text::Owned(format!("{around}.{}", member.name)),
        };
        if member.value.token() == Token::Object {
            flatten(member.value, Some(&path), settings);
        } else {
            settings.insert(path, member.value);
        }
    }
}

impl Serialize for Settings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(hash_order::settings(self.0.iter().collect()))
    }
}

impl Serialize for Setting<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = match self {
            Self::Inside(settings) => return settings.serialize(serializer),
            Self::Value(value) => *value,
        };
        match text(value) {
            Some(text) => serializer.serialize_str(&text),
            None if value.token() == Token::Array => serializer.collect_seq(value.elements().map(Setting::Value)),
            None => serializer.serialize_unit(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xcontent::json::Document;

    /// As Elasticsearch 7.17.28 and 9.5.3 print them: a name may be empty, and is a name all the same.
    #[test]
    fn an_empty_name_is_a_name() {
        for (sent, printed) in [
            (
                r#"{"type":"a","":{"pattern":"x"}}"#,
                r#"{"":{"pattern":"x"},"type":"a"}"#,
            ),
            (r#"{"type":"a",".pattern":"x"}"#, r#"{"":{"pattern":"x"},"type":"a"}"#),
            (r#"{"":{"":{"a":1}}}"#, r#"{"":{"":{"a":"1"}}}"#),
        ] {
            let document = Document::read(sent.as_bytes());
            let settings = Settings::of(document.root().expect("an object"));
            assert_eq!(serde_json::to_string(&settings).expect("JSON"), printed, "{sent}");
        }
    }
}
