//! Tokens that single characters stand for, and what they say of names and blocks.

use super::{Scanner, Step, Token, TokenKind};

impl Scanner<'_> {
    pub(super) fn stream_end(&mut self) -> Step<()> {
        self.end_document()?;
        self.keys.clear();
        self.tokens
            .push_back(Token::at(self.cursor.mark(), TokenKind::StreamEnd));
        self.is_at_end = true;
        Ok(())
    }

    pub(super) fn document_mark(&mut self, kind: TokenKind) -> Step<()> {
        self.end_document()?;
        self.indicator(kind, 3);
        Ok(())
    }

    /// Ends all blocks.
    pub(super) fn end_document(&mut self) -> Step<()> {
        self.end_blocks_above(0);
        self.remove_key()?;
        self.allows_key = false;
        Ok(())
    }

    pub(super) fn flow_start(&mut self, kind: TokenKind) -> Step<()> {
        self.save_key()?;
        self.flow_level += 1;
        self.allows_key = true;
        self.indicator(kind, 1);
        Ok(())
    }

    pub(super) fn flow_end(&mut self, kind: TokenKind) -> Step<()> {
        self.remove_key()?;
        self.flow_level -= 1;
        self.allows_key = false;
        self.indicator(kind, 1);
        Ok(())
    }

    pub(super) fn flow_entry(&mut self) -> Step<()> {
        self.allows_key = true;
        self.remove_key()?;
        self.indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    pub(super) fn block_entry(&mut self) -> Step<()> {
        if self.flow_level == 0 {
            if !self.allows_key {
                return Err(self.fault("no element of a list stands here"));
            }
            self.begin_block(TokenKind::BlockSequenceStart);
        }
        self.allows_key = true;
        self.remove_key()?;
        self.indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    pub(super) fn key(&mut self) -> Step<()> {
        if self.flow_level == 0 {
            if !self.allows_key {
                return Err(self.fault("no name stands here"));
            }
            self.begin_block(TokenKind::BlockMappingStart);
        }
        self.allows_key = self.flow_level == 0;
        self.remove_key()?;
        self.indicator(TokenKind::Key, 1);
        Ok(())
    }

    /// A colon, which makes the token before it a name, if there is one.
    pub(super) fn value(&mut self) -> Step<()> {
        if let Some(key) = self.take_key() {
            let place = key.token.saturating_sub(self.taken).min(self.tokens.len());
            self.tokens.insert(place, Token::at(key.mark, TokenKind::Key));
            if self.flow_level == 0 && self.begins_block(key.mark.column) {
                self.tokens
                    .insert(place, Token::at(key.mark, TokenKind::BlockMappingStart));
            }
            self.allows_key = false;
        } else {
            if self.flow_level == 0 {
                if !self.allows_key {
                    return Err(self.fault("no value of a name stands here"));
                }
                self.begin_block(TokenKind::BlockMappingStart);
            }
            self.allows_key = self.flow_level == 0;
            self.remove_key()?;
        }
        self.indicator(TokenKind::Value, 1);
        Ok(())
    }

    /// Begins a block here, unless it has begun.
    fn begin_block(&mut self, kind: TokenKind) {
        if self.begins_block(self.cursor.column()) {
            self.tokens.push_back(Token::at(self.cursor.mark(), kind));
        }
    }
}
