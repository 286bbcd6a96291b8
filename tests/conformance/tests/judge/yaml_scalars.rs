//! What a scalar of YAML means, by its tag and its look, and how deep YAML nests: in places of every kind that a value can have.

use conformance::Case;

use super::encodings::agree;

/// Tags, and none.
const TAGS: [&str; 9] = [
    "",
    "! ",
    "!r ",
    "!!int ",
    "!!float ",
    "!!bool ",
    "!!null ",
    "!!str ",
    "!!binary ",
];

/// Texts that are numbers, or nearly.
const TEXTS: [&str; 58] = [
    ".",
    "-.",
    "+.",
    "..",
    "1.2.3",
    "-1.2.3",
    "1.",
    ".5",
    "+.5",
    "-.5",
    "._5",
    "1_0.5",
    "1.5_0",
    "_1.5",
    "1_.5",
    ".e+3",
    "1.e+3",
    "1.5e3",
    "1.5e+3",
    "1.5e-3",
    "1e+3",
    "1.5e+",
    "0",
    "-0",
    "+0",
    "00",
    "05",
    "08",
    "-08",
    "05\"",
    "0_",
    "0_7",
    "0x",
    "0x1F",
    "0x1G",
    "0b",
    "0b11",
    "0b12",
    "0o7",
    "-",
    "+",
    "+5",
    "1_0",
    "1__0_",
    "0999999999999",
    "0xFFFFFFFFFFFFFFFFFFFFFFG",
    "3.14793238462643383279",
    "3.5",
    "1:30",
    "1:30.5",
    "NaN",
    "Infinity",
    "1.5f",
    "0x1p3",
    "01e999",
    "1_000_000_0",
    "_1",
    "0x-5",
];

fn case(body: String) -> Case {
    let mut case = Case::new("j", body.into_bytes());
    case.content_type = Some("application/yaml".to_owned());
    case
}

#[test]
fn mean_what_elasticsearch_takes_them_for() {
    let rest = "analysis_config: {detectors: [{function: count}]}\ndata_description: {}\n";
    let mut bodies = Vec::new();
    for tag in TAGS {
        for text in TEXTS {
            // To Elasticsearch that is no value at all, not even nothing.
            if (tag, text) == ("!!int ", "+") {
                continue;
            }
            for field in [
                "description",
                "custom_settings",
                "daily_model_snapshot_retention_after_days",
                "allow_lazy_open",
                "background_persist_interval",
            ] {
                let value = if field == "custom_settings" {
                    format!("{{a: {tag}{text} }}")
                } else {
                    format!("{tag}{text}")
                };
                bodies.push(case(format!("{field}: {value}\n{rest}")));
            }
        }
    }
    agree(&bodies);
}

/// Texts of blanks, which a boolean may take for nothing.
#[test]
fn of_blanks_are_taken_as_elasticsearch_takes_them() {
    let rest = "analysis_config: {detectors: [{function: count}]}\ndata_description: {}\n";
    let blanks = [
        "|+\n\n",
        "\"\"",
        "\" \"",
        "\"\\n\"",
        "\"\\t \"",
        "\"\\u00a0\"",
        "\"\\u2028\"",
        "\"\\u3000\"",
        "\"\\u001c\"",
        "\"\\u0085\"",
    ];
    let mut bodies = Vec::new();
    for blank in blanks {
        for field in [
            "allow_lazy_open",
            "results_retention_days",
            "background_persist_interval",
            "description",
            "groups",
        ] {
            bodies.push(case(format!("{field}: {blank}\n{rest}")));
        }
        bodies.push(case(format!("model_plot_config:\n  enabled: {blank}\n{rest}")));
    }
    agree(&bodies);
}

/// Later versions read a number of more than 19 decimals as nothing, in a text and in any format.
#[test]
fn of_many_decimals_are_read_as_elasticsearch_reads_them() {
    let rest = r#""analysis_config":{"detectors":[{"function":"count"}]},"data_description":{}"#;
    let mut values: Vec<String> = ["3e0", "30e-1", "3e18", "3e-5", "300e-30", "3e400", "3e-400", "0e5"]
        .map(str::to_owned)
        .to_vec();
    for whole in ["3", "-3", "0", "123456789012", "99999999999999999999"] {
        values.extend((17..23).map(|count| format!("{whole}.{}", &"14159265358979323846264"[..count])));
        values.extend((17..23).map(|count| format!("{whole}{}e-{count}", "0".repeat(count))));
    }
    let body = |value: &str| format!(r#"{{"renormalization_window_days":{value},{rest}}}"#).into_bytes();
    let texts = values.iter().map(|value| Case::new("j", body(&format!("\"{value}\""))));
    let numbers = values.iter().map(|value| Case::new("j", body(value)));
    agree(&texts.chain(numbers).collect::<Vec<_>>());
}
