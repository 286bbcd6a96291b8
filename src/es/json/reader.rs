//! The reader: text to tape, without recursion, in time linear in the text.
//!
//! It accepts what Jackson accepts with Elasticsearch's flags: comments, anything after the first value, strings with
//! lone surrogates; and refuses what that refuses: duplicate names, trailing commas, raw control characters.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{Entry, EntryKind, MAX_BYTES, MAX_DEPTH, OPEN, text};

/// Where and why a text stopped being JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// The byte at which it was found.
    pub offset: usize,
    /// The byte that Elasticsearch names: where the last token it had begun to read starts. None before the first.
    pub token: Option<usize>,
}

/// What can be wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The text ends inside a value.
    #[error("the text ends before its value is complete")]
    EndOfText,
    /// A character that no value, name or separator starts with here.
    #[error("unexpected {found}: expected {expected}")]
    Unexpected {
        /// What stands there.
        found: String,
        /// What would have been right.
        expected: &'static str,
    },
    /// An object with two members of one name.
    #[error("duplicate field '{0}'")]
    DuplicateName(String),
    /// A number such as `01` or `1.`.
    #[error("malformed number: {0}")]
    Number(&'static str),
    /// A string with a raw control character or an unknown escape.
    #[error("malformed string: {0}")]
    String(&'static str),
    /// Bytes that are not UTF-8.
    #[error("invalid UTF-8")]
    Encoding,
    /// More levels than [`MAX_DEPTH`].
    #[error("nesting is deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// A longer text than [`MAX_BYTES`].
    #[error("the text is too long")]
    TooLong,
}

/// From this many members on, an object's names are looked up in a set instead of being compared one by one.
const FEW_NAMES: usize = 16;

/// Reads a text. `whole` says that the text was not cut off at an invalid byte.
pub(super) fn read(text: &str, whole: bool) -> (Vec<Entry>, Option<Fault>) {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        whole,
        entries: Vec::with_capacity(text.len() / 16 + 8),
        open: Vec::new(),
        token: None,
    };
    if text.len() > MAX_BYTES {
        let fault = Fault {
            kind: FaultKind::TooLong,
            offset: 0,
            token: None,
        };
        return (Vec::new(), Some(fault));
    }
    let fault = reader.document().err();
    let after = index(reader.entries.len());
    for entry in reader.entries.iter_mut().filter(|entry| entry.next == OPEN) {
        entry.next = after;
    }
    (reader.entries, fault)
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    whole: bool,
    entries: Vec<Entry>,
    open: Vec<Container<'t>>,
    /// Where the last token starts, as Elasticsearch's parser remembers it.
    token: Option<usize>,
}

/// An object or list that is being read.
struct Container<'t> {
    entry: usize,
    is_object: bool,
    members: usize,
    /// The names so far, once they are many.
    names: Option<HashSet<Cow<'t, [u8]>>>,
}

type Step<T> = Result<T, Fault>;

