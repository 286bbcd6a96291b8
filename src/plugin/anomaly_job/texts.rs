//! Texts of a request, and lists of them.

use std::borrow::Cow;

use serde::ser::{Serialize, Serializer};

use crate::xcontent::json::{Node, Token};

/// A text of the request, or one that was filled in.
pub(super) type Text<'a> = Cow<'a, str>;

/// The texts of a list, or the one that stands without a list, read where they lie: kept one by one they would take
/// several times what a body does. Numbers and booleans are taken as they are written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Texts<'a>(Option<Node<'a>>);

impl<'a> Texts<'a> {
    /// The texts of a value.
    pub(super) const fn of(value: Node<'a>) -> Self {
        Self(Some(value))
    }

    /// The texts in their order; none for bytes, which another format than JSON may have among them.
    pub(super) fn iter(self) -> impl Iterator<Item = Option<Text<'a>>> + Clone {
        let of_value = |value: Node<'a>| {
            let alone = (value.token() != Token::Array).then(|| text(value));
            alone.into_iter().chain(value.elements().map(text))
        };
        self.0.into_iter().flat_map(of_value)
    }

    /// Whether there is none.
    pub(super) fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }
}

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

fn text(element: Node<'_>) -> Option<Text<'_>> {
    match (element.number_text(), element.as_boolean()) {
        (Some(number), _) => Some(Cow::Borrowed(number)),
        (_, Some(boolean)) => Some(Cow::Borrowed(if boolean { "true" } else { "false" })),
        _ => element.as_text(),
    }
}
