//! H. Content negotiation of create-job.

use super::{JOB, JSON, before, put, types};
use crate::support::job;
use crate::support::stand_in::VERSIONS;

#[test]
fn line_98_plain_json_is_answered_with_plain_json() {
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        let expected = if version < "8" {
            "application/json; charset=UTF-8"
        } else {
            "application/json"
        };
        for accept in [None, Some(("accept", "*/*")), Some(("accept", "application/json"))] {
            let fields: Vec<_> = [JSON].into_iter().chain(accept).collect();
            let answer = put(&gateway, JOB, &fields, &job::smallest());
            assert_eq!(
                (answer.status(), answer.values("content-type")),
                (200, vec![expected]),
                "{version}"
            );
        }
    }
}

#[test]
fn line_99_a_vendor_type_is_answered_with_itself() {
    for (version, number) in [("8.19.21", 8), ("8.19.21", 7), ("9.5.3", 9), ("9.5.3", 8)] {
        let (_cluster, gateway) = before(version);
        let sent = format!("application/vnd.elasticsearch+json; compatible-with={number}");
        let fields = [("content-type", sent.as_str()), ("accept", sent.as_str())];
        let answer = put(&gateway, JOB, &fields, &job::smallest());
        let expected = format!("application/vnd.elasticsearch+json;compatible-with={number}");
        assert_eq!(
            (answer.status(), answer.values("content-type")),
            (200, vec![expected.as_str()]),
            "{version}"
        );
        let refused = put(&gateway, JOB, &fields, "{");
        assert_eq!(
            (refused.status(), refused.values("content-type")),
            (400, vec![expected.as_str()]),
            "errors, too"
        );
    }
}

#[test]
fn line_100_versions_that_do_not_fit_are_refused() {
    let versioned = |number: u32| format!("application/vnd.elasticsearch+json;compatible-with={number}");
    let plain = || "application/json".to_owned();
    for version in ["8.19.21", "9.5.3"] {
        let (cluster, gateway) = before(version);
        for (content_type, accept) in [
            (versioned(8), versioned(9)),
            (versioned(8), plain()),
            (plain(), versioned(8)),
            (versioned(6), versioned(6)),
            (versioned(10), versioned(10)),
        ] {
            let fields = [("content-type", content_type.as_str()), ("accept", accept.as_str())];
            let answer = put(&gateway, JOB, &fields, &job::smallest());
            assert_eq!(answer.status(), 400, "{version} {fields:?}");
            assert_eq!(
                types(&answer),
                ["media_type_header_exception", "status_exception"],
                "{version} {fields:?}"
            );
        }
        assert!(cluster.creates().is_empty());
    }
}

#[test]
fn line_102_the_answer_is_laid_out_and_filtered_as_asked() {
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        let create = |query: &str| put(&gateway, &format!("{JOB}?{query}"), &[JSON], &job::smallest()).text();
        let pretty = create("pretty");
        assert!(pretty.starts_with("{\n  \"job_id\" : \"j\",\n"), "{pretty}");
        assert!(pretty.ends_with("\n}\n") && !pretty.ends_with("\n\n"), "{pretty}");
        assert_eq!(create("filter_path=job_id"), r#"{"job_id":"j"}"#, "{version}");
        assert_eq!(create("filter_path=nothing"), "{}", "{version}");
        assert_eq!(
            create("filter_path=*_id,analysis_config.detectors.function"),
            r#"{"job_id":"j","analysis_config":{"detectors":[{"function":"count"}]}}"#
        );
    }
}

#[test]
fn line_103_times_are_written_for_people_too_when_asked() {
    for version in VERSIONS {
        let (_cluster, gateway) = before(version);
        for query in ["human", "human=true"] {
            let answer = put(&gateway, &format!("{JOB}?{query}"), &[JSON], &job::smallest());
            let text = answer.text();
            let both = text
                .find(r#""create_time_string":""#)
                .zip(text.find(r#""create_time":"#));
            assert!(
                both.is_some_and(|(written, number)| written < number),
                "{version}: {text}"
            );
        }
        let without = put(&gateway, &format!("{JOB}?human=false"), &[JSON], &job::smallest());
        assert!(!without.text().contains("create_time_string"));
    }
}