impl Reader<'_> {
    fn document(&mut self) -> Step<()> {
        self.skip_blanks()?;
        if self.peek().is_none() {
            return if self.whole { Ok(()) } else { Err(self.end_of_text()) };
        }
        self.value()?;
        while let Some(container) = self.open.last() {
            let is_first = container.members == 0;
            let (is_object, closing) = (container.is_object, if container.is_object { b'}' } else { b']' });
            self.skip_blanks()?;
            match self.peek() {
                None => return Err(self.end_of_text()),
                Some(byte) if byte == closing => self.close(),
                Some(b'}' | b']') => {
                    self.token = Some(self.at);
                    return Err(self.unexpected("the closing bracket that matches the opening one"));
                }
                Some(byte) => {
                    if !is_first {
                        if byte != b',' {
                            return Err(self.unexpected("a comma between entries"));
                        }
                        self.at += 1;
                        self.skip_blanks()?;
                        if self.peek().is_none() {
                            return Err(self.unexpected_end("an entry after the comma"));
                        }
                    }
                    if is_object {
                        self.name()?;
                    }
                    if let Some(container) = self.open.last_mut() {
                        container.members += 1;
                    }
                    self.value()?;
                }
            }
        }
        Ok(())
    }

    /// Reads a member's name and the colon after it.
    fn name(&mut self) -> Step<()> {
        match self.peek() {
            None => return Err(self.end_of_text()),
            Some(b'"') => {}
            Some(_) => return Err(self.unexpected("a field name in double quotes")),
        }
        let start = self.at;
        let escaped = self.string()?;
        let end = self.at - 1;
        self.refuse_duplicate(start, end, escaped)?;
        self.token = Some(start);
        self.push(EntryKind::Name, start, end, 1);
        self.skip_blanks()?;
        match self.peek() {
            None => return Err(self.end_of_text()),
            Some(b':') => self.at += 1,
            Some(_) => return Err(self.unexpected("a colon between field name and value")),
        }
        self.skip_blanks()
    }

    fn refuse_duplicate(&mut self, start: usize, end: usize, escaped: bool) -> Step<()> {
        let raw = self.text.get(start + 1..end).unwrap_or_default();
        let name = if escaped {
            Cow::Owned(text::units(raw))
        } else {
            Cow::Borrowed(raw.as_bytes())
        };
        let Some(container) = self.open.last_mut() else {
            return Ok(());
        };
        let is_new = if let Some(names) = &mut container.names {
            names.insert(name)
        } else {
            let earlier = names_of(&self.entries, container.entry, self.text);
            if container.members < FEW_NAMES {
                let mut earlier = earlier;
                earlier.all(|earlier| earlier != name)
            } else {
                let mut names: HashSet<_> = earlier.collect();
                let is_new = names.insert(name);
                container.names = Some(names);
                is_new
            }
        };
        if is_new {
            return Ok(());
        }
        let (name, _) = text::decode(raw);
        Err(self.fault(FaultKind::DuplicateName(name), end + 1))
    }

    /// Reads a scalar whole, and of an object or list its opening bracket.
    fn value(&mut self) -> Step<()> {
        let in_object = self.open.last().is_some_and(|container| container.is_object);
        let start = self.at;
        // In a list even a broken value counts as a token; in an object the name before it is still the last one.
        if !in_object {
            self.token = Some(start);
        }
        let Some(byte) = self.peek() else {
            return Err(self.end_of_text());
        };
        match byte {
            b'{' | b'[' => {
                if self.open.len() >= MAX_DEPTH {
                    return Err(self.fault(FaultKind::TooDeep, start));
                }
                let kind = if byte == b'{' {
                    EntryKind::Object
                } else {
                    EntryKind::Array
                };
                self.open.push(Container {
                    entry: self.entries.len(),
                    is_object: byte == b'{',
                    members: 0,
                    names: None,
                });
                self.entries.push(Entry {
                    kind,
                    start: index(start),
                    end: OPEN,
                    next: OPEN,
                });
                self.at += 1;
            }
            b'"' => {
                // The token is there before its characters are looked at, so that what is wrong with its kind is
                // told before what is wrong with its text.
                self.token = Some(start);
                let entry = self.entries.len();
                self.push(EntryKind::String { escaped: false }, start, OPEN as usize, 1);
                let escaped = self.string()?;
                let end = index(self.at - 1);
                if let Some(entry) = self.entries.get_mut(entry) {
                    entry.end = end;
                    entry.kind = EntryKind::String { escaped };
                }
            }
            b't' => self.literal("true", EntryKind::True)?,
            b'f' => self.literal("false", EntryKind::False)?,
            b'n' => self.literal("null", EntryKind::Null)?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return Err(self.no_value()),
        }
        self.token = Some(start);
        Ok(())
    }

    fn close(&mut self) {
        let next = index(self.entries.len());
        if let Some(container) = self.open.pop()
            && let Some(entry) = self.entries.get_mut(container.entry)
        {
            entry.end = index(self.at);
            entry.next = next;
        }
        self.token = Some(self.at);
        self.at += 1;
    }

    /// Reads a string from its opening quote to past its closing one; whether it has escapes.
    fn string(&mut self) -> Step<bool> {
        let mut at = self.at + 1;
        let mut escaped = false;
        loop {
            match self.bytes.get(at) {
                None => {
                    self.at = at;
                    return Err(self.end_of_text());
                }
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    at += self.escape_length(at)?;
                }
                Some(0..0x20) => return Err(self.fault(FaultKind::String("raw control character"), at)),
                Some(_) => at += 1,
            }
        }
        self.at = at + 1;
        Ok(escaped)
    }

    fn escape_length(&self, at: usize) -> Step<usize> {
        match self.bytes.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
            Some(b'u') => {
                let rest = self.bytes.get(at + 2..).unwrap_or_default();
                let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
                match (digits, rest.get(digits)) {
                    (4, _) => Ok(6),
                    (_, None) => Err(self.end_of_text()),
                    (_, Some(_)) => {
                        let kind = FaultKind::String("a \\u escape needs four hexadecimal digits");
                        Err(self.fault(kind, at + 2 + digits))
                    }
                }
            }
            Some(_) => Err(self.fault(FaultKind::String("unknown escape"), at + 1)),
            None => Err(self.end_of_text()),
        }
    }

    fn literal(&mut self, word: &str, kind: EntryKind) -> Step<()> {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.no_value());
        }
        let end = start + word.len();
        let goes_on = self
            .bytes
            .get(end)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        if goes_on {
            return Err(self.no_value());
        }
        self.push(kind, start, end - 1, 1);
        self.at = end;
        Ok(())
    }

    fn number(&mut self) -> Step<()> {
        let start = self.at;
        if self.bytes.get(start) == Some(&b'-') {
            self.at += 1;
        }
        let whole = self.digits();
        if whole == 0 {
            return Err(self.number_fault("no digit after the sign"));
        }
        if whole > 1 && self.bytes.get(self.at - whole) == Some(&b'0') {
            return Err(self.number_fault("leading zeros are not allowed"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.fault(FaultKind::Number("no digit after the decimal point"), self.at));
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.number_fault("no digit in the exponent"));
            }
        }
        // A number that stands alone must end where a blank or the text does.
        let is_root = self.open.is_empty();
        if is_root
            && self
                .peek()
                .is_some_and(|next| !matches!(next, b' ' | b'\t' | b'\n' | b'\r'))
        {
            return Err(self.unexpected("a blank after the number"));
        }
        self.push(EntryKind::Number, start, self.at - 1, 1);
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        count
    }

    fn number_fault(&self, what: &'static str) -> Fault {
        if self.peek().is_none() {
            self.end_of_text()
        } else {
            self.fault(FaultKind::Number(what), self.at)
        }
    }

    /// Skips blanks and comments.
    fn skip_blanks(&mut self) -> Step<()> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/') => self.comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Step<()> {
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        match rest.first() {
            Some(b'*') => {
                let body = self.text.get(self.at + 2..).unwrap_or_default();
                let Some(length) = body.find("*/") else {
                    self.at = self.bytes.len();
                    return Err(self.end_of_text());
                };
                self.at += 2 + length + 2;
                Ok(())
            }
            Some(b'/') => {
                let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                self.at += 1 + length.unwrap_or(rest.len());
                Ok(())
            }
            None => {
                self.at = self.bytes.len();
                Err(self.end_of_text())
            }
            Some(_) => Err(self.unexpected("a comment")),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn push(&mut self, kind: EntryKind, start: usize, end: usize, length: usize) {
        self.entries.push(Entry {
            kind,
            start: index(start),
            end: index(end),
            next: index(self.entries.len() + length),
        });
    }

    fn fault(&self, kind: FaultKind, offset: usize) -> Fault {
        Fault {
            kind,
            offset,
            token: self.token,
        }
    }

    fn end_of_text(&self) -> Fault {
        let kind = if self.whole {
            FaultKind::EndOfText
        } else {
            FaultKind::Encoding
        };
        self.fault(kind, self.bytes.len())
    }

    fn unexpected_end(&self, expected: &'static str) -> Fault {
        if self.whole {
            self.unexpected(expected)
        } else {
            self.end_of_text()
        }
    }

    /// A fault at what stands here.
    fn unexpected(&self, expected: &'static str) -> Fault {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let word: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .take(40)
            .collect();
        let found = match rest.chars().next() {
            None => "end of the text".to_owned(),
            Some(_) if !word.is_empty() => format!("token '{word}'"),
            Some(character) => format!("character '{}'", character.escape_default()),
        };
        self.fault(FaultKind::Unexpected { found, expected }, self.at)
    }

    /// A fault at a word that is no value. Elasticsearch reads past the word before it says so.
    fn no_value(&self) -> Fault {
        let mut fault = self.unexpected("a value");
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(|first: char| first.is_alphabetic() || first == '_') {
            let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            fault.offset = length.map_or(self.bytes.len(), |length| self.at + length + 1);
        }
        fault
    }
}

