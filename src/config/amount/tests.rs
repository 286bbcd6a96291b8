//! Times, counts, sizes and switches, as they are read and shown.

use super::*;

#[test]
fn times_and_counts_read_as_they_are_shown() {
    for text in ["30s", "500ms", "1m 30s", "0s"] {
        assert_eq!(Time::parse(text).expect("a time").to_string(), text);
    }
    for text in ["1ms", "4s", "365days"] {
        let shown = Timeout::parse(text).expect("a time").to_string();
        assert_eq!(
            Timeout::parse(&shown).expect("a time"),
            Timeout::parse(text).expect("a time")
        );
    }
    for text in ["30s", "none"] {
        assert_eq!(TimeLimit::parse(text).expect("a limit").to_string(), text);
    }
    for text in ["1", "10000", "none"] {
        assert_eq!(CountLimit::parse(text).expect("a limit").to_string(), text);
    }
    for text in ["true", "false"] {
        assert_eq!(Switch::parse(text).expect("a switch").to_string(), text);
    }
    for text in ["1b", "1500b", "512kb", "128mb", "3gb", "none"] {
        assert_eq!(SizeLimit::parse(text).expect("a size").to_string(), text);
    }
    assert_eq!(SizeLimit::parse("1.5 GB").expect("a size").to_string(), "1536mb");
    for text in ["127.0.0.1:9281", "none"] {
        assert_eq!(OptionalAddress::parse(text).expect("an address").to_string(), text);
    }
}

#[test]
fn anything_else_is_refused() {
    for text in [
        "30",
        "fast",
        "-1s",
        "",
        "366days",
        "2y",
        "500000000000y",
        "99999999999999999999s",
    ] {
        assert!(Time::parse(text).is_err(), "{text:?}");
        assert!(TimeLimit::parse(text).is_err(), "{text:?}");
        assert!(Timeout::parse(text).is_err(), "{text:?}");
    }
    for text in ["0s", "0ms", "1ns", "999us"] {
        assert!(Time::parse(text).is_ok(), "{text:?}");
        assert!(TimeLimit::parse(text).is_err(), "{text:?}");
        assert!(Timeout::parse(text).is_err(), "{text:?}");
    }
    assert!(Timeout::parse("none").is_err());
    for text in ["0", "-1", "many", "1.5"] {
        assert!(CountLimit::parse(text).is_err(), "{text:?}");
    }
    for text in ["0", "0b", "-1", "128", "mb", "-1kb", "1.555gb", "17179869184gb"] {
        assert!(SizeLimit::parse(text).is_err(), "{text:?}");
    }
}
