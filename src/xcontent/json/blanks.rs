//! What stands between tokens: blanks, line ends and comments.

use super::reader::{Reader, Step};

impl Reader<'_> {
    /// Skips blanks and comments.
    #[inline]
    pub(super) fn skip_blanks(&mut self) -> Step<()> {
        // Between most tokens there are none.
        match self.peek() {
            Some(b'0'..=b'~' | b'!'..=b'.') => Ok(()),
            _ => self.skip_some_blanks(),
        }
    }

    fn skip_some_blanks(&mut self) -> Step<()> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/') => self.comment()?,
                Some(0..0x20) => {
                    let mut fault = self.unexpected("white space or a token");
                    fault.read_on = 0;
                    fault.offset += 1;
                    return Err(fault);
                }
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Step<()> {
        let line = match self.bytes.get(self.at + 1) {
            Some(b'*') => false,
            Some(b'/') => true,
            None if self.rest.is_empty() => {
                self.at = self.bytes.len();
                return Err(self.end_of_text());
            }
            _ => {
                // It is the character after the slash that is wrong.
                self.at += 1;
                return Err(self.unexpected("a comment"));
            }
        };
        self.at += 2;
        loop {
            match self.peek() {
                Some(b'\n' | b'\r') if line => return Ok(()),
                Some(b'*') if !line && self.bytes.get(self.at + 1) == Some(&b'/') => {
                    self.at += 2;
                    return Ok(());
                }
                None if line && self.is_whole() => return Ok(()),
                None => return Err(self.end_of_string()),
                Some(b'\t' | b'\n' | b'\r' | 0x20..) => self.at += 1,
                Some(_) => {
                    let mut fault = self.unexpected("no control character");
                    fault.read_on = 0;
                    fault.offset += 1;
                    return Err(fault);
                }
            }
        }
    }
}
