//! Patterns and what Elasticsearch says of them.

use super::*;

/// The types of an exception and its causes, as `answers.txt` has them.
fn types(exception: &Exception) -> String {
    let mut types = exception.kind.name().trim_end_matches("_exception").to_owned();
    if let Some(cause) = &exception.cause {
        types = format!("{types}<{}", self::types(cause));
    }
    types
}

#[test]
fn says_what_elasticsearch_says() {
    let answers = include_str!("answers.txt")
        .lines()
        .filter(|line| !line.starts_with('#'));
    let mut count = 0;
    for answer in answers {
        let (expected, pattern) = answer.split_once('\t').expect("two columns");
        let judged = judge(pattern, 2026).map_err(|fault| types(&refusal(pattern, fault)));
        let said = judged.err().unwrap_or_else(|| "accepted".to_owned());
        assert_eq!(said, expected, "{pattern:?}");
        count += 1;
    }
    assert!(count > 300, "only {count} patterns");
}

/// create-job.md §4.8, its lists.
#[test]
fn accepts_patterns_of_whole_timestamps() {
    for pattern in [
        "epoch",
        "epoch_ms",
        "yyyy-MM-dd HH",
        "yyyy-MM-dd'T'HH:mm:ssX",
        "DDD HH",
        "MM-dd HH:mm",
        "yyyy-MM-dd hh:mm a",
        "yyyy-MM-dd kk",
        "yy-MM-dd HH",
        "G yyyy-MM-dd HH",
        "yyyy-MM-dd A",
        "yyyy-MM-dd N",
        "yyyy-MM-dd HH:mm:ss z",
        "yyyy-MM-dd HH[:mm]",
        "yyyy-MM-dd HH VV",
        "yyyy-MM-dd HH O",
    ] {
        assert_eq!(check(pattern), Ok(()), "{pattern}");
    }
    for pattern in [
        "yyyy-MM-dd",
        "uuuu-MM-dd HH",
        "YYYY-MM-dd HH",
        "HH:mm:ss",
        "dd HH",
        "yyyy-MM-dd hh",
        "yyyy-MM-dd n",
        "",
        "EPOCH",
        "yyyy-MM-dd HH:mm:ss.SSSSSSSSSS",
        "yyyy-MM-dd HH '",
        "x",
    ] {
        assert!(check(pattern).is_err(), "{pattern}");
    }
}

/// Without a year it is the present one's days of the week that count: the first of January 2026 is a Thursday, as that
/// of 1970.
#[test]
fn the_present_year_stands_for_a_missing_one() {
    assert_eq!(judge("E MM-dd HH", 2026), Ok(()));
    assert_eq!(judge("E MM-dd HH", 2027), Err(PatternFault::Conflict));
}

/// A pattern is a client's: none takes the stack, or much memory.
#[test]
fn long_and_deep_patterns_are_refused() {
    let timestamp = "yyyy-MM-dd HH";
    assert_eq!(check(&format!("{}{timestamp}", "[".repeat(500))), Ok(()));
    for pattern in [
        format!("{}{timestamp}", "[".repeat(501)),
        "[".repeat(1_000_000),
        "y-".repeat(1_000_000),
        "p".repeat(60_000),
    ] {
        assert_eq!(judge(&pattern, 2026), Err(PatternFault::Malformed));
    }
    assert_eq!(check(&format!("{}{timestamp}", "p".repeat(60_000))), Ok(()));
    assert!(check(&"mm".repeat(30_000)).is_err());
}
