//! Where documents begin and end, and what their directives say.

use std::collections::HashMap;

use super::node::Context;
use super::{Parser, State, event, fault};
use crate::xcontent::format::yaml::scanner::Step;
use crate::xcontent::format::yaml::token::{Directive, Event, EventKind, TokenKind};

/// What the handles of tags stand for that every document has.
const DEFAULT_TAGS: [(&str, &str); 2] = [("!", "!"), ("!!", "tag:yaml.org,2002:")];

impl Parser<'_> {
    pub(super) fn first_document(&mut self) -> Step<Event> {
        let token = self.scanner.peek()?;
        if matches!(
            token.kind,
            TokenKind::Directive(_) | TokenKind::DocumentStart | TokenKind::StreamEnd
        ) {
            return self.document();
        }
        let start = token.start;
        self.set_tags(HashMap::new());
        self.states.push(State::DocumentEnd);
        self.state = State::BlockNode;
        Ok(event(EventKind::DocumentStart, start, start))
    }

    pub(super) fn document(&mut self) -> Step<Event> {
        while self.is_next(&[TokenKind::DocumentEnd])? {
            self.scanner.next()?;
        }
        let start = self.scanner.peek()?.start;
        let may_end = self.is_later || self.is_next(&[TokenKind::StreamEnd])?;
        self.directives()?;
        let token = self.scanner.next()?;
        match token.kind {
            TokenKind::StreamEnd if may_end => Ok(event(EventKind::StreamEnd, token.start, token.end)),
            TokenKind::DocumentStart => {
                self.states.push(State::DocumentEnd);
                self.state = State::DocumentContent;
                Ok(event(EventKind::DocumentStart, start, token.end))
            }
            _ => Err(fault("a document begins with '---' here", token.start)),
        }
    }

    fn directives(&mut self) -> Step<()> {
        let (mut has_version, mut tags) = (false, HashMap::new());
        while matches!(self.scanner.peek()?.kind, TokenKind::Directive(_)) {
            let token = self.scanner.next()?;
            match token.kind {
                TokenKind::Directive(Directive::Version { .. }) if std::mem::replace(&mut has_version, true) => {
                    return Err(fault("there is one version of YAML", token.start));
                }
                TokenKind::Directive(Directive::Version { major }) if major != 1 => {
                    return Err(fault("versions of YAML other than 1 are not read", token.start));
                }
                TokenKind::Directive(Directive::Tag { handle, prefix }) if tags.contains_key(&handle) => {
                    let what = format!("the handle {handle} of tags stands for {prefix} and for something else");
                    return Err(fault(&what, token.start));
                }
                TokenKind::Directive(Directive::Tag { handle, prefix }) => {
                    tags.insert(handle, prefix);
                }
                _ => {}
            }
        }
        self.set_tags(tags);
        Ok(())
    }

    fn set_tags(&mut self, mut tags: HashMap<String, String>) {
        for (handle, prefix) in DEFAULT_TAGS {
            tags.entry(handle.to_owned()).or_insert_with(|| prefix.to_owned());
        }
        self.tags = tags;
    }

    pub(super) fn document_content(&mut self) -> Step<Event> {
        let token = self.scanner.peek()?;
        if matches!(
            token.kind,
            TokenKind::Directive(_) | TokenKind::DocumentStart | TokenKind::DocumentEnd | TokenKind::StreamEnd
        ) {
            let start = token.start;
            let following = self.leave();
            return Ok(self.nothing(start, following));
        }
        self.node(Context::Block)
    }

    pub(super) fn document_end(&mut self) -> Step<Event> {
        let token = self.scanner.peek()?;
        let start = token.start;
        let mut end = start;
        if token.kind == TokenKind::DocumentEnd {
            end = self.scanner.next()?.end;
        }
        self.state = State::Document;
        Ok(event(EventKind::DocumentEnd, start, end))
    }
}
