//! Makes events of tokens, as `SnakeYAML` does.

mod collection;
mod document;
mod node;

use std::collections::HashMap;

use node::Context;

use super::blocks::Blocks;
use super::scanner::{Dialect, Scanner, Step};
use super::token::{Event, EventKind, Mark, TokenKind};
use crate::xcontent::json::{FaultKind, YamlPart};

/// What puts tokens together.
pub(super) struct Parser<'t> {
    scanner: Scanner<'t>,
    is_later: bool,
    state: State,
    /// What follows the values that have begun.
    states: Vec<State>,
    /// What the handles of tags stand for.
    tags: HashMap<String, String>,
}

/// What is expected.
#[derive(Debug, Clone, Copy)]
enum State {
    FirstDocument,
    Document,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequenceFirst,
    BlockSequenceEntry,
    /// An element of a list that is not indented below its name.
    IndentlessEntry,
    BlockMappingFirst,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceFirst,
    FlowSequenceEntry,
    /// The name in a list in brackets, of a mapping that has no brackets of its own.
    PairKey,
    PairValue,
    PairEnd,
    FlowMappingFirst,
    FlowMappingKey,
    FlowMappingValue,
    FlowMappingNoValue,
}

impl<'t> Parser<'t> {
    pub(super) fn new(blocks: &Blocks<'t>, dialect: Dialect) -> Self {
        Self {
            scanner: Scanner::new(blocks, dialect),
            is_later: dialect.is_later,
            state: State::FirstDocument,
            states: Vec::new(),
            tags: HashMap::new(),
        }
    }

    /// The next event.
    pub(super) fn next(&mut self) -> Step<Event> {
        match self.state {
            State::FirstDocument => self.first_document(),
            State::Document => self.document(),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(Context::Block),
            State::BlockSequenceFirst => {
                self.scanner.next()?;
                self.block_sequence_entry()
            }
            State::BlockSequenceEntry => self.block_sequence_entry(),
            State::IndentlessEntry => self.indentless_entry(),
            State::BlockMappingFirst => {
                self.scanner.next()?;
                self.block_mapping_key()
            }
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceFirst => {
                self.scanner.next()?;
                self.flow_sequence_entry(true)
            }
            State::FlowSequenceEntry => self.flow_sequence_entry(false),
            State::PairKey => self.pair_key(),
            State::PairValue => self.flow_value(State::PairEnd, &TokenKind::FlowSequenceEnd),
            State::PairEnd => self.pair_end(),
            State::FlowMappingFirst => {
                self.scanner.next()?;
                self.flow_mapping_key(true)
            }
            State::FlowMappingKey => self.flow_mapping_key(false),
            State::FlowMappingValue => self.flow_value(State::FlowMappingKey, &TokenKind::FlowMappingEnd),
            State::FlowMappingNoValue => {
                let start = self.scanner.peek()?.start;
                Ok(self.nothing(start, State::FlowMappingKey))
            }
        }
    }

    /// What follows the value that ends here.
    fn leave(&mut self) -> State {
        self.states.pop().unwrap_or(State::DocumentEnd)
    }

    /// Whether one of these tokens is next.
    fn is_next(&mut self, kinds: &[TokenKind]) -> Step<bool> {
        Ok(kinds.contains(&self.scanner.peek()?.kind))
    }

    /// A value that is not there.
    fn nothing(&mut self, mark: Mark, following: State) -> Event {
        self.state = following;
        let kind = EventKind::Scalar {
            text: String::new(),
            tag: None,
            is_plain: true,
        };
        event(kind, mark, mark)
    }
}

fn event(kind: EventKind, start: Mark, end: Mark) -> Event {
    Event { kind, start, end }
}

fn fault(what: &str, mark: Mark) -> FaultKind {
    FaultKind::Yaml {
        part: YamlPart::Parser,
        message: format!("{what} (line {}, column {})", mark.line + 1, mark.column + 1),
    }
}
