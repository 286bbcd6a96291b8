//! What is inside of an object or a list: walks along the tape from one value to the one that follows it.

use std::borrow::Cow;

use super::entries::WIDTH;
use super::{Document, Entry, EntryKind, Node, text};

/// A member of an object.
#[derive(Clone)]
pub struct Member<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Where its name's opening quote stands.
    pub name_start: usize,
    /// Its value.
    pub value: Node<'a>,
}

/// A member's name, decoded.
#[inline]
pub(super) fn decoded<'t>(entry: &Entry, text: &'t str) -> Cow<'t, str> {
    let raw = text
        .get(entry.start as usize + 1..entry.end as usize)
        .unwrap_or_default();
    if entry.kind == EntryKind::Name && raw.contains('\\') {
        Cow::Owned(text::decode(raw))
    } else {
        Cow::Borrowed(raw)
    }
}

/// What is on the tape between two places that is not inside of anything else there.
#[derive(Clone, Copy)]
pub(super) struct Inside<'a> {
    document: Option<&'a Document<'a>>,
    at: u32,
    end: u32,
}

impl<'a> Inside<'a> {
    /// What is inside of a value that nothing can be inside of.
    pub(super) const NOTHING: Self = Self {
        document: None,
        at: 0,
        end: 0,
    };

    pub(super) const fn new(document: &'a Document<'a>, at: u32, end: u32) -> Self {
        Self {
            document: Some(document),
            at,
            end,
        }
    }
}

/// The members of an object in their order.
#[derive(Clone)]
pub struct Members<'a>(pub(super) Inside<'a>);

impl<'a> Members<'a> {
    /// Where the next member stands, for [`Self::starting_at`].
    #[must_use]
    pub const fn at(&self) -> u32 {
        self.0.at
    }

    /// The members of the same object from the one on that stands there.
    #[must_use]
    pub const fn starting_at(mut self, at: u32) -> Self {
        self.0.at = at;
        self
    }

    /// The value of the member of that name. Names of another length are passed over unread.
    pub(super) fn named(self, name: &str) -> Option<Node<'a>> {
        let Inside { document, mut at, end } = self.0;
        let document = document?;
        while at + WIDTH < end {
            let entry = document.entries.get(at)?;
            let value = Node::new(document, at + WIDTH);
            let is_plain = entry.kind == EntryKind::PlainName;
            let may_be = !is_plain || (entry.end - entry.start) as usize == name.len() + 1;
            if may_be && decoded(&entry, &document.text) == name {
                return Some(value);
            }
            at = value.entry().next;
        }
        None
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let Inside { document, at, end } = &mut self.0;
        let document = (*document)?;
        let entry = (*at + WIDTH < *end).then(|| document.entries.get(*at))??;
        let value = Node::new(document, *at + WIDTH);
        *at = value.entry().next;
        Some(Member {
            name: decoded(&entry, &document.text),
            name_start: entry.start as usize,
            value,
        })
    }

    fn count(self) -> usize {
        let Inside { document, mut at, end } = self.0;
        let mut count = 0;
        while let Some(value) = document.and_then(|document| document.entries.get(at + WIDTH))
            && at + WIDTH < end
        {
            at = value.next;
            count += 1;
        }
        count
    }
}

/// The elements of a list in their order.
#[derive(Clone)]
pub struct Elements<'a>(pub(super) Inside<'a>);

impl<'a> Iterator for Elements<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        let Inside { document, at, end } = &mut self.0;
        let value = (*at < *end).then_some(Node::new((*document)?, *at))?;
        *at = value.entry().next;
        Some(value)
    }
}
