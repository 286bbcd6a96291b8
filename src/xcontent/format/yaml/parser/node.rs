//! Values: what they are begun by, and the tags and anchors before them.

use super::{Parser, State, event, fault};
use crate::xcontent::format::yaml::scanner::Step;
use crate::xcontent::format::yaml::token::{Event, EventKind, Mark, Token, TokenKind};

/// Where a value may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Flow,
    Block,
    /// The same, behind a name, where a list need not be indented.
    BlockMember,
}

/// What stands before a value.
struct Properties {
    tag: Option<String>,
    /// Where the first of them starts and the last ends.
    place: Option<(Mark, Mark)>,
}

impl Parser<'_> {
    /// A value: an alias, or tag and anchor in either order and what they belong to.
    pub(super) fn node(&mut self, context: Context) -> Step<Event> {
        if matches!(self.scanner.peek()?.kind, TokenKind::Alias(_)) {
            let Token { kind, start, end } = self.scanner.next()?;
            self.state = self.leave();
            let name = match kind {
                TokenKind::Alias(name) => name,
                _ => String::new(),
            };
            return Ok(event(EventKind::Alias(name), start, end));
        }
        let properties = self.properties()?;
        self.content(context, properties)
    }

    fn properties(&mut self) -> Step<Properties> {
        let (mut has_anchor, mut tag, mut place) = (false, None, None);
        for _ in 0..2 {
            match self.scanner.peek()?.kind {
                TokenKind::Anchor if !has_anchor => has_anchor = true,
                TokenKind::Tag { .. } if tag.is_none() => {}
                _ => break,
            }
            let token = self.scanner.next()?;
            place = Some((place.map_or(token.start, |(start, _)| start), token.end));
            if let TokenKind::Tag { handle, suffix } = token.kind {
                tag = Some((handle, suffix, token.start));
            }
        }
        let tag = match tag {
            Some((Some(handle), suffix, start)) => {
                let prefix = self.tags.get(&handle);
                let prefix = prefix.ok_or_else(|| fault("a tag has a handle that stands for something", start))?;
                Some(format!("{prefix}{suffix}"))
            }
            Some((None, suffix, _)) => Some(suffix),
            None => None,
        };
        Ok(Properties { tag, place })
    }

    fn content(&mut self, context: Context, properties: Properties) -> Step<Event> {
        let token = self.scanner.peek()?;
        let (token_start, token_end) = (token.start, token.end);
        let (start, end) = properties.place.unwrap_or((token_start, token_start));
        let (kind, end, state) = match token.kind {
            TokenKind::BlockEntry if context == Context::BlockMember => {
                (EventKind::SequenceStart, token_end, State::IndentlessEntry)
            }
            TokenKind::Scalar { .. } => return self.scalar(properties.tag, start),
            TokenKind::FlowSequenceStart => (EventKind::SequenceStart, token_end, State::FlowSequenceFirst),
            TokenKind::FlowMappingStart => (EventKind::MappingStart, token_end, State::FlowMappingFirst),
            TokenKind::BlockSequenceStart if context != Context::Flow => {
                (EventKind::SequenceStart, token_start, State::BlockSequenceFirst)
            }
            TokenKind::BlockMappingStart if context != Context::Flow => {
                (EventKind::MappingStart, token_start, State::BlockMappingFirst)
            }
            _ if properties.place.is_some() => {
                let scalar = EventKind::Scalar {
                    text: String::new(),
                    tag: properties.tag,
                    is_plain: true,
                };
                (scalar, end, self.leave())
            }
            _ => return Err(fault("a value stands here", token_start)),
        };
        self.state = state;
        Ok(event(kind, start, end))
    }

    fn scalar(&mut self, tag: Option<String>, start: Mark) -> Step<Event> {
        let Token { kind, end, .. } = self.scanner.next()?;
        let (text, is_plain) = match kind {
            TokenKind::Scalar { text, is_plain } => (text, is_plain),
            _ => (String::new(), true),
        };
        self.state = self.leave();
        Ok(event(EventKind::Scalar { text, tag, is_plain }, start, end))
    }
}
