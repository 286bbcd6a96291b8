//! The keywords of sizes and times: they bound texts that Elasticsearch reads as such.

use std::cmp::Ordering;

use jsonschema::{Keyword, ValidationError};
use serde_json::Value;

use super::shown;
use crate::es::byte_size::ByteSize;
use crate::es::time_value::TimeValue;
use crate::es::version::Version;
use crate::xcontent::json::{Node, PositionedJson};

/// A bound on byte sizes or time values.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    quantity: Quantity,
    /// How a value that breaks it compares with it.
    broken_by: Ordering,
    amount: i64,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Bytes,
    Nanos,
}

impl Quantity {
    fn read(self, text: &str) -> Option<i64> {
        match self {
            Self::Bytes => ByteSize::parse(text, "", Version::BASE).ok().map(ByteSize::bytes),
            Self::Nanos => TimeValue::parse(text, "").ok().map(TimeValue::nanos),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Bytes => "a byte size such as `512mb`",
            Self::Nanos => "a time value such as `1h`",
        }
    }
}

impl Bound {
    pub(super) fn of(keyword: &str, value: &Value) -> Result<Self, ValidationError<'static>> {
        let quantity = if keyword.ends_with("bytes") {
            Quantity::Bytes
        } else {
            Quantity::Nanos
        };
        let text = value.as_str().unwrap_or_default();
        let amount = quantity.read(text).ok_or_else(|| {
            let message = format!("`{keyword}` is {}, not [{}]", quantity.name(), shown(value));
            ValidationError::schema(message)
        })?;
        Ok(Self {
            quantity,
            broken_by: if keyword.contains("max") {
                Ordering::Greater
            } else {
                Ordering::Less
            },
            amount,
            text: text.to_owned(),
        })
    }

    fn fault(&self, instance: Node<'_>) -> Option<String> {
        let text = instance.as_text()?;
        let Some(amount) = self.quantity.read(&text) else {
            return Some(format!("is not {}", self.quantity.name()));
        };
        let relation = match self.broken_by {
            Ordering::Greater => "more",
            Ordering::Less | Ordering::Equal => "less",
        };
        (amount.cmp(&self.amount) == self.broken_by).then(|| format!("is {relation} than [{}]", self.text))
    }
}

impl<'i> Keyword<'i, PositionedJson> for Bound {
    fn validate(&self, instance: Node<'i>) -> Result<(), ValidationError<'i>> {
        match self.fault(instance) {
            None => Ok(()),
            Some(fault) => Err(ValidationError::custom(fault)),
        }
    }

    fn is_valid(&self, instance: Node<'i>) -> bool {
        self.fault(instance).is_none()
    }
}
