//! What the first byte of a token means, where a value and where a name is expected.

use crate::xcontent::json::Text;

/// The kinds of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueHead {
    /// A string that was given before, by its index.
    Shared(usize),
    /// A string that was given before; the low byte of its index follows.
    LongShared(usize),
    /// The empty string.
    Empty,
    Null,
    Boolean(bool),
    /// An integer within the head.
    SmallInteger(i64),
    Int,
    Long,
    BigInteger,
    Float,
    Double,
    BigDecimal,
    /// A string of so many bytes.
    Ascii(usize),
    /// A string of so many bytes of UTF-8.
    Unicode(usize),
    /// A string up to its end mark.
    LongAscii,
    /// A string of UTF-8 up to its end mark.
    LongUnicode,
    /// Bytes in groups of seven bits.
    Binary,
    /// Bytes as they are.
    RawBinary,
    BeginList,
    EndList,
    BeginObject,
    /// The end of the content.
    EndOfContent,
    /// The first byte of a header.
    Header,
    /// Nothing that begins a value.
    None,
}

impl ValueHead {
    pub(super) fn of(byte: u8) -> Self {
        let low = usize::from(byte & 0x1F);
        match byte {
            0x01..0x20 => Self::Shared(low - 1),
            0x20 => Self::Empty,
            0x21 => Self::Null,
            0x22 => Self::Boolean(false),
            0x23 => Self::Boolean(true),
            0x24 => Self::Int,
            0x25 => Self::Long,
            0x26 => Self::BigInteger,
            0x28 => Self::Float,
            0x29 => Self::Double,
            0x2A => Self::BigDecimal,
            b':' => Self::Header,
            0x40..0x60 => Self::Ascii(low + 1),
            0x60..0x80 => Self::Ascii(low + 33),
            0x80..0xA0 => Self::Unicode(low + 2),
            0xA0..0xC0 => Self::Unicode(low + 34),
            0xC0..0xE0 => Self::SmallInteger(zigzag(u64::from(byte & 0x1F))),
            0xE0 => Self::LongAscii,
            0xE4 => Self::LongUnicode,
            0xE8 => Self::Binary,
            0xEC..0xF0 => Self::LongShared(usize::from(byte & 3)),
            0xF8 => Self::BeginList,
            0xF9 => Self::EndList,
            0xFA => Self::BeginObject,
            0xFD => Self::RawBinary,
            0xFF => Self::EndOfContent,
            _ => Self::None,
        }
    }
}

/// The kinds of name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameHead {
    /// The empty name.
    Empty,
    /// A name that was given before, by its index.
    Shared(usize),
    /// A name that was given before; the low byte of its index follows.
    LongShared(usize),
    /// A name of so many bytes.
    Ascii(usize),
    /// A name of so many bytes of UTF-8.
    Unicode(usize),
    /// A name up to its end mark.
    Long,
    /// The end of the object.
    EndObject,
    /// Nothing that begins a name.
    None,
}

impl NameHead {
    pub(super) fn of(byte: u8) -> Self {
        match byte {
            0x20 => Self::Empty,
            0x30..0x34 => Self::LongShared(usize::from(byte & 3)),
            0x34 => Self::Long,
            0x40..0x80 => Self::Shared(usize::from(byte - 0x40)),
            0x80..0xC0 => Self::Ascii(usize::from(byte - 0x80) + 1),
            0xC0..0xF8 => Self::Unicode(usize::from(byte - 0xC0) + 2),
            0xFB => Self::EndObject,
            _ => Self::None,
        }
    }
}

/// The integer that a zigzag number stands for: 0, -1, 1, -2 and so on.
pub(super) fn zigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// Bytes that should be ASCII; others are taken as Java's signed bytes.
pub(super) fn signed_ascii(bytes: &[u8]) -> Text<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => text.into(),
        _ => {
            let unit = |byte: &u8| i16::from(byte.cast_signed()).cast_unsigned();
            Text::Units(bytes.iter().map(unit).collect())
        }
    }
}
