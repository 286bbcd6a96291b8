//! Lists and mappings, by their indentation or in brackets.

use super::node::Context;
use super::{Parser, State, event, fault};
use crate::xcontent::format::yaml::scanner::Step;
use crate::xcontent::format::yaml::token::{Event, EventKind, TokenKind};

impl Parser<'_> {
    pub(super) fn block_sequence_entry(&mut self) -> Step<Event> {
        let token = self.scanner.next()?;
        match token.kind {
            TokenKind::BlockEntry if self.is_next(&[TokenKind::BlockEntry, TokenKind::BlockEnd])? => {
                Ok(self.nothing(token.end, State::BlockSequenceEntry))
            }
            TokenKind::BlockEntry => self.node_before(State::BlockSequenceEntry, Context::Block),
            TokenKind::BlockEnd => {
                self.state = self.leave();
                Ok(event(EventKind::SequenceEnd, token.start, token.end))
            }
            _ => Err(fault("an element of a list begins with '-'", token.start)),
        }
    }

    /// Such a list ends where something else than an element follows.
    pub(super) fn indentless_entry(&mut self) -> Step<Event> {
        let token = self.scanner.peek()?;
        if token.kind != TokenKind::BlockEntry {
            let end = event(EventKind::SequenceEnd, token.start, token.end);
            self.state = self.leave();
            return Ok(end);
        }
        let end = self.scanner.next()?.end;
        let following = [
            TokenKind::BlockEntry,
            TokenKind::Key,
            TokenKind::Value,
            TokenKind::BlockEnd,
        ];
        if self.is_next(&following)? {
            Ok(self.nothing(end, State::IndentlessEntry))
        } else {
            self.node_before(State::IndentlessEntry, Context::Block)
        }
    }

    pub(super) fn block_mapping_key(&mut self) -> Step<Event> {
        let token = self.scanner.next()?;
        match token.kind {
            TokenKind::Key => self.block_member(token.end, State::BlockMappingValue),
            TokenKind::BlockEnd => {
                self.state = self.leave();
                Ok(event(EventKind::MappingEnd, token.start, token.end))
            }
            _ => Err(fault("a member of a mapping begins with its name", token.start)),
        }
    }

    pub(super) fn block_mapping_value(&mut self) -> Step<Event> {
        let token = self.scanner.peek()?;
        match token.kind {
            TokenKind::Value => {
                let end = self.scanner.next()?.end;
                self.block_member(end, State::BlockMappingKey)
            }
            TokenKind::Scalar { .. } if self.is_later => self.node_before(State::BlockMappingKey, Context::BlockMember),
            _ => {
                let start = token.start;
                Ok(self.nothing(start, State::BlockMappingKey))
            }
        }
    }

    /// A name or a value in a mapping, behind the mark that ends here.
    fn block_member(&mut self, mark: super::Mark, following: State) -> Step<Event> {
        if self.is_next(&[TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd])? {
            Ok(self.nothing(mark, following))
        } else {
            self.node_before(following, Context::BlockMember)
        }
    }

    pub(super) fn flow_sequence_entry(&mut self, is_first: bool) -> Step<Event> {
        if !self.is_next(&[TokenKind::FlowSequenceEnd])? {
            if !is_first {
                self.comma("an element of a list is followed by ',' or ']'")?;
            }
            let token = self.scanner.peek()?;
            if token.kind == TokenKind::Key {
                let pair = event(EventKind::MappingStart, token.start, token.end);
                self.state = State::PairKey;
                return Ok(pair);
            }
            if token.kind != TokenKind::FlowSequenceEnd {
                return self.node_before(State::FlowSequenceEntry, Context::Flow);
            }
        }
        self.flow_end(EventKind::SequenceEnd)
    }

    pub(super) fn flow_mapping_key(&mut self, is_first: bool) -> Step<Event> {
        if !self.is_next(&[TokenKind::FlowMappingEnd])? {
            if !is_first {
                self.comma("a member of a mapping is followed by ',' or '}'")?;
            }
            if self.is_next(&[TokenKind::Key])? {
                return self.flow_member(State::FlowMappingValue, &TokenKind::FlowMappingEnd, true);
            }
            if !self.is_next(&[TokenKind::FlowMappingEnd])? {
                return self.node_before(State::FlowMappingNoValue, Context::Flow);
            }
        }
        self.flow_end(EventKind::MappingEnd)
    }

    fn comma(&mut self, otherwise: &str) -> Step<()> {
        let token = self.scanner.peek()?;
        if token.kind != TokenKind::FlowEntry {
            return Err(fault(otherwise, token.start));
        }
        self.scanner.next().map(drop)
    }

    fn flow_end(&mut self, kind: EventKind) -> Step<Event> {
        let token = self.scanner.next()?;
        // To see whether it is a comment.
        if self.is_later {
            self.scanner.peek()?;
        }
        self.state = self.leave();
        Ok(event(kind, token.start, token.end))
    }

    pub(super) fn pair_key(&mut self) -> Step<Event> {
        self.flow_member(State::PairValue, &TokenKind::FlowSequenceEnd, true)
    }

    /// What a colon tells, if there is one.
    pub(super) fn flow_value(&mut self, following: State, end: &TokenKind) -> Step<Event> {
        let token = self.scanner.peek()?;
        if token.kind == TokenKind::Value {
            return self.flow_member(following, end, false);
        }
        let start = token.start;
        Ok(self.nothing(start, following))
    }

    /// A name or a value in brackets, behind the mark that is next.
    fn flow_member(&mut self, following: State, end: &TokenKind, is_name: bool) -> Step<Event> {
        let mark = self.scanner.next()?.end;
        let next = &self.scanner.peek()?.kind;
        let is_nothing = next == end || *next == TokenKind::FlowEntry || is_name && *next == TokenKind::Value;
        if is_nothing {
            Ok(self.nothing(mark, following))
        } else {
            self.node_before(following, Context::Flow)
        }
    }

    pub(super) fn pair_end(&mut self) -> Step<Event> {
        let token = self.scanner.peek()?;
        let end = event(EventKind::MappingEnd, token.start, token.end);
        self.state = State::FlowSequenceEntry;
        Ok(end)
    }

    fn node_before(&mut self, following: State, context: Context) -> Step<Event> {
        self.states.push(following);
        self.node(context)
    }
}
