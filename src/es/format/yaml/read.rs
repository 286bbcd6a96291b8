//! Reads YAML, event by event. An alias is the text of its anchor's name, as for Jackson, so that nothing is said twice.

use std::panic::{AssertUnwindSafe, catch_unwind};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libyaml_safer::{
    Encoding, Error, ErrorKind, Event, EventData, MappingStyle, Mark, Parser, ScalarStyle, SequenceStyle,
};

use super::blocks::Blocks;
use super::scalar::{Scalar, resolve};
use super::surrogates::Disguise;
use crate::es::format::LATER_JACKSON;
use crate::es::json::{Broken, Document, FaultKind, MAX_NUMBER_DIGITS, Place, Stop, Tape, YamlPart};
use crate::es::version::Version;

/// The longest text that is read, in bytes. Later versions of Elasticsearch read no more characters than that.
const MAX_BYTES: usize = 3 * 1024 * 1024;

/// From this version on a number has [`MAX_NUMBER_DIGITS`] at most.
const LIMITS_NUMBERS: Version = Version::new(8, 10, 0);

const FIRST: Place = Place {
    line: Some(1),
    column: 1,
};

/// Reads a body to the end of its first document, or to what is wrong with it.
pub(in crate::es::format) fn read(body: &[u8], api: Version) -> Document<'static> {
    let mut reader = Reader {
        disguise: Disguise::of(body.get(..MAX_BYTES).unwrap_or(body)),
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

struct Reader<'b> {
    disguise: Disguise<'b>,
    /// Where the last event starts.
    start: Place,
    /// Where it ends.
    end: Place,
    tape: Tape,
    api: Version,
}

type Step<T> = Result<T, FaultKind>;

impl Reader<'_> {
    fn document(&mut self, body: &[u8]) -> Step<()> {
        if body.len() > MAX_BYTES {
            return Err(FaultKind::TooLong);
        }
        let mut parser = Parser::new();
        parser.set_encoding(Encoding::Utf8);
        let mut disguised = self.disguise.body.clone();
        // The library panics at an escape of nothing, and is as wrong for Elasticsearch's reader as one of a line end.
        if disguised.ends_with(b"\\") {
            disguised.to_mut().push(b'\n');
        }
        let mut blocks = Blocks::of(&disguised, self.api);
        let unreadable = blocks.fault();
        parser.set_input(&mut blocks);
        let unended = end_of_unended_line(body);
        // The library panics where it has no answer, such as at a comma directly behind a tag.
        let mut next = || match catch_unwind(AssertUnwindSafe(|| parser.parse())) {
            Ok(event) => event.map_err(|error| fault(&error, unreadable)),
            Err(_) => Err(FaultKind::Yaml {
                part: YamlPart::Scanner,
                message: "nothing is expected behind a tag but a blank".to_owned(),
            }),
        };
        let (mut ahead, mut brackets) = (None, 0_i32);
        while self.tape.is_empty() || self.tape.depth() > 0 {
            let event = ahead.take().unwrap_or_else(&mut next)?;
            // Later readers have read the first token behind the brackets before they tell that those end.
            brackets += bracket(&event);
            if self.api >= LATER_JACKSON && brackets == 0 && bracket(&event) < 0 {
                let following = next();
                let is_misread =
                    |kind: &FaultKind| matches!(kind, FaultKind::Yaml { part, .. } if *part != YamlPart::Parser);
                if let Err(kind) = &following
                    && is_misread(kind)
                {
                    return Err(kind.clone());
                }
                ahead = Some(following);
            }
            // The library ends a last line that has no end; Elasticsearch does not.
            let within = |place: Place| unended.map_or(place, |end| place.min(end));
            self.start = within(place(event.start_mark));
            self.end = within(place(event.end_mark));
            if event.data == EventData::StreamEnd {
                return Ok(());
            }
            self.event(event)?;
        }
        Ok(())
    }

    fn event(&mut self, event: Event) -> Step<()> {
        match event.data {
            EventData::MappingEnd | EventData::SequenceEnd => {
                self.tape.end(self.start);
                Ok(())
            }
            EventData::Scalar { value, .. } if self.tape.wants_name() => {
                self.tape.name(&self.disguise.text(&value), self.start)
            }
            EventData::MappingStart { .. } | EventData::SequenceStart { .. } | EventData::Alias { .. }
                if self.tape.wants_name() =>
            {
                Err(FaultKind::Unexpected {
                    found: "a list, a mapping or an alias".to_owned(),
                    expected: "a name",
                })
            }
            EventData::MappingStart { .. } => self.tape.begin_object(self.start),
            EventData::SequenceStart { .. } => self.tape.begin_list(self.start),
            EventData::Alias { anchor } => self.tape.string(&anchor.as_str().into(), self.start),
            EventData::Scalar { value, tag, style, .. } => {
                // The library counts what follows a plain scalar to it.
                if style == ScalarStyle::Plain && !value.is_empty() && self.end.line != self.start.line {
                    let column = self.start.column + value.chars().count();
                    self.end = Place { column, ..self.start };
                }
                let scalar = resolve(&value, tag.as_deref(), style == ScalarStyle::Plain, self.api);
                self.scalar(&value, scalar)
            }
            EventData::StreamStart { .. }
            | EventData::StreamEnd
            | EventData::DocumentStart { .. }
            | EventData::DocumentEnd { .. } => Ok(()),
        }
    }

    /// How many digits a number has, if they are too many for the version.
    fn too_many_digits(&self, value: &str) -> Option<usize> {
        let digits = value.bytes().filter(|byte| *byte != b'_').count();
        (self.api >= LIMITS_NUMBERS && digits > MAX_NUMBER_DIGITS).then_some(digits)
    }

    fn scalar(&mut self, value: &str, scalar: Scalar) -> Step<()> {
        let (start, end) = (self.start, self.end);
        match scalar {
            Scalar::Text => self.tape.string(&self.disguise.text(value), start),
            Scalar::Null => self.tape.null(start),
            Scalar::Boolean(value) => self.tape.boolean(value, start),
            Scalar::Number(number) => match self.too_many_digits(value) {
                Some(digits) => {
                    self.tape.broken(Broken::Number, start)?;
                    Err(FaultKind::LongNumber(digits))
                }
                None => self.tape.number(&number, start, end),
            },
            Scalar::NoNumber => {
                self.tape.broken(Broken::Number, start)?;
                Err(FaultKind::NumberForm(value.to_owned()))
            }
            Scalar::Binary if STANDARD.decode(value).is_ok() => self.tape.binary(value, start),
            Scalar::Binary => {
                self.tape.broken(Broken::Binary, start)?;
                Err(FaultKind::String("it is no Base64"))
            }
        }
    }
}

