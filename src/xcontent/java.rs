//! What Java's `Character` says of a character, where Elasticsearch's reading depends on it.

use unicode_general_category::{GeneralCategory as Category, get_general_category};

/// Whether a name of Java's may start with the character (`Character.isJavaIdentifierStart`).
#[must_use]
pub fn is_identifier_start(character: char) -> bool {
    matches!(
        get_general_category(character),
        Category::UppercaseLetter
            | Category::LowercaseLetter
            | Category::TitlecaseLetter
            | Category::ModifierLetter
            | Category::OtherLetter
            | Category::LetterNumber
            | Category::CurrencySymbol
            | Category::ConnectorPunctuation
    )
}

/// Whether a name of Java's may go on with the character (`Character.isJavaIdentifierPart`): that is so for control
/// characters, too, which are ignored in names.
#[must_use]
pub fn is_identifier_part(character: char) -> bool {
    is_identifier_start(character)
        || matches!(
            get_general_category(character),
            Category::DecimalNumber | Category::SpacingMark | Category::NonspacingMark | Category::Format
        )
        || matches!(character, '\0'..='\u{8}' | '\u{e}'..='\u{1b}' | '\u{7f}'..='\u{9f}')
}

/// Whether the character separates words (`Character.isWhitespace`): blanks that no line is broken at do not.
#[must_use]
pub fn is_whitespace(character: char) -> bool {
    let separates = || {
        matches!(
            get_general_category(character),
            Category::SpaceSeparator | Category::LineSeparator | Category::ParagraphSeparator
        )
    };
    matches!(character, '\t'..='\r' | '\u{1c}'..='\u{1f}')
        || !matches!(character, '\u{a0}' | '\u{2007}' | '\u{202f}') && separates()
}

/// A text without the blanks around it, of which `String.trim` takes every control character for one, and nothing beyond
/// ASCII.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches(|character| character <= ' ')
}

/// The value of a decimal digit of any script (`Character.digit`), as far as one unit of UTF-16 holds it: Java reads
/// numbers unit by unit.
#[must_use]
pub fn digit(character: char) -> Option<u32> {
    if character.is_ascii() {
        return character.to_digit(10);
    }
    let is_digit = |code: u32| {
        char::from_u32(code).is_some_and(|character| get_general_category(character) == Category::DecimalNumber)
    };
    let code = u32::from(character);
    if code > 0xFFFF || !is_digit(code) {
        return None;
    }
    // The ten digits of a script stand together in their order, apart from other scripts'.
    (0..10).find(|value| !is_digit(code - value - 1))
}

/// A text with its decimal digits of any script in ASCII, as `Long.parseLong` reads them.
#[must_use]
pub fn ascii_digits(text: &str) -> std::borrow::Cow<'_, str> {
    if text.is_ascii() {
        return text.into();
    }
    let to_ascii = |character| {
        digit(character)
            .and_then(|value| char::from_digit(value, 10))
            .unwrap_or(character)
    };
    text.chars().map(to_ascii).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_digits_of_other_scripts() {
        assert_eq!(ascii_digits("٣९９0-x"), "399".to_owned() + "0-x");
        assert_eq!(digit('²'), None);
        assert_eq!(digit('𝟗'), None, "it takes two units");
    }

    #[test]
    fn trims_what_java_takes_for_blanks() {
        assert_eq!(trim("\0\t \u{1f}x\u{a0} \n"), "x\u{a0}");
    }

    #[test]
    fn knows_names() {
        assert!("aé_$€ªⅣ".chars().all(is_identifier_start));
        assert!(!"1 -×→\0".chars().any(is_identifier_start));
        assert!("1\0\u{7f}\u{301}\u{200d}".chars().all(is_identifier_part));
        assert!(!"\t -×→\u{fffd}".chars().any(is_identifier_part));
    }
}
