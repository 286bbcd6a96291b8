//! Writes CBOR as Jackson does: objects and lists without a length, each number as short as it can be, later.

use std::convert::Infallible;

use minicbor::data::Tag;
use minicbor::encode::{Encoder, Error};

use crate::es::format::{LATER_JACKSON, MIDDLE_JACKSON, big_integer, whole_characters};
use crate::es::json::{Node, Token};
use crate::es::version::Version;

/// The most units of UTF-16 that are written at once; a longer string is written in chunks.
const LONGEST_CHUNK: usize = 3996;

/// The longest string whose length is in its first byte.
const LONGEST_IN_HEAD: usize = 23;

const POSITIVE_BIGNUM: u64 = 2;
const NEGATIVE_BIGNUM: u64 = 3;

type Written = Result<(), Error<Infallible>>;

/// The bytes of a value.
pub(in crate::es::format) fn write(root: Node<'_>, api: Version) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::with_capacity(1024));
    // Writing into a vector does not fail.
    let _: Written = value(root, api, &mut encoder);
    encoder.into_writer()
}

fn value(node: Node<'_>, api: Version, encoder: &mut Encoder<Vec<u8>>) -> Written {
    match node.token() {
        Token::Object => {
            encoder.begin_map()?;
            for member in node.members() {
                string(&member.name, api, encoder)?;
                value(member.value, api, encoder)?;
            }
            encoder.end()?;
        }
        Token::Array => {
            encoder.begin_array()?;
            for element in node.elements() {
                value(element, api, encoder)?;
            }
            encoder.end()?;
        }
        Token::Number => number(node.as_number().unwrap_or_default(), api, encoder)?,
        Token::Boolean => drop(encoder.bool(node.as_boolean().unwrap_or_default())?),
        Token::String | Token::Binary => string(&node.as_text().unwrap_or_default(), api, encoder)?,
        Token::Null | Token::Nothing => drop(encoder.null()?),
    }
    Ok(())
}

fn number(text: &str, api: Version, encoder: &mut Encoder<Vec<u8>>) -> Written {
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

fn string(text: &str, api: Version, encoder: &mut Encoder<Vec<u8>>) -> Written {
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
