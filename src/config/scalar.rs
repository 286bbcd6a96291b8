//! A YAML scalar: its text exactly as written, and what YAML's core schema takes it for.

use saphyr_parser::{ScalarStyle, Tag};

/// What YAML 1.2's core schema takes a scalar for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScalarKind {
    /// Nothing after the colon, `~` or `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// An integer or a float.
    Number,
    /// Anything else, and everything in quotes.
    Text,
}

/// A scalar.
#[derive(Debug)]
pub(super) struct Scalar {
    /// The text, without quotes and with escapes resolved; of a number the digits as they were written.
    pub(super) text: String,
    /// What YAML takes it for.
    pub(super) kind: ScalarKind,
}

impl Scalar {
    /// Decides on the kind from the tag, the quotes and the text. The error is the tag, if it has no meaning here.
    pub(super) fn read(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Self, String> {
        let kind = match tag {
            None if style == ScalarStyle::Plain => plain_kind(text),
            None => ScalarKind::Text,
            Some(tag) if tag.is_yaml_core_schema() => match tag.suffix.as_str() {
                "str" => ScalarKind::Text,
                "int" | "float" => ScalarKind::Number,
                "bool" => ScalarKind::Boolean,
                "null" => ScalarKind::Null,
                other => return Err(format!("!!{other}")),
            },
            Some(tag) => return Err(tag.to_string()),
        };
        Ok(Self {
            text: text.to_owned(),
            kind,
        })
    }

    /// What was found, as a message says it.
    pub(super) fn found(&self) -> String {
        match self.kind {
            ScalarKind::Null => "nothing".to_owned(),
            ScalarKind::Boolean => format!("the boolean `{}`", self.text),
            ScalarKind::Number => format!("the number {}", self.text),
            ScalarKind::Text => "a text".to_owned(),
        }
    }
}

/// What a scalar without quotes is.
fn plain_kind(text: &str) -> ScalarKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => ScalarKind::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => ScalarKind::Boolean,
        number if is_number(number) => ScalarKind::Number,
        _ => ScalarKind::Text,
    }
}

/// Whether the core schema reads a number. Rust's own reader agrees with it but for words such as `inf`.
fn is_number(text: &str) -> bool {
    let of_base = |prefix, base| {
        text.strip_prefix(prefix)
            .is_some_and(|digits: &str| !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(base)))
    };
    let unsigned = text.trim_start_matches(['+', '-']);
    of_base("0x", 16)
        || of_base("0o", 8)
        || matches!(unsigned, ".inf" | ".Inf" | ".INF")
        || matches!(text, ".nan" | ".NaN" | ".NAN")
        || (unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') && text.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for (text, kind) in [
            ("", ScalarKind::Null),
            ("~", ScalarKind::Null),
            ("null", ScalarKind::Null),
            ("true", ScalarKind::Boolean),
            ("FALSE", ScalarKind::Boolean),
            ("8", ScalarKind::Number),
            ("7.10", ScalarKind::Number),
            ("-1e3", ScalarKind::Number),
            (".5", ScalarKind::Number),
            ("0x1F", ScalarKind::Number),
            ("-.inf", ScalarKind::Number),
            ("yes", ScalarKind::Text),
            ("inf", ScalarKind::Text),
            ("nan", ScalarKind::Text),
            ("127.0.0.1", ScalarKind::Text),
            ("0x", ScalarKind::Text),
            ("auto", ScalarKind::Text),
        ] {
            assert_eq!(plain_kind(text), kind, "{text:?}");
        }
    }

    #[test]
    fn quotes_make_a_text() {
        let scalar = Scalar::read("8", ScalarStyle::DoubleQuoted, None).unwrap();
        assert_eq!((scalar.kind, scalar.text.as_str()), (ScalarKind::Text, "8"));
    }
}
