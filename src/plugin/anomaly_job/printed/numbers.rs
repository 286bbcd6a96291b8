//! Regular expressions for numbers in texts: which whole ones are large or small enough, and the forms in which Java reads
//! them. All are of ECMA-262 and, alike, of Python and Rust.
//!
//! Java reads digits of every script. As only Unicode says which those are, every number with a character beyond ASCII in
//! it passes for one: [`OTHER_SCRIPT`].

/// A number with a digit that may be of another script than ASCII, of any form.
pub(super) const OTHER_SCRIPT: &str = r"[0-9.eE+\u0080-\uffff-]*[\u0080-\uffff][0-9.eE+\u0080-\uffff-]*";
/// What Java trims.
pub(super) const BLANKS: &str = r"[\u0000-\u0020]*";

/// Whole numbers that are no less than this, without a sign.
pub(super) fn at_least(least: u64) -> String {
    let digits: Vec<char> = least.to_string().chars().collect();
    let more = digits.len().saturating_sub(1);
    match (least, least == 10_u64.saturating_pow(u32::try_from(more).unwrap_or(0))) {
        (0, _) => return "[0-9]+".to_owned(),
        (1, _) => return "0*[1-9][0-9]*".to_owned(),
        (_, true) => return format!("0*[1-9][0-9]{{{more},}}"),
        _ => {}
    }
    let mut larger = vec![format!("[1-9][0-9]{{{},}}", digits.len())];
    larger.extend(differing(&digits, |digit| {
        (digit < '9').then(|| range(next(digit), '9'))
    }));
    larger.push(least.to_string());
    format!("0*(?:{})", larger.join("|"))
}

/// Whole numbers that are no more than this, without a sign; also the empty text.
pub(super) fn at_most(most: u64) -> String {
    let digits: Vec<char> = most.to_string().chars().collect();
    let mut smaller = vec![format!("[0-9]{{0,{}}}", digits.len().saturating_sub(1))];
    smaller.extend(differing(&digits, |digit| {
        (digit > '0').then(|| range('0', previous(digit)))
    }));
    smaller.push(most.to_string());
    format!("0*(?:{})", smaller.join("|"))
}

/// Whole numbers that have no more digits than this one, without a sign; also the empty text.
pub(super) fn at_most_digits_of(most: u64) -> String {
    format!("0*[0-9]{{0,{}}}", most.to_string().len())
}

/// Whole numbers of seconds, at least so many, counted in parts of a second of which one has `10^zeros`.
pub(super) fn whole_seconds_in_parts(least: u64, zeros: u32) -> String {
    let of_some = format!("{}0{{{zeros}}}", at_least(least));
    if least == 0 {
        format!("(?:{of_some}|0+)")
    } else {
        of_some
    }
}

/// The numbers of as many digits that differ from others first at some digit, there by one of a range.
fn differing(digits: &[char], allowed: impl Fn(char) -> Option<String>) -> Vec<String> {
    let forms = digits.iter().enumerate().filter_map(|(place, digit)| {
        let before: String = digits.iter().take(place).collect();
        let after = digits.len() - place - 1;
        let range = allowed(*digit)?;
        Some(match after {
            0 => format!("{before}{range}"),
            1 => format!("{before}{range}[0-9]"),
            _ => format!("{before}{range}[0-9]{{{after}}}"),
        })
    });
    forms.collect()
}

fn next(digit: char) -> char {
    char::from_u32(u32::from(digit) + 1).unwrap_or(digit)
}

fn previous(digit: char) -> char {
    char::from_u32(u32::from(digit) - 1).unwrap_or(digit)
}

fn range(first: char, last: char) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("[{first}-{last}]")
    }
}

/// A decimal number without a sign and an exponent.
const DECIMAL: &str = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)";

/// The texts that are read as a `long`: a whole or a decimal number, whose fraction is cut off.
pub(super) fn long() -> String {
    format!("^(?:[+-]?{DECIMAL}(?:[eE][+-]?[0-9]+)?|{OTHER_SCRIPT})$")
}

/// The texts that are read as a `long` that is not negative. One above -1 is none.
pub(super) fn long_from_zero() -> String {
    let fraction = r"-(?:0+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?";
    let shrunk = r"-[0-9]*\.?[0-9]*[eE]-[0-9]+";
    format!(r"^(?:\+?{DECIMAL}(?:[eE][+-]?[0-9]+)?|{fraction}|{shrunk}|{OTHER_SCRIPT})$")
}

/// The texts that `Double.parseDouble` reads.
pub(super) fn double() -> String {
    let decimal = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[dDfF]?";
    format!("^{BLANKS}[+-]?(?:NaN|Infinity|{decimal}|{HEXADECIMAL}){BLANKS}$")
}

/// A hexadecimal number of `Double.parseDouble`.
pub(super) const HEXADECIMAL: &str = r"0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+[dDfF]?";

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    fn whole(pattern: &str) -> Regex {
        Regex::new(&format!("^{pattern}$")).expect("a pattern")
    }

    #[test]
    fn bounds_hold_for_every_number_around_them() {
        for bound in [1, 2, 7, 9, 10, 60, 99, 100, 1024, 3600, 8191] {
            let (least, most) = (whole(&at_least(bound)), whole(&at_most(bound)));
            for number in 0..10_000_u64 {
                for text in [number.to_string(), format!("00{number}")] {
                    assert_eq!(least.is_match(&text), number >= bound, "{text} >= {bound}");
                    assert_eq!(most.is_match(&text), number <= bound, "{text} <= {bound}");
                }
            }
        }
        let most = whole(&at_most(i64::MAX.unsigned_abs()));
        assert!(most.is_match("9223372036854775807") && !most.is_match("9223372036854775808"));
        assert!(whole(&at_least(0)).is_match("0") && !whole(&at_least(0)).is_match(""));
    }

    #[test]
    fn parts_of_seconds_are_whole_ones() {
        let seconds = whole(&whole_seconds_in_parts(2, 3));
        for (text, is) in [("2000", true), ("1000", false), ("2500", false), ("0010000", true)] {
            assert_eq!(seconds.is_match(text), is, "{text}");
        }
        assert!(whole(&whole_seconds_in_parts(0, 3)).is_match("0"));
    }
}