/// Whether an event begins (1) or ends (-1) a list or a mapping that is written in brackets.
fn bracket(event: &Event) -> i32 {
    let is_written = event.start_mark != event.end_mark;
    match event.data {
        EventData::MappingEnd | EventData::SequenceEnd if is_written => -1,
        EventData::MappingStart {
            style: MappingStyle::Flow,
            ..
        }
        | EventData::SequenceStart {
            style: SequenceStyle::Flow,
            ..
        } => 1,
        _ => 0,
    }
}

fn place(mark: Mark) -> Place {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).saturating_add(1);
    Place {
        line: Some(number(mark.line)),
        column: number(mark.column),
    }
}

/// The place behind a text whose last line has no end.
fn end_of_unended_line(body: &[u8]) -> Option<Place> {
    let text = String::from_utf8_lossy(body);
    let lines = text.replace("\r\n", "\n");
    let mut lines = lines.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
    let last = lines.next_back().filter(|last| !last.is_empty())?;
    Some(Place {
        line: Some(lines.count() + 1),
        column: last.chars().count() + 1,
    })
}

fn fault(error: &Error, unreadable: Option<YamlPart>) -> FaultKind {
    let part = match error.kind() {
        ErrorKind::Scanner => YamlPart::Scanner,
        ErrorKind::Parser | ErrorKind::Composer | ErrorKind::Emitter => YamlPart::Parser,
        ErrorKind::Reader | ErrorKind::Io => unreadable.unwrap_or(YamlPart::Reader),
    };
    let message = match part {
        YamlPart::Character | YamlPart::CutCharacter => "invalid UTF-8".to_owned(),
        _ => error.to_string(),
    };
    FaultKind::Yaml { part, message }
}

#[cfg(test)]
mod tests;
