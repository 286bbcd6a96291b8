//! Forms as regular expressions, beside the readers of the values.

use regex::Regex;

use super::*;

fn fits(keywords: &Value, text: &str) -> bool {
    let mut patterns = vec![&keywords["pattern"]];
    patterns.extend(
        keywords["allOf"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|all| &all["pattern"]),
    );
    let matches = |pattern: &Value| {
        Regex::new(pattern.as_str().expect("a pattern"))
            .expect("a pattern")
            .is_match(text)
    };
    patterns.into_iter().all(matches)
}

/// create-job.md §4.7, §4.1: what the reader and the rules take fits, and what they refuse mostly does not.
#[test]
fn spans_are_those_that_the_rules_take() {
    let texts = [
        "5m",
        "10m",
        "1h",
        "1H",
        "1D",
        "05m",
        "+5m",
        " 1h",
        "90 s",
        "3600000ms",
        "0",
        "0s",
        "00",
        "-1",
        "-1s",
        "-1h",
        "5",
        "10M",
        "10m ",
        "1w",
        "1.5h",
        "1500ms",
        "99999999999d",
        "-5s",
        "1500micros",
        "1000000000nanos",
        "999nanos",
        "9223372036s",
        "9223372037s",
        "59m",
        "60m",
        "3599s",
        "0ms",
        "-0s",
        "m",
        "1e3s",
        "10s ",
        "\t5m",
        "1000 MS",
        "",
    ];
    for (least, field) in [
        (1, "bucket_span"),
        (0, "latency"),
        (3600, "background_persist_interval"),
    ] {
        let form = span(&Span {
            least: Some(least),
            whole: true,
        });
        for text in texts {
            let is_taken = TimeValue::parse(text, field).is_ok_and(|value| {
                value.is_whole_seconds() && value.nanos() >= i64::try_from(least).unwrap() * 1_000_000_000
            });
            assert_eq!(fits(&form, text), is_taken, "{field}: {text:?}");
        }
    }
}

/// create-job.md §2.4.
#[test]
fn sizes_are_those_that_the_rules_take() {
    let texts = [
        "1024mb",
        "1gb",
        "2GB",
        " 1 gb ",
        "1500kb",
        "3000g",
        "10m",
        "20t",
        "1p",
        "1048576b",
        "1048575b",
        "5 MB",
        "+5mb",
        "",
        "0",
        "-1",
        "512kb",
        "2048",
        "1,5gb",
        "1.5gb",
        "1.5mb",
        "1.25gb",
        "1.234gb",
        "-2b",
        "-1mb",
        "9999999999tb",
        "8191pb",
        "8192pb",
        "mb",
        "1 0mb",
        "1mib",
        "0x1gb",
        "1b",
        "NaNgb",
        "1.gb",
        ".5gb",
        "0.5mb",
        "1dmb",
        "1024k",
        "1023k",
    ];
    for api in [Version::BASE, Version::new(8, 19, 0), Version::new(9, 5, 0)] {
        let form = memory_from(1, api);
        for text in texts {
            let is_taken = ByteSize::parse(text, "f", api).is_ok_and(|size| size.mebibytes() >= 1);
            assert_eq!(fits(&form, text), is_taken, "{api}: {text:?}");
        }
    }
}
