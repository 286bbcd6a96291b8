//! Reads YAML, event by event. An alias is the text of its anchor's name, as for Jackson, so that nothing is said twice.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::blocks::Blocks;
use super::number::Number;
use super::parser::Parser;
use super::scalar::{Scalar, resolve};
use super::scanner::Dialect;
use super::token::{Event, EventKind};
use crate::xcontent::json::{Broken, Document, FaultKind, MAX_NUMBER_DIGITS, Place, Stop, Tape, Text};
use crate::xcontent::utf16;
use crate::xcontent::version::Version;

/// The longest text that is read, in bytes. Later versions of Elasticsearch read no more characters than that.
const MAX_BYTES: usize = 3 * 1024 * 1024;

/// From this version on a number has [`MAX_NUMBER_DIGITS`] at most.
const LIMITS_NUMBERS: Version = Version::new(8, 10, 0);

const FIRST: Place = Place {
    line: Some(1),
    column: 1,
};

/// Reads a body to the end of its first document, or to what is wrong with it.
pub(in crate::xcontent::format) fn read(body: &[u8], api: Version) -> Document<'static> {
    let mut reader = Reader {
        start: FIRST,
        end: FIRST,
        tape: Tape::default(),
        api,
    };
    let stop = reader.document(body).err().map(|kind| Stop {
        kind,
        at: reader.end,
        token: reader.start,
    });
    reader.tape.finish(stop, reader.end)
}

struct Reader {
    /// Where the last event starts.
    start: Place,
    /// Where it ends.
    end: Place,
    tape: Tape,
    api: Version,
}

type Step<T> = Result<T, FaultKind>;

impl Reader {
    fn document(&mut self, body: &[u8]) -> Step<()> {
        if body.len() > MAX_BYTES {
            return Err(FaultKind::TooLong);
        }
        let mut parser = Parser::new(&Blocks::of(body, self.api), Dialect::of(self.api));
        while self.tape.is_empty() || self.tape.depth() > 0 {
            let event = parser.next()?;
            self.start = event.start.into();
            self.end = event.end.into();
            if event.kind == EventKind::StreamEnd {
                return Ok(());
            }
            self.event(event)?;
        }
        Ok(())
    }

    fn event(&mut self, event: Event) -> Step<()> {
        match event.kind {
            EventKind::MappingEnd | EventKind::SequenceEnd => {
                self.tape.end(self.start);
                Ok(())
            }
            EventKind::Scalar { text, .. } if self.tape.wants_name() => self.tape.name(&units(&text), self.start),
            EventKind::MappingStart | EventKind::SequenceStart | EventKind::Alias(_) if self.tape.wants_name() => {
                Err(FaultKind::Unexpected {
                    found: "a list, a mapping or an alias".to_owned(),
                    expected: "a name",
                })
            }
            EventKind::MappingStart => self.tape.begin_object(self.start),
            EventKind::SequenceStart => self.tape.begin_list(self.start),
            EventKind::Alias(name) => self.tape.string(&name.as_str().into(), self.start),
            EventKind::Scalar { text, tag, is_plain } => {
                let scalar = resolve(&text, tag.as_deref(), is_plain, self.api);
                self.scalar(&text, scalar)
            }
            EventKind::StreamEnd | EventKind::DocumentStart | EventKind::DocumentEnd => Ok(()),
        }
    }

    /// How many digits a number has, if they are too many for the version.
    fn too_many_digits(&self, value: &str) -> Option<usize> {
        let digits = digits(value);
        (self.api >= LIMITS_NUMBERS && digits > MAX_NUMBER_DIGITS).then_some(digits)
    }

    fn number(&mut self, value: &str, number: Number) -> Step<()> {
        let (start, end) = (self.start, self.end);
        let broken = match number {
            Number::Of(number) => match self.too_many_digits(value) {
                Some(digits) => FaultKind::LongNumber(digits),
                None if number == value => return self.tape.number(&number, start, end),
                None => return self.tape.number_written((&number, value), start, end),
            },
            Number::Unreadable => FaultKind::NumberForm(value.to_owned()),
            Number::TooLong => FaultKind::LongNumber(digits(value)),
            Number::Malformed => return Err(FaultKind::Number("its digits are not those of its base")),
        };
        self.tape.broken(Broken::Number, start)?;
        Err(broken)
    }

    fn scalar(&mut self, value: &str, scalar: Scalar) -> Step<()> {
        let start = self.start;
        match scalar {
            Scalar::Text => self.tape.string(&units(value), start),
            Scalar::Null => self.tape.null(start),
            Scalar::Boolean(value) => self.tape.boolean(value, start),
            Scalar::Number(number) => self.number(value, number),
            Scalar::Binary if STANDARD.decode(value).is_ok() => self.tape.binary(value, start),
            Scalar::Binary => Err(FaultKind::String("it is no Base64")),
        }
    }
}

/// A text as the tape takes it.
fn units(text: &str) -> Text<'_> {
    if text.chars().any(|character| utf16::surrogate(character).is_some()) {
        Text::Units(utf16::units(text).collect())
    } else {
        text.into()
    }
}

fn digits(number: &str) -> usize {
    number.bytes().filter(|byte| *byte != b'_').count()
}

#[cfg(test)]
mod tests;
