//! Writes CBOR as Jackson does: objects and lists without a length, each number as short as it can be, later.

use std::convert::Infallible;

use minicbor::data::Tag;
use minicbor::encode::{Encoder, Error};

use crate::xcontent::format::piecewise::{self, Place};
use crate::xcontent::format::{LATER_JACKSON, LONGEST_INTEGER, MIDDLE_JACKSON, big_integer, whole_characters};
use crate::xcontent::json::{Lexeme, Lexemes};
use crate::xcontent::version::Version;

/// The most units of UTF-16 that are written at once; a longer string is written in chunks.
const LONGEST_CHUNK: usize = 3996;

/// The longest string whose length is in its first byte.
const LONGEST_IN_HEAD: usize = 23;

const POSITIVE_BIGNUM: u64 = 2;
const NEGATIVE_BIGNUM: u64 = 3;

type Written = Result<(), Error<Infallible>>;

/// The writer of a document.
#[derive(Debug)]
pub(in crate::xcontent::format) struct Writer {
    api: Version,
    /// What of a long string is no whole chunk yet.
    chunk: String,
}

impl Writer {
    /// One that writes as this version does.
    pub(in crate::xcontent::format) const fn new(api: Version) -> Self {
        Self {
            api,
            chunk: String::new(),
        }
    }

    fn write(&mut self, lexeme: Lexeme<'_>, encoder: &mut Encoder<&mut Vec<u8>>) -> Written {
        match lexeme {
            Lexeme::BeginObject => drop(encoder.begin_map()?),
            Lexeme::BeginList => drop(encoder.begin_array()?),
            Lexeme::EndObject | Lexeme::EndList => drop(encoder.end()?),
            Lexeme::Name(text) | Lexeme::String(text) => string(&Lexemes::decode(text), self.api, encoder)?,
            Lexeme::Scalar("true") => drop(encoder.bool(true)?),
            Lexeme::Scalar("false") => drop(encoder.bool(false)?),
            Lexeme::Scalar("null") => drop(encoder.null()?),
            Lexeme::Scalar(number) => self::number(number, self.api, encoder)?,
        }
        Ok(())
    }

    fn write_part(&mut self, part: &str, place: Place, encoder: &mut Encoder<&mut Vec<u8>>) -> Written {
        if place == Place::First {
            encoder.begin_str()?;
        }
        self.chunk.push_str(&whole_characters(&Lexemes::decode(part)));
        let mut rest = self.chunk.as_str();
        while let (chunk, after) = split(rest)
            && !after.is_empty()
        {
            encoder.str(chunk)?;
            rest = after;
        }
        if place == Place::Last {
            encoder.str(rest)?.end()?;
            self.chunk.clear();
        } else {
            self.chunk.drain(..self.chunk.len() - rest.len());
        }
        Ok(())
    }
}

impl piecewise::Writer for Writer {
    fn lexeme(&mut self, lexeme: Lexeme<'_>, out: &mut Vec<u8>) {
        // Writing into a vector does not fail.
        let _: Written = self.write(lexeme, &mut Encoder::new(out));
    }

    fn part(&mut self, part: &str, place: Place, out: &mut Vec<u8>) {
        let _: Written = self.write_part(part, place, &mut Encoder::new(out));
    }

    fn end(&mut self, _: &mut Vec<u8>) {}
}

fn number(text: &str, api: Version, encoder: &mut Encoder<&mut Vec<u8>>) -> Written {
    if let Ok(whole) = text.parse::<i64>() {
        if i32::try_from(whole).is_ok() || api >= LATER_JACKSON {
            encoder.i64(whole)?;
            return Ok(());
        }
        // What is no `int` of Java has eight bytes.
        let (head, argument) = if whole < 0 { (0x3B, !whole) } else { (0x1B, whole) };
        encoder.writer_mut().push(head);
        encoder.writer_mut().extend(argument.to_be_bytes());
    } else if text.contains(['.', 'e', 'E']) {
        encoder.f64(text.parse().unwrap_or(f64::NAN))?;
    } else if text.len() > LONGEST_INTEGER {
        string(text, api, encoder)?;
    } else {
        // RFC 8949 §3.4.3 has it otherwise: Jackson writes a sign, and of a negative number its opposite.
        let (tag, magnitude) = match text.strip_prefix('-') {
            Some(magnitude) => (NEGATIVE_BIGNUM, magnitude),
            None => (POSITIVE_BIGNUM, text),
        };
        let bytes = big_integer::to_signed_bytes(magnitude);
        encoder.tag(Tag::new(tag))?.bytes(&bytes)?;
    }
    Ok(())
}

fn string(text: &str, api: Version, encoder: &mut Encoder<&mut Vec<u8>>) -> Written {
    let text = whole_characters(text);
    let (mut chunk, mut rest) = split(&text);
    if text.len() == LONGEST_IN_HEAD && api < MIDDLE_JACKSON {
        // Its length would fit into the head.
        encoder.writer_mut().extend([0x78, 23]);
        encoder.writer_mut().extend_from_slice(text.as_bytes());
        return Ok(());
    }
    if rest.is_empty() {
        encoder.str(chunk)?;
        return Ok(());
    }
    encoder.begin_str()?;
    while !chunk.is_empty() {
        encoder.str(chunk)?;
        (chunk, rest) = split(rest);
    }
    encoder.end()?;
    Ok(())
}

/// What of a text is written at once, and what is left.
fn split(text: &str) -> (&str, &str) {
    if text.len() <= LONGEST_CHUNK {
        return (text, "");
    }
    let mut units = 0;
    let end = text.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        units > LONGEST_CHUNK
    });
    text.split_at(end.map_or(text.len(), |(end, _)| end))
}
