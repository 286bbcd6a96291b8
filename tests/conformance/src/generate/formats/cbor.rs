//! CBOR: lists and objects with and without a length, strings whole and in chunks, tags.

use std::convert::Infallible;

use minicbor::data::Tag;
use minicbor::encode::{Encoder, Error};

use super::{Generator, Json, Word};

type Written = Result<(), Error<Infallible>>;

impl Generator {
    pub(super) fn cbor(&mut self, job: &Json) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        if self.chance(5) {
            // The tag that says that this is CBOR.
            let _ = encoder.tag(Tag::new(55799));
        }
        // Writing into a vector does not fail.
        let _: Written = self.cbor_value(job, &mut encoder);
        encoder.into_writer()
    }

    fn cbor_value(&mut self, value: &Json, encoder: &mut Encoder<Vec<u8>>) -> Written {
        let has_length = self.chance(50);
        match value {
            Json::Token(token) => self.cbor_word(token, encoder),
            Json::Text(text) => self.cbor_text(text, encoder),
            Json::List(items) => {
                if has_length {
                    encoder.array(items.len() as u64)?;
                } else {
                    encoder.begin_array()?;
                }
                for item in items {
                    self.cbor_value(item, encoder)?;
                }
                if !has_length {
                    encoder.end()?;
                }
                Ok(())
            }
            Json::Object(members) => {
                if has_length {
                    encoder.map(members.len() as u64)?;
                } else {
                    encoder.begin_map()?;
                }
                for (name, member) in members {
                    self.cbor_text(name, encoder)?;
                    self.cbor_value(member, encoder)?;
                }
                if !has_length {
                    encoder.end()?;
                }
                Ok(())
            }
        }
    }

    fn cbor_text(&mut self, text: &str, encoder: &mut Encoder<Vec<u8>>) -> Written {
        // An empty chunk confuses the Jackson of 7.x.
        if text.len() < 8 || self.chance(97) {
            encoder.str(text)?;
            return Ok(());
        }
        self.kind("chunked string");
        let place = (text.len() / 2..=text.len()).find(|place| text.is_char_boundary(*place));
        let (first, second) = text.split_at(place.unwrap_or_default());
        encoder.begin_str()?.str(first)?.str(second)?.end()?;
        Ok(())
    }

    fn cbor_word(&mut self, token: &str, encoder: &mut Encoder<Vec<u8>>) -> Written {
        match Word::of(token) {
            Word::Null if self.chance(20) => drop(encoder.undefined()?),
            Word::Null => drop(encoder.null()?),
            Word::Boolean(value) => drop(encoder.bool(value)?),
            Word::Integer(number) => drop(encoder.i64(number)?),
            #[allow(clippy::cast_possible_truncation, reason = "any number of single precision will do")]
            Word::Double(number) if self.chance(30) => {
                self.kind("single precision");
                encoder.f32(number as f32)?;
            }
            Word::Double(number) => drop(encoder.f64(number)?),
            Word::Other => {
                self.kind("bytes");
                encoder.bytes(token.as_bytes())?;
            }
        }
        Ok(())
    }
}
