//! Requests that are refused, and the chains that they are told.

use super::*;

/// create-job.md §2.1, the worked chains: the wrappers and the type below them.
#[test]
#[allow(clippy::too_many_lines, reason = "one row for each worked chain")]
fn worked_chains() {
    let parse = "x_content_parse_exception: ";
    for (body, wrappers, innermost) in [
        (
            r#"{"analysis_config":{"detectors":[{"function":"zip"}]}}"#,
            vec![
                "[1:46] [job_details] failed to parse field [analysis_config]",
                "[1:46] [analysis_config] failed to parse field [detectors]",
                "[1:46] [detector] failed to parse field [function]",
            ],
            "illegal_argument_exception",
        ),
        (
            r#"{"analysis_config":{"detectors":[{"function":"sum"}]}}"#,
            vec![
                "[1:51] [job_details] failed to parse field [analysis_config]",
                "[1:51] [analysis_config] failed to parse field [detectors]",
            ],
            "status_exception",
        ),
        (
            r#"{"analysis_config":{"detectors":[{"function":"count"}],"bucket_span":"x"}}"#,
            vec![
                "[1:70] [job_details] failed to parse field [analysis_config]",
                "[1:70] [analysis_config] failed to parse field [bucket_span]",
            ],
            "illegal_argument_exception",
        ),
        (
            r#"{"analysis_config":{"bucket_span":"x","detectors":[{"function":"nzc"}]}}"#,
            vec![
                "[1:70] [job_details] failed to parse field [analysis_config]",
                "[1:70] [analysis_config] failed to parse field [detectors]",
                "[1:35] failed to build [analysis_config] after last required field arrived",
                "[1:35] [analysis_config] failed to parse field [bucket_span]",
            ],
            "illegal_argument_exception",
        ),
        (
            r#"{"analysis_config":{"detectors":[{"by_field_name":"zip"}]}}"#,
            vec![
                "[1:57] [job_details] failed to parse field [analysis_config]",
                "[1:57] [analysis_config] failed to parse field [detectors]",
                "Failed to build [analysis_config] after last required field arrived",
            ],
            "status_exception",
        ),
        (
            r#"{"analysis_config":{"latency":"7","bucket_span":"x","detectors":[]}}"#,
            vec![
                "[1:66] [job_details] failed to parse field [analysis_config]",
                "[1:66] [analysis_config] failed to parse field [detectors]",
                "[1:49] failed to build [analysis_config] after last required field arrived",
                "[1:49] [analysis_config] failed to parse field [bucket_span]",
            ],
            "illegal_argument_exception",
        ),
        (
            r#"{"analysis_config":{"detectors":[{"by_field_name":"a","custom_rules":[{"conditions":[{"applies_to":"actual","operator":"lt","value":-3}]}]}]}}"#,
            vec![
                "[1:139] [job_details] failed to parse field [analysis_config]",
                "[1:139] [analysis_config] failed to parse field [detectors]",
            ],
            "status_exception",
        ),
        (
            r#"{"analysis_config":{"detectors":[5,6,{"function":"count"}]}}"#,
            vec![
                "[1:36] [job_details] failed to parse field [analysis_config]",
                "[1:36] [analysis_config] failed to parse field [detectors]",
                "[1:36] [detector] Expected START_OBJECT but was: VALUE_NUMBER",
            ],
            "",
        ),
        (
            r#"{"analysis_config":{"detectors":[{"function":"count"}],"bucket_span":"0"}}"#,
            vec!["[1:73] [job_details] failed to parse field [analysis_config]"],
            "illegal_argument_exception",
        ),
        (
            r#"{"analysis_config":{"bucket_span":"5m","latency":"q"}}"#,
            vec!["[1:53] [job_details] failed to parse field [analysis_config]"],
            "illegal_argument_exception: Required [detectors]",
        ),
        (
            r#"{"analysis_limits":{"model_memory_limit":"0"}}"#,
            vec![
                "[1:45] [job_details] failed to parse field [analysis_limits]",
                "Failed to build [analysis_limits] after last required field arrived",
            ],
            "status_exception",
        ),
        (
            r#"{"analysis_limits":{"model_memory_limit":"1b","categorization_examples_limit":4}}"#,
            vec![
                "[1:79] [job_details] failed to parse field [analysis_limits]",
                "[1:79] [analysis_limits] failed to parse field [categorization_examples_limit]",
                "Failed to build [analysis_limits] after last required field arrived",
            ],
            "status_exception",
        ),
        (
            r#"{"analysis_limits":{"model_memory_limit":"x"}}"#,
            vec![
                "[1:42] [job_details] failed to parse field [analysis_limits]",
                "[1:42] [analysis_limits] failed to parse field [model_memory_limit]",
            ],
            "parse_exception",
        ),
        (
            r#"{"data_description":{"time_format":"EPOCH"}}"#,
            vec![
                "[1:36] [job_details] failed to parse field [data_description]",
                "[1:36] [data_description] failed to parse field [time_format]",
            ],
            "status_exception",
        ),
        (
            r#"{"analysis_config":{"detectors":[{"function":"count","custom_rules":[{"scope":{"a":{"filter_id":5}}}]}]}}"#,
            vec![
                "[1:99] [job_details] failed to parse field [analysis_config]",
                "[1:99] [analysis_config] failed to parse field [detectors]",
                "[1:99] [detector] failed to parse field [custom_rules]",
                "[1:99] [detection_rule] failed to parse field [scope]",
                "[1:14] [filter_ref] filter_id doesn't support values of type: VALUE_NUMBER",
            ],
            "",
        ),
        (
            r#"{"job_id":5}"#,
            vec!["[1:11] [job_details] job_id doesn't support values of type: VALUE_NUMBER"],
            "",
        ),
        (
            r#"{"foo":1}"#,
            vec!["[1:2] [job_details] unknown field [foo], parser not found"],
            "",
        ),
        (
            "[]",
            vec!["[1:1] [job_details] Expected START_OBJECT but was: START_ARRAY"],
            "",
        ),
        (" ", vec!["[1:0] [job_details] Expected START_OBJECT but was: null"], ""),
    ] {
        let (status, chain) = refused(body);
        assert_eq!(status, 400, "{body}");
        let expected: Vec<String> = wrappers.iter().map(|reason| format!("{parse}{reason}")).collect();
        assert_eq!(&chain[..expected.len()], expected.as_slice(), "{body}");
        let below = chain.get(expected.len()).cloned().unwrap_or_default();
        assert!(
            below.starts_with(innermost) && (innermost.is_empty() == below.is_empty()),
            "{body}: {below}"
        );
    }
}

