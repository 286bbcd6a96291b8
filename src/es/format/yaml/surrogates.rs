//! Escapes of halves of surrogate pairs. Whoever writes JSON may write `\ud83d\ude00`, and JSON is YAML; the library that
//! reads YAML takes no halves, so they are read in the disguise of private characters of the same length.

use std::borrow::Cow;

use crate::es::json::Text;

/// What the escapes of halves begin with, in any case; and their disguise.
const HALF: u8 = b'd';
const PRIVATE: u8 = b'e';

/// A body whose halves may be in disguise.
pub(super) struct Disguise<'b> {
    pub(super) body: Cow<'b, [u8]>,
    is_worn: bool,
}

impl<'b> Disguise<'b> {
    /// Puts the disguise on, unless there are no halves, or it could not be told from what it hides: where private
    /// characters are used for themselves, or the digits of an escape are in both cases.
    pub(super) fn of(body: &'b [u8]) -> Self {
        let halves: Vec<usize> = escapes(body, HALF, b"89abcdefABCDEF").collect();
        let is_taken = || {
            let mut own = escapes(body, PRIVATE, b"01234567");
            let mut characters = body.windows(2);
            own.next().is_some() || characters.any(|bytes| matches!(bytes, [0xEE, 0x80..0xA0]))
        };
        let is_mixed = |place: &usize| {
            matches!(
                body.get(*place..place + 2),
                Some([b'd', b'A'..=b'F'] | [b'D', b'a'..=b'f'])
            )
        };
        if halves.is_empty() || halves.iter().any(is_mixed) || is_taken() {
            return Self {
                body: Cow::Borrowed(body),
                is_worn: false,
            };
        }
        let mut disguised = body.to_vec();
        for place in halves {
            if let Some([first, second]) = disguised.get_mut(place..place + 2) {
                // D800 to DFFF become E000 to E7FF, in the same case.
                *first += PRIVATE - HALF;
                *second = digit(*second).map_or(*second, |digit| b'0' + digit - 8);
            }
        }
        Self {
            body: Cow::Owned(disguised),
            is_worn: true,
        }
    }

    /// What a text of the body means.
    pub(super) fn text<'t>(&self, value: &'t str) -> Text<'t> {
        if !self.is_worn {
            return value.into();
        }
        if value.contains(|character| matches!(character, '\u{E000}'..='\u{E7FF}')) {
            let units = value.encode_utf16().map(|unit| match unit {
                0xE000..=0xE7FF => unit - 0x800,
                other => other,
            });
            return Text::Units(units.collect());
        }
        Text::Plain(undisguised(value))
    }
}

/// A text in which no escape means anything, with its escapes as they were.
fn undisguised(value: &str) -> Cow<'_, str> {
    let places: Vec<usize> = escapes(value.as_bytes(), PRIVATE, b"01234567").collect();
    if places.is_empty() {
        return Cow::Borrowed(value);
    }
    let mut text = value.to_owned();
    for place in places {
        let Some([first, second]) = value.as_bytes().get(place..place + 2) else {
            continue;
        };
        let lower = format!("d{:x}", second - b'0' + 8);
        let original = if *first == PRIVATE { lower } else { lower.to_uppercase() };
        text.replace_range(place..place + 2, &original);
    }
    Cow::Owned(text)
}

/// Where the digits of escapes stand whose first digit is `first`, in either case, and whose second is one of these.
fn escapes<'b>(body: &'b [u8], first: u8, second: &'b [u8]) -> impl Iterator<Item = usize> + 'b {
    let found = body.windows(6).enumerate().filter(move |(_, bytes)| match bytes {
        [b'\\', b'u', one, two, rest @ ..] => {
            one.eq_ignore_ascii_case(&first) && second.contains(two) && rest.iter().all(u8::is_ascii_hexdigit)
        }
        _ => false,
    });
    found.map(|(place, _)| place + 2)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
