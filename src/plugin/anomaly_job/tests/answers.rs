//! Requests that are admitted, and what they are answered.

use super::*;

/// The example of the 7.0 documentation.
#[test]
fn answers_the_example_of_the_documentation() {
    let body = include_bytes!("../../../../tests/jobs/total-requests.json");
    let Verdict::Admitted(admitted) = admit_as(Version::BASE, "total-requests", "", body) else {
        panic!("the example was refused");
    };
    assert_eq!(admitted.document_id, "anomaly_detector-total-requests");
    assert_eq!(
        admitted.effective(),
        r#"{"job_id":"total-requests","job_type":"anomaly_detector","job_version":"7.0.0","description":"Total sum of requests","create_time":1500000000000,"analysis_config":{"bucket_span":"10m","detectors":[{"detector_description":"Sum of total","function":"sum","field_name":"total","detector_index":0}],"influencers":[]},"analysis_limits":{"model_memory_limit":"1024mb","categorization_examples_limit":4},"data_description":{"time_field":"timestamp","time_format":"epoch_ms"},"model_snapshot_retention_days":1,"results_index_name":"shared"}"#
    );
    assert_eq!(
        admitted.stored(),
        admitted.effective().replace(r#","detector_index":0"#, "")
    );
}

/// create-job.md §5.1: the text of the time stands before the number, in the answer only.
#[test]
fn people_may_read_the_time() {
    let body = br#"{"analysis_config":{"detectors":[{"function":"count"}]},"data_description":{}}"#;
    let Verdict::Admitted(admitted) = admit_as(Version::BASE, "j", "human", body) else {
        panic!("it was refused");
    };
    let both = r#","create_time_string":"2017-07-14T02:40:00.000Z","create_time":1500000000000,"#;
    assert!(admitted.effective().contains(both), "{}", admitted.effective());
    assert!(!admitted.stored().contains("create_time_string"));
}

/// create-job.md §5.1, the computed example.
#[test]
fn fills_in_every_default() {
    let admitted =
        admitted(r#"{"analysis_config":{"detectors":[{"function":"nzc","by_field_name":"a"}]},"data_description":{}}"#);
    assert_eq!(
        admitted.effective(),
        r#"{"job_id":"j","job_type":"anomaly_detector","job_version":"7.0.0","create_time":1500000000000,"analysis_config":{"bucket_span":"5m","detectors":[{"detector_description":"non_zero_count by a","function":"non_zero_count","by_field_name":"a","detector_index":0}],"influencers":[]},"analysis_limits":{"model_memory_limit":"1024mb","categorization_examples_limit":4},"data_description":{"time_field":"time","time_format":"epoch_ms"},"model_snapshot_retention_days":1,"results_index_name":"shared"}"#
    );
}

/// create-job.md §2.2 to §2.8 and §7: values as they come back.
#[test]
#[allow(clippy::too_many_lines, reason = "one row for each value")]
fn values_come_back_as_elasticsearch_prints_them() {
    for (analysis, beside, pointer, expected) in [
        (
            "",
            r#","groups":["g","g",5,1000.0,true]"#,
            "/groups",
            r#"["g","g","5","1000.0","true"]"#,
        ),
        ("", r#","groups":"g""#, "/groups", r#"["g"]"#),
        ("", r#","description":"""#, "/description", r#""""#),
        (
            "",
            r#","background_persist_interval":"60m""#,
            "/background_persist_interval",
            r#""60m""#,
        ),
        (
            "",
            r#","renormalization_window_days":"4.7""#,
            "/renormalization_window_days",
            "4",
        ),
        (
            "",
            r#","model_snapshot_retention_days":1e3"#,
            "/model_snapshot_retention_days",
            "1000",
        ),
        (
            "",
            r#","results_index_name":"foo""#,
            "/results_index_name",
            r#""custom-foo""#,
        ),
        ("", r#","results_index_name":"""#, "/results_index_name", r#""shared""#),
        ("", r#","job_type":"x""#, "/job_type", r#""x""#),
        ("", r#","deleting":"true""#, "/deleting", "true"),
        (
            "",
            r#","model_snapshot_min_version":null"#,
            "/model_snapshot_min_version",
            r#""7.0.0""#,
        ),
        ("", r#","job_version":"6.5.0""#, "/job_version", r#""7.0.0""#),
        ("", r#","custom_settings":{}"#, "/custom_settings", "{}"),
        (
            "",
            r#","custom_settings":{"b":1.10,"a":[1e5,1e400,123456789012345678901234567890,null]}"#,
            "/custom_settings",
            r#"{"b":1.1,"a":[100000.0,"Infinity",123456789012345678901234567890,null]}"#,
        ),
        (r#","bucket_span":"2H""#, "", "/analysis_config/bucket_span", r#""2h""#),
        (r#","latency":"0""#, "", "/analysis_config/latency", r#""0ms""#),
        (
            r#","categorization_filters":[]"#,
            "",
            "/analysis_config/categorization_filters",
            "[]",
        ),
        (
            r#","multivariate_by_fields":"""#,
            "",
            "/analysis_config/multivariate_by_fields",
            "false",
        ),
        (
            r#","influencers":["b","a","b",""]"#,
            "",
            "/analysis_config/influencers",
            r#"["b","a","b",""]"#,
        ),
        (
            r#","categorization_analyzer":{"filter":["f"],"tokenizer":{"n":100,"b.c":true,"d":null},"char_filter":[]}"#,
            "",
            "/analysis_config/categorization_analyzer",
            r#"{"tokenizer":{"d":null,"b":{"c":"true"},"n":"100"},"filter":["f"]}"#,
        ),
        (
            "",
            r#","analysis_limits":{"model_memory_limit":"1500kb"}"#,
            "/analysis_limits/model_memory_limit",
            r#""1mb""#,
        ),
        (
            "",
            r#","analysis_limits":{"model_memory_limit":2048}"#,
            "/analysis_limits/model_memory_limit",
            r#""2048mb""#,
        ),
        (
            "",
            r#","model_plot_config":{"enabled":"true","terms":""}"#,
            "/model_plot_config",
            r#"{"enabled":true,"terms":""}"#,
        ),
    ] {
        let body = job_with(analysis, beside);
        let effective = effective(&body);
        assert_eq!(
            effective.pointer(pointer).map(ToString::to_string).as_deref(),
            Some(expected),
            "{body}"
        );
    }
    assert_eq!(
        effective(&job_with("", r#","groups":[],"deleting":false"#)).get("groups"),
        None
    );
}

/// create-job.md §2.3 to §2.5: what is deprecated, and in which versions.
#[test]
fn what_is_deprecated_earns_a_warning() {
    let warned = |api: Version, body: &str| match admit_as(api, "j", "", body.as_bytes()) {
        Verdict::Admitted(admitted) => admitted.warnings,
        Verdict::Refused(refusal) => panic!("{body} was refused: {}", refusal.to_body(Traces::Absent)),
    };
    let (seven, eight, nine) = (Version::new(7, 17, 28), Version::new(8, 19, 21), Version::new(9, 5, 3));
    let fraction = job_with("", r#","analysis_limits":{"model_memory_limit":"1.5gb"}"#);
    let text = "Fractional bytes values are deprecated. Use non-fractional bytes values instead: \
                [1.5gb] found for setting [model_memory_limit]";
    assert_eq!(warned(Version::BASE, &fraction), [text]);
    assert_eq!(warned(eight, &fraction), [text]);
    assert!(warned(nine, &fraction).is_empty());

    let span = job_with(r#","bucket_span":"7m""#, "");
    assert!(warned(seven, &span).is_empty());
    assert!(warned(eight, &span)[0].contains("[7m]"));

    let delimited =
        r#"{"analysis_config":{"detectors":[{"function":"count"}]},"data_description":{"format":"delimited"}}"#;
    assert!(warned(seven, delimited)[0].contains("delimited"));
    assert!(warned(eight, delimited).is_empty());
    assert!(warned(nine, &job_with("", "")).is_empty());
}

/// create-job.md §2.7: rules, their order and the forms of their values.
#[test]
fn rules_come_back_as_elasticsearch_prints_them() {
    let body = r#"{"analysis_config":{"detectors":{"function":"count","by_field_name":"b","custom_rules":[
        {"actions":["SKIP_model_update","skip_result","skip_result"],"scope":{"b":{"filter_id":"x"}}},
        {"actions":[],"conditions":{"applies_to":"TIME","operator":" GT\u0001","value":"-0x1p-1"}},
        {"conditions":[{"applies_to":"actual","operator":"lte","value":1e10},{"applies_to":"typical","operator":"lt","value":"0x1p3"}]}
    ]}},"data_description":{}}"#;
    let effective = admitted(body).documents.into_whole();
    let expected = r#"[{"actions":["skip_result","skip_model_update"],"scope":{"b":{"filter_id":"x","filter_type":"include"}}},{"actions":[],"conditions":[{"applies_to":"time","operator":"gt","value":-0.5}]},{"actions":["skip_result"],"conditions":[{"applies_to":"actual","operator":"lte","value":1.0E10},{"applies_to":"typical","operator":"lt","value":8.0}]}]"#;
    assert!(effective.contains(expected), "{effective}");
}

/// As Elasticsearch 7.8.1 and 9.5.3: detectors are compared with their numbers, of which none is like `NaN`, and 0 is
/// not like -0.
#[test]
fn detectors_are_alike_when_their_numbers_are() {
    let verdict = |left: &str, right: &str| {
        let detector = |value: &str| {
            format!(
                r#"{{"function":"mean","field_name":"f","custom_rules":[{{"conditions":[{{"applies_to":"actual","operator":"gt","value":{value}}}]}}]}}"#
            )
        };
        let detectors = format!("{},{}", detector(left), detector(right));
        let body = format!(r#"{{"analysis_config":{{"detectors":[{detectors}]}},"data_description":{{}}}}"#);
        admit_as(Version::new(7, 8, 1), "j", "", body.as_bytes())
    };
    let is_admitted = |left, right| matches!(verdict(left, right), Verdict::Admitted(_));
    // Not refused for that, but because no index takes it.
    let Verdict::Refused(refusal) = verdict("\"NaN\"", "\"NaN\"") else {
        panic!("admitted");
    };
    assert_eq!(
        types_of(&refusal),
        ["mapper_parsing_exception", "illegal_argument_exception"]
    );
    assert!(is_admitted("0.0", "-0.0"));
    assert!(!is_admitted("1", "1.0"));
}

/// jobs-api.md §5.3: a datafeed is a member of the answer and a document of its own, and policies see it as one more member.
#[test]
fn a_datafeed_is_answered_with_its_job_and_stored_beside_it() {
    let body = r#"{"analysis_config":{"detectors":[{"function":"count"}]},"data_description":{},"datafeed_config":{"aggs":{"b":{"date_histogram":{"field":"t","fixed_interval":"1m"},"aggs":{"t":{"max":{"field":"t"}}}}},"indexes":"a"}}"#;
    let body = body.replace("\"detectors\"", "\"summary_count_field_name\":\"n\",\"detectors\"");
    let candidate = Candidate {
        id: "j",
        query: "ignore_unavailable=true",
        path: "/_ml/anomaly_detectors/j",
        body: body.as_bytes(),
        format: Format::Json,
        api: Version::new(8, 19, 21),
        now_millis: 7,
        current: None,
    };
    let Verdict::Admitted(admitted) = CALL.admit(&candidate) else {
        panic!("it is refused");
    };
    let datafeed = concat!(
        r#"{"datafeed_id":"j","job_id":"j","query_delay":"72314ms","#,
        r#""chunking_config":{"mode":"manual","time_span":"60000000ms"},"#,
        r#""indices_options":{"ignore_unavailable":true,"expand_wildcards":["open"],"allow_no_indices":true,"ignore_throttled":true},"#,
        r#""query":{"match_all":{}},"indices":["a"],"#,
        r#""aggregations":{"b":{"date_histogram":{"field":"t","fixed_interval":"1m"},"aggs":{"t":{"max":{"field":"t"}}}}},"#,
        r#""scroll_size":1000,"delayed_data_check_config":{"enabled":true}}"#
    );
    let member = format!(r#","datafeed_config":{datafeed},"analysis_config":"#);
    assert!(admitted.effective().contains(&member), "{}", admitted.effective());
    let stored = admitted.stored();
    assert!(!stored.contains("datafeed"), "{stored}");
    let judged = format!(
        r#"{},"datafeed":{datafeed}}}"#,
        stored.strip_suffix('}').expect("an object")
    );
    assert_eq!(admitted.judged(), judged);
    assert!(admitted.with_companion().text().contains(&member));
    let companion = admitted.companion.as_ref().expect("a datafeed");
    assert_eq!(companion.document_id, "datafeed-j");
    let beside = datafeed.replace(
        r#""job_id":"j","#,
        r#""job_id":"j","config_type":"datafeed","create_time":7,"#,
    );
    assert_eq!(companion.document.text(), beside);
}

/// What is known of a document while it is written leads to the same body as reading it again would.
#[test]
fn the_request_is_what_is_stored_less_what_only_the_server_sets() {
    let job = r#"{TYPE"groups":["a"],"analysis_config":{"detectors":[{"function":"count"},{"function":"rare","by_field_name":"b"}]},"data_description":{},"custom_settings":{"create_time":[1.0,"\uD83D"],"job_version":"x"}DATAFEED}"#;
    for (api, datafeed) in [
        (Version::BASE, ""),
        (Version::new(7, 17, 28), r#","datafeed_config":{"indices":["a"]}"#),
        (
            Version::new(9, 5, 3),
            r#","datafeed_config":{"indices":["a"],"datafeed_id":"d"}"#,
        ),
    ] {
        for query in ["", "human"] {
            for kind in ["", r#""job_type":"anomaly_detector","#, r#""job_type":"mine","#] {
                // Later versions do not know it.
                let kind = if api >= Version::new(8, 0, 0) { "" } else { kind };
                let body = job.replace("TYPE", kind).replace("DATAFEED", datafeed);
                let Verdict::Admitted(admitted) = admit_as(api, "j", query, body.as_bytes()) else {
                    panic!("{api} refuses {body}");
                };
                let read = create_request::request(&admitted.with_companion().text()).expect("a document");
                assert_eq!(admitted.request().text(), read, "{api} {query}");
                assert_eq!(admitted.request().length(), read.len(), "{api} {query}");
                assert!(!read.contains("detector_index") && !read.contains("_string"), "{read}");
                assert_eq!(read.contains("datafeed_config"), !datafeed.is_empty(), "{read}");
            }
        }
    }
}