/// The names of the members that an object has so far, decoded.
fn names_of<'t>(entries: &[Entry], object: usize, text: &'t str) -> impl Iterator<Item = Cow<'t, [u8]>> {
    let mut at = object + 1;
    std::iter::from_fn(move || {
        let name = entries.get(at)?;
        let value = entries.get(at + 1)?;
        at = value.next as usize;
        let raw = text.get(name.start as usize + 1..name.end as usize).unwrap_or_default();
        Some(if raw.contains('\\') {
            Cow::Owned(text::units(raw))
        } else {
            Cow::Borrowed(raw.as_bytes())
        })
    })
}

/// A place or count as the tape keeps it. Texts are shorter than 2³¹ bytes, and so is the tape.
fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(OPEN)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::Document;
    use super::*;

    fn fault_of(text: &str) -> Option<Fault> {
        Document::read(text.as_bytes()).fault().cloned()
    }

    /// Contract job.md §2, JSON dialect, and http.md §2.5.
    #[test]
    fn reads_the_dialect_and_nothing_more() {
        for accepted in [
            "{/* a */\"a\"// b\n:1/**/}",
            r#"{"a":"\ud800"}"#,
            r#"{"a":1e999,"b":-0.0E+1}"#,
            r#"{"a":[],"b":{},"c":null,"d":true,"e":false}"#,
            "{} x",
            "// c",
        ] {
            assert_eq!(fault_of(accepted), None, "{accepted}");
        }
        for refused in [
            "{'a':1}",
            "{a:1}",
            r#"{"a":1,}"#,
            "[1,]",
            "[,]",
            r#"{"a":NaN}"#,
            r#"{"a":01}"#,
            r#"{"a":+1}"#,
            r#"{"a":.5}"#,
            r#"{"a":1.}"#,
            "{\"a\":\"\t\"}",
            r#"{"a":"\x"}"#,
            "# c\n{}",
            r#"{"a" 1}"#,
            "{",
            "[",
            "tru",
            r#"{"a":1"#,
            r#"{"a":"#,
            r#"{"a"#,
            "[1 2]",
            "{]",
            "[}",
            "/* c",
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"\u0061":2}"#,
        ] {
            assert!(fault_of(refused).is_some(), "{refused}");
        }
        assert!(Document::read(b"{\"a\":\"\xFF\"}").fault().is_some());
    }

    /// The token that a fault names, as seen with Elasticsearch's own reader.
    #[test]
    fn faults_name_the_last_token() {
        for (text, token) in [
            (r#"{"groups":["a"], x"#, 14),
            (r#"{"groups":["a", x]}"#, 16),
            (r#"{"groups":["a" "b"]}"#, 11),
            (r#"{"description":"b\q"}"#, 15),
            (r#"{"description":tru}"#, 1),
            (r#"{"foo" 5}"#, 1),
            (r#"{"description":"a", "description":"b"}"#, 15),
            (r#"{"custom_settings":{"a":[1,2}}"#, 28),
        ] {
            assert_eq!(fault_of(text).expect("a fault").token, Some(token), "{text}");
        }
    }

    #[test]
    fn finds_a_duplicate_among_many_names() {
        let mut text = String::from("{");
        for index in 0..5000 {
            write!(text, "\"n{index}\":0,").expect("text is written");
        }
        assert_eq!(fault_of(&format!("{text}\"last\":1}}")), None);
        let fault = fault_of(&format!("{text}\"n4000\":1}}")).expect("a fault");
        assert_eq!(fault.kind, FaultKind::DuplicateName("n4000".to_owned()));
    }

    #[test]
    fn a_thousand_levels_are_read_and_one_more_is_not() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(fault_of(&nested(MAX_DEPTH)), None);
        assert_eq!(
            fault_of(&nested(MAX_DEPTH + 1)).expect("a fault").kind,
            FaultKind::TooDeep
        );
        assert_eq!(
            fault_of(&"[".repeat(1_000_000)).expect("a fault").kind,
            FaultKind::TooDeep
        );
    }
}
