//! Offsets as they stand behind `GMT`, such as `+1:30`.

use super::PatternFault;

/// The seconds of an offset such as `+1:30`; of none 0.
pub(super) fn seconds(offset: &str) -> i64 {
    let parts = offset.trim_start_matches(['+', '-']).split(':');
    let units = [3600, 60, 1].into_iter();
    let seconds: i64 = parts
        .zip(units)
        .map(|(part, unit)| part.parse().unwrap_or(0) * unit)
        .sum();
    if offset.starts_with('-') { -seconds } else { seconds }
}

/// What follows `GMT`: an offset, when a sign follows.
pub(super) fn localized(text: &[u8], at: usize, is_full: bool) -> Result<Option<usize>, PatternFault> {
    if !matches!(text.get(at), Some(b'+' | b'-')) {
        return Ok(Some(at));
    }
    let mut at = at + 1;
    let digit = |at: usize| match text.get(at) {
        None => Err(PatternFault::OffsetCutOff),
        Some(byte) => Ok(byte.is_ascii_digit()),
    };
    let two_digits = |at: usize| Ok::<_, PatternFault>(digit(at)? & digit(at + 1)?);
    let has_minutes = |at: usize| at + 2 < text.len() && text.get(at) == Some(&b':');
    if is_full {
        if !two_digits(at)? {
            return Ok(None);
        }
        match text.get(at + 2) {
            None => return Err(PatternFault::OffsetCutOff),
            Some(b':') => {}
            Some(_) => return Ok(None),
        }
        if !two_digits(at + 3)? {
            return Ok(None);
        }
        at += 5;
        if has_minutes(at) && two_digits(at + 1)? {
            at += 3;
        }
        return Ok(Some(at));
    }
    if !digit(at)? {
        return Ok(None);
    }
    at += 1;
    if at < text.len() && digit(at)? {
        at += 1;
    }
    for _ in 0..2 {
        if has_minutes(at) && two_digits(at + 1)? {
            at += 3;
        }
    }
    Ok(Some(at))
}
