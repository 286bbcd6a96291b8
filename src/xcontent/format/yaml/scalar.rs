//! What a scalar means: a text, or by its tag or its look something else (yaml.org/type), as Jackson sees it. The look says of
//! what kind it is (`look.rs`); which number it is then, another reader finds out (`number.rs`), to which a tag leads past the
//! look.

use super::look::{Look, look};
use super::number::{Number, float, integer};
use crate::xcontent::format::{LATER_JACKSON, MIDDLE_JACKSON};
use crate::xcontent::version::Version;

const BOOL_TAG: &str = "tag:yaml.org,2002:bool";
const INT_TAG: &str = "tag:yaml.org,2002:int";
const FLOAT_TAG: &str = "tag:yaml.org,2002:float";
const NULL_TAG: &str = "tag:yaml.org,2002:null";
/// The tag of bytes.
const BINARY_TAG: &str = "tag:yaml.org,2002:binary";

/// The meaning of a scalar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scalar {
    /// What it says.
    Text,
    /// Nothing.
    Null,
    Boolean(bool),
    Number(Number),
    /// Bytes, as Base64.
    Binary,
}

/// What a value means with this tag; without one, quoted or not.
pub(super) fn resolve(value: &str, tag: Option<&str>, is_plain: bool, api: Version) -> Scalar {
    match tag {
        None if is_plain => by_look(value, api),
        // This tag says of quoted texts, too, that their look is what counts.
        Some("!") => by_look(value, api),
        Some(_) if value.is_empty() && api >= LATER_JACKSON => Scalar::Text,
        Some(BOOL_TAG) => match look(value, api) {
            Look::Boolean(value) => Scalar::Boolean(value),
            _ => Scalar::Text,
        },
        Some(INT_TAG) => integer(value, api).map_or(Scalar::Text, Scalar::Number),
        Some(FLOAT_TAG) => Scalar::Number(float(value)),
        Some(NULL_TAG) => Scalar::Null,
        Some(BINARY_TAG) if api >= MIDDLE_JACKSON => Scalar::Binary,
        _ => Scalar::Text,
    }
}

fn by_look(value: &str, api: Version) -> Scalar {
    match look(value, api) {
        Look::Text => Scalar::Text,
        Look::Null => Scalar::Null,
        Look::Boolean(value) => Scalar::Boolean(value),
        Look::Integer => integer(value, api).map_or(Scalar::Text, Scalar::Number),
        Look::Float => Scalar::Number(float(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What every version, or the later ones, made of each in `custom_settings`.
    #[test]
    fn plain_scalars_mean_what_they_look_like() {
        let later = Version::new(8, 19, 21);
        let number = |text: &str| Scalar::Number(Number::Of(text.to_owned()));
        for (value, meaning) in [
            ("yes", Scalar::Boolean(true)),
            ("OFF", Scalar::Boolean(false)),
            ("tRue", Scalar::Text),
            ("n", Scalar::Text),
            ("~", Scalar::Null),
            ("", Scalar::Null),
            ("0x1F", number("31")),
            ("-0x1_F", number("-31")),
            ("0o17", Scalar::Text),
            ("017", number("15")),
            ("08", Scalar::Text),
            ("0b101", number("5")),
            ("1_000", number("1000")),
            ("1_0.5", number("10.5")),
            ("_1", Scalar::Text),
            ("+5", number("5")),
            ("-0", number("0")),
            ("5.", number("5.0")),
            ("-.5", number("-0.5")),
            ("1e3", number("1e3")),
            ("01.5", number("1.5")),
            ("1e", Scalar::Text),
            (".e3", Scalar::Text),
            ("-.", Scalar::Text),
            (".inf", Scalar::Number(Number::Unreadable)),
            ("190:20:30", Scalar::Text),
            ("190:20:30.15", Scalar::Number(Number::Unreadable)),
            ("2001-12-14", Scalar::Text),
            ("1.1.1", Scalar::Text),
            ("1e400", number("1e400")),
        ] {
            assert_eq!(resolve(value, None, true, later), meaning, "{value}");
            assert_eq!(resolve(value, None, false, later), Scalar::Text, "{value}");
        }
        let earliest = Version::new(7, 0, 0);
        assert_eq!(resolve("+5", None, true, earliest), Scalar::Text);
        assert_eq!(resolve("1_0", None, true, earliest), Scalar::Text);
        assert_eq!(resolve("1_0.5", None, true, earliest), number("10.5"));
        assert_eq!(resolve("-0", None, true, earliest), number("-0"));
        let earlier = Version::new(7, 8, 1);
        assert_eq!(resolve("0x1F", None, true, earlier), Scalar::Text);
        assert_eq!(resolve("017", None, true, earlier), number("17"));
        assert_eq!(resolve("1_0", None, true, earlier), Scalar::Number(Number::Unreadable));
        assert_eq!(
            resolve("1_", Some("!"), false, earlier),
            Scalar::Number(Number::Unreadable)
        );
        let later = Version::new(7, 17, 28);
        for (digits, is_read) in [(1000, true), (1001, false)] {
            let value = format!("0x{}", "F".repeat(digits));
            assert_eq!(
                resolve(&value, None, true, later) != Scalar::Number(Number::TooLong),
                is_read
            );
            assert_eq!(
                resolve(&"9".repeat(digits), None, true, later),
                number(&"9".repeat(digits))
            );
        }
    }

    #[test]
    fn tags_say_what_a_scalar_means() {
        let resolve = |value, tag| resolve(value, Some(tag), true, Version::new(9, 5, 3));
        assert_eq!(resolve("5", INT_TAG), Scalar::Number(Number::Of("5".to_owned())));
        assert_eq!(resolve("5", FLOAT_TAG), Scalar::Number(Number::Of("5.0".to_owned())));
        assert_eq!(resolve("x", NULL_TAG), Scalar::Null);
        assert_eq!(resolve("YWJj", BINARY_TAG), Scalar::Binary);
        assert_eq!(resolve("5", "!foo"), Scalar::Text);
        assert_eq!(resolve("5.", INT_TAG), Scalar::Text);
        let earlier = |value| super::resolve(value, Some(INT_TAG), true, Version::new(7, 10, 2));
        assert_eq!(earlier("5."), Scalar::Number(Number::Of("5.0".to_owned())));
        assert_eq!(earlier("."), Scalar::Number(Number::Unreadable));
        assert_eq!(earlier("+"), Scalar::Text);
        assert_eq!(resolve("+", INT_TAG), Scalar::Number(Number::Malformed));
        assert_eq!(resolve("08", INT_TAG), Scalar::Number(Number::Malformed));
        assert_eq!(earlier("1.5e3"), Scalar::Text);
        assert_eq!(earlier("1.5e+3"), Scalar::Number(Number::Of("1.5e+3".to_owned())));
    }

    /// As every version reads them.
    #[test]
    fn the_tag_of_an_exclamation_mark_lets_quoted_texts_mean_what_they_look_like() {
        for api in [Version::BASE, Version::new(9, 5, 3)] {
            for is_plain in [true, false] {
                let resolve = |value| resolve(value, Some("!"), is_plain, api);
                assert_eq!(resolve("5"), Scalar::Number(Number::Of("5".to_owned())));
                assert_eq!(resolve(""), Scalar::Null);
                assert_eq!(resolve(" "), Scalar::Null);
                assert_eq!(resolve("  "), Scalar::Text);
                assert_eq!(resolve("null"), Scalar::Null);
                assert_eq!(resolve("x"), Scalar::Text);
            }
        }
    }
}