/// create-job.md §4.1 and §3: which fault of the whole job wins, by the field that its message names.
#[test]
fn faults_of_the_whole_job_come_in_order() {
    let job = |detector: &str, beside: &str| {
        format!(r#"{{"analysis_config":{{"detectors":[{detector}]}},"data_description":{{}}{beside}}}"#)
    };
    let count = r#"{"function":"count"}"#;
    let timed = r#"{"function":"count","by_field_name":"time"}"#;
    let all = r#","results_retention_days":-1,"renormalization_window_days":-1,"model_snapshot_retention_days":-1,"background_persist_interval":"1s","groups":["A"],"results_index_name":"B","create_time":1"#;
    let mut rest = all.to_owned();
    let mut expected = vec![(job(timed, &rest), "time_field")];
    for (field, part) in [
        ("background_persist_interval", r#","background_persist_interval":"1s""#),
        ("renormalization_window_days", r#","renormalization_window_days":-1"#),
        (
            "model_snapshot_retention_days",
            r#","model_snapshot_retention_days":-1"#,
        ),
        ("results_retention_days", r#","results_retention_days":-1"#),
        ("[groups] has [A]", r#","groups":["A"]"#),
        ("results_index_name", r#","results_index_name":"B""#),
        ("[create_time]", r#","create_time":1"#),
    ] {
        expected.push((job(count, &rest), field));
        rest = rest.replace(part, "");
    }
    for (body, field) in &expected {
        let (status, chain) = refused(body);
        assert_eq!((status, chain.len()), (400, 1), "{body}: {chain:?}");
        assert!(
            chain[0].starts_with("illegal_argument_exception: ") && chain[0].contains(field),
            "{field}: {chain:?}"
        );
    }
    assert!(rest.is_empty());
    assert!(refused(&job(count, r#","groups":["g","j"]"#)).1[0].starts_with("resource_already_exists_exception"));
    assert!(refused(&job(count, r#","job_id":"""#)).1[0].contains("job_id"));
    assert!(refused(r#"{"data_description":{}}"#).1[0].contains("analysis_config"));
}

/// create-job.md §2, malformed JSON: which parsers name it, and where.
#[test]
fn syntax_faults_are_told_by_the_objects_around_them() {
    for (body, chain) in [
        (
            r#"{"groups":["a"], x"#,
            vec!["[1:15] [job_details] failed to parse object"],
        ),
        (
            r#"{"groups":["a", x]}"#,
            vec!["[1:17] [job_details] failed to parse field [groups]"],
        ),
        (
            r#"{"analysis_config":{"bucket_span":"5m","bucket_span":"6m"}}"#,
            vec!["[1:35] [job_details] failed to parse field [analysis_config]"],
        ),
        (
            r#"{"analysis_config":{"detectors":[{"function":"count","function":"sum"}]}}"#,
            vec![
                "[1:46] [job_details] failed to parse field [analysis_config]",
                "[1:46] [analysis_config] failed to parse field [detectors]",
                "[1:46] [detector] failed to parse object",
            ],
        ),
        (
            r#"{"custom_settings":{"a":1,"a":2}}"#,
            vec!["[1:25] [job_details] failed to parse field [custom_settings]"],
        ),
    ] {
        let (_, seen) = refused(body);
        let expected: Vec<String> = chain
            .iter()
            .map(|reason| format!("x_content_parse_exception: {reason}"))
            .collect();
        assert_eq!(seen[..expected.len()], expected, "{body}");
        assert!(
            seen[expected.len()].starts_with("json_parse_exception"),
            "{body}: {seen:?}"
        );
        assert_eq!(seen.len(), expected.len() + 1);
    }
    assert_eq!(
        refused(r#"{"foo":"x"#).1,
        ["x_content_parse_exception: [1:2] [job_details] unknown field [foo], parser not found"]
    );
    assert!(refused(r#"{"groups":"x"#).1[1].starts_with("json_e_o_f_exception"));
}

/// create-job.md §1, the order of work: the body is judged before the query.
#[test]
fn the_body_is_judged_before_the_query() {
    let body = br#"{"analysis_config":{"detectors":[{"function":"count"}]},"data_description":{}}"#;
    let reason = |query: &str, body: &[u8]| match admit_as(Version::BASE, "j", query, body) {
        Verdict::Refused(refusal) => refusal.to_body(Traces::Absent).to_string(),
        Verdict::Admitted(_) => panic!("{query} was admitted"),
    };
    assert!(reason("x=1", body).contains("contains unrecognized parameter: [x]"));
    assert!(reason("x=1", b"[]").contains("Expected START_OBJECT"));
    assert!(reason("", b"").contains("request body is required"));
}

/// The types of the exceptions that a version tells.
fn types(version: &str, body: &str) -> Vec<&'static str> {
    let api = version.parse().expect("a version");
    match admit_as(api, "j", "", body.as_bytes()) {
        Verdict::Refused(refusal) => types_of(&refusal),
        Verdict::Admitted(_) => panic!("{body} is not refused"),
    }
}

const PARSE: &str = "x_content_parse_exception";
const END: &str = "x_content_e_o_f_exception";
const JSON_END: &str = "json_e_o_f_exception";

/// As these versions' own parsers answer.
#[test]
fn the_end_of_the_text_got_a_type_of_its_own_step_by_step() {
    for (version, object, list) in [
        ("8.10.0", [PARSE, JSON_END], [PARSE, END, JSON_END]),
        ("8.18.0", [PARSE, JSON_END], [PARSE, END, JSON_END]),
        ("8.19.21", [END, JSON_END], [PARSE, END, JSON_END]),
        ("9.1.0", [PARSE, JSON_END], [PARSE, END, JSON_END]),
        ("9.1.3", [END, JSON_END], [PARSE, END, JSON_END]),
    ] {
        assert_eq!(types(version, "{"), object, "{version}");
        assert_eq!(types(version, r#"{"groups":["a""#), list, "{version}");
    }
}

/// As these versions' own parsers answer. A string in place of a boolean is a token of its own; one before an object is passed
/// over with the token that is asked for next.
#[test]
fn before_8_18_a_broken_string_has_no_place_of_its_own() {
    let cut = r#"{"description":"ab"#;
    assert_eq!(types("8.17.10", cut), [PARSE, JSON_END]);
    assert_eq!(types("8.18.0", cut), [PARSE, PARSE, JSON_END]);
    assert_eq!(types("9.0.0", cut), [PARSE, PARSE, JSON_END]);
    assert_eq!(types("9.1.3", cut), [PARSE, END, JSON_END]);
    for version in ["8.10.0", "8.15.0", "8.17.10", "8.18.0"] {
        assert_eq!(
            types(version, r#"{"allow_lazy_open":"tr"#),
            [PARSE, PARSE, JSON_END],
            "{version}"
        );
    }
    let passed_over = r#"{"analysis_config":{"detectors":["x"#;
    assert_eq!(types("8.15.0", passed_over), [PARSE, PARSE, PARSE, END, JSON_END]);
    assert_eq!(types("8.16.0", passed_over), [PARSE, PARSE, END, JSON_END]);
    assert_eq!(types("9.0.0", passed_over), [PARSE, PARSE, END, JSON_END]);
}

/// As 8.16.0, 8.19.21 and 9.5.3 answer: what the library itself passes over is told in its own words.
#[test]
fn a_fault_in_what_is_passed_over_has_no_place_of_its_own() {
    let rule = r#"{"analysis_config":{"detectors":[{"custom_rules":[{"params":{"force_time_shift":{"x":"#;
    let around = [PARSE; 5];
    for version in ["8.16.0", "9.5.3"] {
        for (fault, inner) in [
            ("{c", &["json_parse_exception"][..]),
            ("c", &[PARSE, "json_parse_exception"]),
        ] {
            let expected: Vec<&str> = around.iter().copied().chain(inner.iter().copied()).collect();
            assert_eq!(
                types(version, &format!("{rule}{fault}")),
                expected,
                "{version}: {fault}"
            );
        }
    }
}

/// As these versions' own parsers answer; those of 9.1.10 and 9.2.8 read numbers as they do texts.
#[test]
fn the_end_right_behind_the_quote_of_a_number_has_no_place() {
    let value = r#"{"analysis_config":{"detectors":[{"custom_rules":[{"conditions":[{"value":""#;
    let days = r#"{"model_snapshot_retention_days":""#;
    for (version, last) in [
        ("9.1.10", [END, JSON_END]),
        ("9.2.8", [END, JSON_END]),
        ("8.19.21", [PARSE, JSON_END]),
        ("9.5.3", [PARSE, JSON_END]),
    ] {
        for cut in [value, days] {
            assert!(types(version, cut).ends_with(&last), "{version} {cut}");
            assert!(
                types(version, &format!("{cut}1")).ends_with(&[END, JSON_END]),
                "{version} {cut}"
            );
        }
    }
    let text = types("9.5.3", r#"{"description":""#);
    assert_eq!(text, [PARSE, END, JSON_END]);
}

/// As the parsers of 6.8.23, 7.10.2 and 8.19.21 answer: the oldest one looks the digits of an escape up in a table. Which
/// version of Jackson a version between them reads with is in its published POM.
#[test]
fn an_escape_with_a_digit_beyond_ascii_goes_beyond_a_table_before_7_7() {
    const INDEX: &str = "array_index_out_of_bounds_exception";
    const JSON: &str = "json_parse_exception";
    let (name, value) = (r#"{"\u0é":1}"#, r#"{"description":"\u0é"}"#);
    assert_eq!(types("7.6.2", name), [INDEX]);
    assert_eq!(types("7.6.2", value), [PARSE, INDEX]);
    for version in ["7.7.0", "8.19.21"] {
        assert_eq!(types(version, name), [PARSE, JSON], "{version}");
    }
    assert_eq!(types("7.7.0", value), [PARSE, JSON]);
    assert_eq!(types("8.19.21", value), [PARSE, PARSE, JSON]);
}
