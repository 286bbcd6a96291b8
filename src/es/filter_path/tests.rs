//! What Elasticsearch leaves of an answer.

use super::*;

const JOB: &str = concat!(
    r#"{"job_id":"j","groups":["x"],"analysis_config":{"bucket_span":"5m","detectors":[{"function":"count"},"#,
    r#"{"function":"sum","field_name":"f"}],"influencers":[]},"custom_settings":"#,
    r#"{"a":{"b":1,"c":2},"d":[{"e":1.0E10},{"f":2}],"g.h":3}}"#
);

const LATER: Version = Version::new(9, 5, 3);

/// As 6.8.23, 7.17.28 and 8.15.3 answer.
#[test]
fn what_is_empty_goes_before_8_16() {
    let paths = "-analysis_config.*.function,-custom_settings";
    let filtered = |api| filter(JOB.to_owned(), paths, api);
    assert!(!filtered(Version::BASE).contains("influencers"));
    assert!(filtered(LATER).contains("influencers"));
}

/// What Elasticsearch 7.8.1 and 9.5.3 both said to the same filters on such a job (to `-` only the latter).
#[test]
fn filters_as_elasticsearch_does() {
    for (paths, expected) in [
        ("job_id", r#"{"job_id":"j"}"#),
        ("job_id,", r#"{"job_id":"j"}"#),
        ("*_id", r#"{"job_id":"j"}"#),
        ("nothing", "{}"),
        (" job_id , nothing", r#"{"job_id":"j"}"#),
        ("job_id,- job_id", "{}"),
        ("job_id.**", "{}"),
        ("analysis_config.influencers.**", "{}"),
        ("custom_settings.**.a", "{}"),
        ("custom_settings.g\\.*", r#"{"custom_settings":{"g.h":3}}"#),
        ("**.bucket_span", r#"{"analysis_config":{"bucket_span":"5m"}}"#),
        ("**.job_id", "{}"),
        ("a*b*c", "{}"),
        ("job_id,-job_id", "{}"),
        (
            "analysis_config.influencers",
            r#"{"analysis_config":{"influencers":[]}}"#,
        ),
        (
            "analysis_config.detectors.function",
            r#"{"analysis_config":{"detectors":[{"function":"count"},{"function":"sum"}]}}"#,
        ),
        (
            "**.function",
            r#"{"analysis_config":{"detectors":[{"function":"count"},{"function":"sum"}]}}"#,
        ),
        (
            "analysis_config.*.function",
            r#"{"analysis_config":{"detectors":[{"function":"count"},{"function":"sum"}]}}"#,
        ),
        ("custom_settings.a", r#"{"custom_settings":{"a":{"b":1,"c":2}}}"#),
        ("custom_settings.a.b.c", "{}"),
        ("custom_settings.g.h", "{}"),
        ("custom_settings.d.e", r#"{"custom_settings":{"d":[{"e":1.0E10}]}}"#),
        ("custom_settings.**.e", r#"{"custom_settings":{"d":[{"e":1.0E10}]}}"#),
        (
            "custom_settings.**",
            r#"{"custom_settings":{"a":{"b":1,"c":2},"d":[{"e":1.0E10},{"f":2}],"g.h":3}}"#,
        ),
        (
            "custom_settings,-custom_settings.a.b",
            r#"{"custom_settings":{"a":{"c":2},"d":[{"e":1.0E10},{"f":2}],"g.h":3}}"#,
        ),
        (
            "custom_settings,-custom_settings.d.e,-custom_settings.d.f",
            r#"{"custom_settings":{"a":{"b":1,"c":2},"g.h":3}}"#,
        ),
        (
            "-analysis_config.detectors.*,-custom*",
            r#"{"job_id":"j","groups":["x"],"analysis_config":{"bucket_span":"5m","influencers":[]}}"#,
        ),
    ] {
        assert_eq!(filter(JOB.to_owned(), paths, LATER), expected, "{paths}");
    }
    assert_eq!(
        filter(r#"{"\uD835\uDCB3":1}"#.to_owned(), "*", LATER),
        r#"{"\uD835\uDCB3":1}"#
    );
    for all in ["", "*", "**", " ", "-"] {
        assert_eq!(filter(JOB.to_owned(), all, LATER), JOB, "{all}");
    }
}
