//! The table of functions of create-job.md §4.3: every function with every combination of fields.

use conformance::{Case, Judge, Release};

/// What a function does with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Required,
    Optional,
    Forbidden,
}
use Field::{Forbidden, Optional, Required};

/// Names; field, by and over field; whether the function alone says what it counts.
const TABLE: [(&[&str], Field, Field, Field, bool); 11] = [
    (
        &["count", "low_count", "high_count"],
        Forbidden,
        Optional,
        Optional,
        true,
    ),
    (
        &[
            "non_zero_count",
            "nzc",
            "low_non_zero_count",
            "low_nzc",
            "high_non_zero_count",
            "high_nzc",
        ],
        Forbidden,
        Optional,
        Forbidden,
        true,
    ),
    (
        &[
            "distinct_count",
            "dc",
            "low_distinct_count",
            "low_dc",
            "high_distinct_count",
            "high_dc",
        ],
        Required,
        Optional,
        Optional,
        false,
    ),
    (&["rare"], Forbidden, Required, Optional, false),
    (&["freq_rare"], Forbidden, Required, Required, false),
    (
        &["info_content", "low_info_content", "high_info_content", "metric"],
        Required,
        Optional,
        Optional,
        false,
    ),
    (
        &["mean", "low_mean", "high_mean", "avg", "low_avg", "high_avg"],
        Required,
        Optional,
        Optional,
        false,
    ),
    (
        &[
            "median",
            "low_median",
            "high_median",
            "min",
            "max",
            "sum",
            "low_sum",
            "high_sum",
        ],
        Required,
        Optional,
        Optional,
        false,
    ),
    (
        &["varp", "low_varp", "high_varp", "lat_long"],
        Required,
        Optional,
        Optional,
        false,
    ),
    (
        &["non_null_sum", "low_non_null_sum", "high_non_null_sum"],
        Required,
        Optional,
        Optional,
        false,
    ),
    (&["time_of_day", "time_of_week"], Forbidden, Optional, Optional, true),
];

/// Whether create-job.md §4.3 accepts a function with these fields.
fn is_accepted(row: (Field, Field, Field, bool), has: [bool; 3], is_late: bool, name: &str) -> bool {
    let (field, by, over, alone) = row;
    let over = if is_late && name.ends_with("non_null_sum") {
        Forbidden
    } else {
        over
    };
    let fits = |field: Field, has: bool| match field {
        Required => has,
        Optional => true,
        Forbidden => !has,
    };
    let says_what = alone || has.contains(&true);
    says_what && fits(field, has[0]) && fits(by, has[1]) && fits(over, has[2])
}

fn case(name: &str, has: [bool; 3], partition: bool) -> Case {
    let fields = [
        ("field_name", has[0]),
        ("by_field_name", has[1]),
        ("over_field_name", has[2]),
        ("partition_field_name", partition),
    ];
    let sent = fields.iter().filter(|(_, has)| *has);
    let members: Vec<String> = sent.map(|(field, _)| format!(r#","{field}":"of {field}""#)).collect();
    let members = members.concat();
    let body = format!(
        r#"{{"analysis_config":{{"detectors":[{{"function":"{name}"{members}}}],"summary_count_field_name":""}},"data_description":{{}}}}"#
    );
    Case::new("j", body)
}

#[test]
fn every_function_takes_the_fields_that_the_reference_says() {
    let mut faults = Vec::new();
    for release in Release::pinned() {
        let is_late = release.version() >= "9.5".parse().expect("a version");
        let mut judge = Judge::start(release).expect("an oracle");
        let mut cases = Vec::new();
        let mut expected = Vec::new();
        for (names, field, by, over, alone) in TABLE {
            for name in names {
                for bits in 0..16_u8 {
                    let has = [bits & 1 != 0, bits & 2 != 0, bits & 4 != 0];
                    cases.push(case(name, has, bits & 8 != 0));
                    expected.push(if is_accepted((field, by, over, alone), has, is_late, name) {
                        200
                    } else {
                        400
                    });
                }
            }
        }
        for (judged, status) in judge.judge(&cases).expect("answers").iter().zip(expected) {
            if judged.theirs.status != status || !judged.differences.is_empty() {
                faults.push(format!("{release}, documented {status}: {judged}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
