//! One walk through two documents at once: the stored one from its text, and in the sent one to the same places.

use std::borrow::Cow;

use json_patch::jsonptr::PointerBuf;
use json_patch::jsonptr::Token as Step;

use super::object::Object;
use super::{Changes, List, Operation};
use crate::xcontent::json::{Elements, Lexeme, Lexemes, Node, Token};

/// How many bytes the number of an element takes in a path, at most, with its slash.
const INDEX_LENGTH: usize = 11;

/// An object or a list that both documents have, up to the place that is compared.
enum Level<'a> {
    Object(Object<'a>),
    List {
        /// The sent elements that have not been compared.
        sent: Elements<'a>,
        /// How many stored ones have been.
        compared: usize,
    },
}

/// One step of the path to the place that is compared.
#[derive(Clone, Copy)]
enum At<'a> {
    /// A member, whose name is written so.
    Member(&'a str),
    Element(usize),
}

impl At<'_> {
    fn length(self) -> usize {
        match self {
            Self::Member(name) => name.len() + 1,
            Self::Element(_) => INDEX_LENGTH,
        }
    }
}

/// What is sent in the place of the stored value that comes next.
#[derive(Clone, Copy)]
enum Next<'a> {
    /// This, or nothing.
    Is(Option<Node<'a>>),
    /// An element of the innermost list.
    IsElement,
}

/// The walk.
pub(super) struct Comparison<'a> {
    stored: Lexemes<'a>,
    list: List<'a>,
    levels: Vec<Level<'a>>,
    path: Vec<At<'a>>,
    path_length: usize,
    next: Next<'a>,
}

impl<'a> Comparison<'a> {
    /// From a sent value to the stored one.
    pub(super) fn new(sent: Option<Node<'a>>, list: List<'a>) -> Self {
        Self {
            stored: Lexemes::without(list.stored.text, list.stored.left_out),
            list,
            levels: Vec::new(),
            path: Vec::new(),
            path_length: 0,
            next: Next::Is(sent),
        }
    }

    /// Compares them.
    pub(super) fn run(mut self) -> Changes {
        while let Some(lexeme) = self.stored.next() {
            match lexeme {
                Lexeme::EndObject | Lexeme::EndList => self.end(),
                Lexeme::Name(name) => self.name(name),
                _ => {
                    let sent = self.sent();
                    self.value(sent, lexeme);
                }
            }
        }
        self.list.changes
    }

    fn name(&mut self, name: &'a str) {
        let sent = match self.levels.last_mut() {
            Some(Level::Object(object)) => object.take(&Lexemes::decode(name)),
            _ => None,
        };
        self.enter(At::Member(name));
        self.next = Next::Is(sent);
    }

    /// The sent value in the place of the stored one that comes now.
    fn sent(&mut self) -> Option<Node<'a>> {
        if let Next::Is(sent) = std::mem::replace(&mut self.next, Next::IsElement) {
            return sent;
        }
        let Some(Level::List { sent, compared }) = self.levels.last_mut() else {
            return None;
        };
        let at = *compared;
        *compared += 1;
        let sent = sent.next();
        self.enter(At::Element(at));
        sent
    }

    fn value(&mut self, sent: Option<Node<'a>>, first: Lexeme<'a>) {
        let Some(sent) = sent else {
            let place = self.stored.skip_from(first);
            return self.note_and_leave(Operation::Add(place));
        };
        match (sent.token(), first) {
            (Token::Object, Lexeme::BeginObject) => self.levels.push(Level::Object(Object::of(sent))),
            (Token::Array, Lexeme::BeginList) => self.levels.push(Level::List {
                sent: sent.elements(),
                compared: 0,
            }),
            _ if is_same(sent, first) => self.leave(),
            _ => {
                let place = self.stored.skip_from(first);
                self.note_and_leave(Operation::Replace(place));
            }
        }
    }

    /// Ends an object or list: what is left of the sent one has been removed.
    fn end(&mut self) {
        match self.levels.pop() {
            Some(Level::Object(object)) => {
                for name in object.rest() {
                    self.remove(&name);
                }
            }
            Some(Level::List { sent, compared }) => {
                // Each removal moves the next one into its place.
                self.enter(At::Element(compared));
                for _ in sent {
                    self.note(Operation::Remove, None);
                }
                self.leave();
            }
            None => {}
        }
        self.leave();
    }

    fn remove(&mut self, name: &str) {
        self.note(Operation::Remove, Some(name));
    }

    fn enter(&mut self, at: At<'a>) {
        self.path.push(at);
        self.path_length += at.length();
    }

    fn leave(&mut self) {
        if let Some(at) = self.path.pop() {
            self.path_length -= at.length();
        }
    }

    fn note_and_leave(&mut self, operation: Operation) {
        self.note(operation, None);
        self.leave();
    }

    /// Notes a change in the place that is compared, or in a member of it.
    fn note(&mut self, operation: Operation, member: Option<&str>) {
        let path = &self.path;
        let length = self.path_length + member.map_or(0, |name| name.len() + 1);
        self.list.add(operation, length, || {
            let mut pointer = PointerBuf::new();
            for at in path {
                match at {
                    At::Member(name) => pointer.push_back(Step::new(Lexemes::decode(name))),
                    At::Element(index) => pointer.push_back(*index),
                }
            }
            if let Some(member) = member {
                pointer.push_back(Step::new(member));
            }
            pointer
        });
    }
}

/// Whether a sent value is the stored one that a lexeme is.
fn is_same(sent: Node<'_>, stored: Lexeme<'_>) -> bool {
    match (sent.token(), stored) {
        (Token::String, Lexeme::String(stored)) => {
            let raw = sent.raw();
            let is_same_text = raw.get(1..raw.len().saturating_sub(1)) == Some(stored);
            is_same_text || sent.as_text().is_some_and(|sent| sent == Lexemes::decode(stored))
        }
        (Token::Number, Lexeme::Scalar(stored)) => canonical(sent.raw()) == canonical(stored),
        (Token::Boolean, Lexeme::Scalar(stored)) => {
            stored.parse() == Ok(sent.as_boolean().unwrap_or_default()) && sent.as_boolean().is_some()
        }
        (Token::Null | Token::Binary | Token::Nothing, Lexeme::Scalar(stored)) => stored == "null",
        _ => false,
    }
}

/// A number with its exponent as all numbers have it here.
fn canonical(number: &str) -> Cow<'_, str> {
    let Some((mantissa, exponent)) = number.split_once(['e', 'E']) else {
        return Cow::Borrowed(number);
    };
    let sign = if exponent.starts_with(['+', '-']) { "" } else { "+" };
    Cow::Owned([mantissa, "e", sign, exponent].concat())
}
