//! What the reports say of files: where jobs are, what follows them, and what could not be read.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{bad, good, validate};

#[test]
fn messages_name_places_of_the_file() {
    let text = format!("{}\n  {}\n", good("a"), bad("b"));
    let (code, stdout, _) = validate(&[("jobs.ndjson", &text)], &["jobs.ndjson", "--api", "8.17"]);
    assert_eq!(code, Some(1));
    let column = 3 + bad("b").find("\"cont\"").expect("the mistake");
    assert!(stdout.starts_with("jobs.ndjson:2:3: job [b] is refused\n"), "{stdout}");
    assert!(
        stdout.contains(&format!("error: [2:{column}] [job_details]")),
        "{stdout}"
    );
}

#[test]
fn every_format_of_a_report_has_the_places() {
    let files = [("jobs.json", format!("[{},\n {}]", good("a"), bad("b")))];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let (_, stdout, _) = validate(&files, &["jobs.json", "--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&stdout).expect("JSON");
    let location = &sarif["runs"][0]["results"][0]["locations"][0];
    assert_eq!(
        location["physicalLocation"],
        json!({"artifactLocation": {"uri": "jobs.json"}, "region": {"startLine": 2, "startColumn": 2}})
    );
    assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "/1");
    let (_, stdout, _) = validate(&files, &["jobs.json", "--format", "junit"]);
    for name in ["jobs.json:1:2", "jobs.json:2:2"] {
        assert!(stdout.contains(&format!("<testcase name=\"{name}\"")), "{stdout}");
    }
}

#[test]
fn what_follows_a_job_and_is_none_is_reported() {
    let file = format!("{} and so on", good("a"));
    let (code, stdout, _) = validate(&[("a.json", &file)], &["a.json"]);
    assert_eq!(code, Some(0));
    assert_snapshot!(stdout, @r"
    a.json: job [a] is admitted
      warning: what follows the job in the file is not read: [and so on]
    1 admitted, 0 refused, 1 with warnings
    ");
    assert_eq!(
        validate(&[("a.json", &file)], &["a.json", "--fail-on", "warn"]).0,
        Some(1)
    );

    let file = format!("{}\nno job\n{}}}\n", good("a"), good("b"));
    let (code, stdout, _) = validate(&[("a.ndjson", &file)], &["a.ndjson"]);
    assert_eq!(code, Some(0));
    assert_snapshot!(stdout, @r"
    a.ndjson:1:1: job [a] is admitted
      warning: what follows the job in the file is not read: [no job]
    a.ndjson:3:1: job [b] is admitted
      warning: what follows the job in the file is not read: [}]
    2 admitted, 0 refused, 2 with warnings
    ");
}

#[test]
fn what_follows_a_value_of_yaml_is_reported() {
    let file = format!("# a job\n{} # that is all\n", good("a"));
    let (_, stdout, _) = validate(&[("a.yml", &file)], &["a.yml"]);
    assert_eq!(stdout, "1 admitted, 0 refused\n");
    let list = format!("[{}, {}] and so on\n", good("a"), good("b"));
    let (code, stdout, _) = validate(&[("a.yml", &list)], &["a.yml"]);
    assert_eq!(code, Some(0));
    assert_snapshot!(stdout, @r"
    a.yml:1:95: job [b] is admitted
      warning: what follows the job in the file is not read: [and so on]
    2 admitted, 0 refused, 1 with warnings
    ");
}

#[test]
fn a_request_that_is_no_json_is_told_at_its_place() {
    let text = "PUT _ml/anomaly_detectors/a\n{\"description\": \"\"\"a \"b\" c\"\"\"}\n";
    let (code, stdout, _) = validate(&[("a.txt", text)], &["a.txt"]);
    assert_eq!(code, Some(2));
    assert!(stdout.starts_with("a.txt:2:1: is malformed at 2:19: "), "{stdout}");
}

/// A file that is cut off may have had more jobs, so that what is left of it does not pass.
#[test]
fn a_file_that_is_cut_off_is_not_judged() {
    let file = format!("{{\"jobs\":[{},\n", good("a"));
    let (code, stdout, _) = validate(&[("a.json", &file)], &["a.json"]);
    assert_eq!(code, Some(2));
    assert!(stdout.starts_with("a.json:1:1: is malformed at 2:1: "), "{stdout}");
    let (code, stdout, _) = validate(&[("a.json", "{\"jobs\":[]}")], &["a.json"]);
    assert_eq!(
        (code, stdout.as_str()),
        (
            Some(2),
            "a.json: holds no job in a form that is known: a body, a list, an export, a dump, a module or a plan\n0 admitted, 0 refused, 1 not judged\n"
        )
    );
}
