//! `validate` with files as people have them: all of their jobs are judged, each with its place, beside each other and
//! beside those of a cluster.

mod cluster;
mod reports;

use std::fs;
use std::process::{Command, Output};

use insta::assert_snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A job, and one with a mistake, as files have them.
const JOB: &str = r#"{"job_id":"NAME","analysis_config":{"detectors":[{"function":"count"}]},"data_description":{}}"#;

fn good(id: &str) -> String {
    JOB.replace("NAME", id)
}

fn bad(id: &str) -> String {
    good(id).replace("count", "cont")
}

/// A job that has its id from elsewhere.
fn nameless(job: &str) -> String {
    let start = job.find("\"analysis").expect("it has an analysis");
    format!("{{{}", &job[start..])
}

/// Runs `validate` in a folder of these files. Its exit code, and what it prints.
fn validate(files: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    validate_in(&folder, arguments)
}

fn validate_in(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    run(folder, "validate", arguments)
}

fn run(folder: &TempDir, command: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_anomaly-gateway"))
        .arg(command)
        .args(arguments)
        .current_dir(folder.path())
        .env("NO_COLOR", "1")
        .output();
    let Output { status, stdout, stderr } = output.expect("the gateway's binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

/// The jobs of a file as the JSON report has them: where each is, its id, its verdict, and its first finding.
fn judged(name: &str, text: &str) -> Vec<(String, String, String)> {
    let (_, stdout, stderr) = validate(&[(name, text)], &[name, "--format", "json", "--api", "8.17"]);
    assert_eq!(stderr, "", "{text}");
    let report: Value = serde_json::from_str(&stdout).expect("JSON");
    let jobs = report["jobs"].as_array().expect("a list").iter();
    jobs.map(|job| {
        let place = match job["line"].as_u64() {
            Some(line) => format!(
                "{line}:{} {}",
                job["column"],
                job["pointer"].as_str().expect("a pointer")
            ),
            None => String::new(),
        };
        let said = |name: &str| job[name].as_str().unwrap_or_default().to_owned();
        (place, said("job_id"), said("verdict"))
    })
    .collect()
}

/// A plan of Terraform that does this with these jobs.
fn plan(changes: &[(&str, &str)]) -> String {
    let change = |(action, job): &(&str, &str)| {
        let mut after: Value = serde_json::from_str(job).expect("JSON");
        after["id"] = Value::Null;
        after["description"] = "".into();
        json!({
            "address": "elasticstack_elasticsearch_ml_anomaly_detection_job.x",
            "type": "elasticstack_elasticsearch_ml_anomaly_detection_job",
            "change": {"actions": [action], "before": null, "after": after}
        })
    };
    let changes: Vec<Value> = changes.iter().map(change).collect();
    json!({"format_version": "1.2", "resource_changes": changes}).to_string()
}

/// Every container that people keep jobs in, with a good and a bad job in it, and where they are.
#[test]
fn all_jobs_of_a_file_are_judged_each_in_its_place() {
    let (a, b) = (good("a"), bad("b"));
    let nameless = [&a, &b].map(|job| nameless(job));
    let [config_a, config_b] = &nameless;
    let stored = |job: &str| job.replace("{\"job_id\"", r#"{"create_time":1,"job_version":"8.17.0","job_id""#);
    let (shown_a, shown_b) = (stored(&a), stored(&b));
    let plan = plan(&[("create", &a), ("update", &b)]);
    let of_plan = |index: usize| {
        let start = plan.match_indices("\"after\":").nth(index).expect("a job").0;
        format!(
            "1:{} /resource_changes/{index}/change/after",
            start + "\"after\":".len() + 1
        )
    };
    let cases: [(&str, String, [String; 2]); 12] = [
        (
            "lines.ndjson",
            format!("{a}\n{b}\n"),
            ["1:1 ", "2:1 "].map(str::to_owned),
        ),
        (
            "values.json",
            format!("{a}\n\n   {b}"),
            ["1:1 ", "3:4 "].map(str::to_owned),
        ),
        (
            "list.json",
            format!("[{a},\n {b}]"),
            ["1:2 /0", "2:2 /1"].map(str::to_owned),
        ),
        (
            "documents.yaml",
            format!("# jobs\n---\n{a}\n---\n{b}\n"),
            ["3:1 ", "5:1 "].map(str::to_owned),
        ),
        (
            "list.yaml",
            format!("- {a}\n- {b}\n"),
            ["1:3 /0", "2:3 /1"].map(str::to_owned),
        ),
        (
            "kibana.json",
            format!("[{{\"job\":{a},\"datafeed\":{{\"datafeed_id\":\"d\"}}}},\n{{\"job\":{b}}}]"),
            ["1:9 /0/job", "2:8 /1/job"].map(str::to_owned),
        ),
        (
            "answer.json",
            format!("{{\"count\":2,\"jobs\":[\n{shown_a},\n{shown_b}]}}"),
            ["2:1 /jobs/0", "3:1 /jobs/1"].map(str::to_owned),
        ),
        (
            "search.json",
            format!(
                "{{\"hits\":{{\"hits\":[\n{{\"_source\":{shown_a}}},\n{{\"_source\":{{\"datafeed_id\":\"d\"}}}},\n\
                 {{\"_source\":{shown_b}}}]}}}}"
            ),
            ["2:12 /hits/hits/0/_source", "4:12 /hits/hits/2/_source"].map(str::to_owned),
        ),
        (
            "dump.ndjson",
            format!(
                "{{\"_index\":\".ml-config\",\"_source\":{shown_a}}}\n{{\"_index\":\".ml-config\",\"_source\":{shown_b}}}\n"
            ),
            ["1:34 /_source", "2:34 /_source"].map(str::to_owned),
        ),
        (
            "module.json",
            format!(
                "{{\"id\":\"m\",\"attributes\":{{\"jobs\":[\n{{\"id\":\"a\",\"config\":{config_a}}},\n\
                 {{\"id\":\"b\",\"config\":{config_b}}}]}}}}"
            ),
            ["2:20 /attributes/jobs/0/config", "3:20 /attributes/jobs/1/config"].map(str::to_owned),
        ),
        ("plan.json", plan.clone(), [of_plan(0), of_plan(1)]),
        (
            "console.txt",
            format!(
                "PUT _ml/anomaly_detectors/a\n{config_a}\n\nPUT /_ml/anomaly_detectors/b?pretty\n{config_b}\nGET _cat\n"
            ),
            ["2:1 ", "5:1 "].map(str::to_owned),
        ),
    ];
    for (name, text, [first, second]) in cases {
        let expected = [
            (first, "a".to_owned(), "admitted".to_owned()),
            (second, "b".to_owned(), "refused".to_owned()),
        ];
        assert_eq!(judged(name, &text), expected, "{name}: {text}");
    }
}

/// PowerShell writes what a command prints in UTF-16.
#[test]
fn all_jobs_of_a_file_in_utf_16_are_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("\u{feff}{}\r\n{}\r\n", good("a"), bad("b"));
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(folder.path().join("jobs.json"), bytes).expect("a file");
    let (code, stdout, _) = validate_in(&folder, &["jobs.json"]);
    assert_eq!(code, Some(1));
    assert!(stdout.starts_with("jobs.json:2:1: job [b] is refused\n"), "{stdout}");
    assert!(stdout.ends_with("1 admitted, 1 refused\n"), "{stdout}");
}

/// The id of a request, or of a module's job, is that of the job which is created, and a body may not have another.
#[test]
fn an_id_in_a_body_is_that_of_its_request() {
    let module = format!("{{\"jobs\":[{{\"id\":\"b\",\"config\":{}}}]}}", good("a"));
    for (name, text) in [
        ("console.txt", format!("PUT _ml/anomaly_detectors/b\n{}\n", good("a"))),
        ("module.json", module),
    ] {
        let (code, stdout, _) = validate(&[(name, &text)], &[name]);
        assert_eq!(code, Some(1), "{stdout}");
        assert!(
            stdout.contains("[job_id] is [a] in the body and [b] in the URL"),
            "{stdout}"
        );
    }
}

#[test]
fn what_a_create_does_not_take_is_left_out_of_what_a_server_shows() {
    let shown = json!({"count": 1, "jobs": [{
        "job_id": "a", "job_type": "anomaly_detector", "job_version": "8.17.0", "create_time": 1_700_000_000_000_u64,
        "finished_time": 1_700_000_000_001_u64, "model_snapshot_id": "1", "model_snapshot_min_version": "8.3.0",
        "analysis_config": {"bucket_span": "5m", "detectors": [{"function": "count", "detector_index": 0}], "influencers": []},
        "analysis_limits": {"model_memory_limit": "11mb", "categorization_examples_limit": 4},
        "data_description": {"time_field": "time", "time_format": "epoch_ms"},
        "model_snapshot_retention_days": 10, "daily_model_snapshot_retention_after_days": 1,
        "results_index_name": "shared", "allow_lazy_open": false,
        "datafeed_config": {"datafeed_id": "d", "job_id": "a", "indices": ["x"]}
    }]});
    let (code, stdout, _) = validate(&[("a.json", &shown.to_string())], &["a.json", "--api", "8.17"]);
    assert_eq!(code, Some(0), "{stdout}");
    assert_snapshot!(stdout, @r"
    1 admitted, 0 refused
    note: of 1 job, what a create does not take was left out: [create_time], [datafeed_config], [finished_time], [job_type], [job_version], [model_snapshot_id], [model_snapshot_min_version]
    ");
    // In a body it is a mistake.
    let sent = good("a").replace("{\"job_id\"", "{\"create_time\":1,\"job_id\"");
    assert_eq!(validate(&[("a.json", &sent)], &["a.json"]).0, Some(1));
}

#[test]
fn the_jobs_of_a_run_are_in_each_others_way() {
    let grouped = good("x").replace("{\"job_id\"", "{\"groups\":[\"web\",\"a\"],\"job_id\"");
    let files = [
        ("jobs/1.ndjson", format!("{}\n{}\n", good("a"), good("a"))),
        ("jobs/2.json", grouped.replace("\"a\"", "\"b\"")),
        ("jobs/3.json", good("web")),
        ("jobs/4.json", grouped.replace("\"x\"", "\"y\"")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let (code, stdout, _) = validate(&files, &["jobs"]);
    assert_eq!(code, Some(1));
    assert_snapshot!(stdout, @r"
    jobs/1.ndjson:2:1: job [a] is refused
      error: the id [a] is in use: there is a job of that id at jobs/1.ndjson:1:1; choose another id
    jobs/3.json: job [web] is refused
      error: the id [web] is in use: the job [x] at jobs/2.json is in a group of that name; choose another id
    jobs/4.json: job [y] is refused
      error: the group [a] cannot be made: there is a job of that id at jobs/1.ndjson:1:1; choose another name for the group
    2 admitted, 3 refused
    ");
}

/// What is in a folder beside jobs is passed over; what cannot be read is not.
#[test]
fn folders_are_looked_through() {
    let a = good("a");
    let files = [
        ("jobs/deep/a.json", a.as_str()),
        ("jobs/package.json", "{\"name\": \"x\"}"),
        ("jobs/numbers.json", "[1, 2]"),
        ("jobs/datafeed.yml", "datafeed_id: d\njob_id: a\n"),
        ("jobs/notes.txt", "no job"),
    ];
    let (code, stdout, _) = validate(&files, &["jobs"]);
    let expected = "1 admitted, 0 refused\nnote: 3 files hold no job and were passed over\n";
    assert_eq!((code, stdout.as_str()), (Some(0), expected));
    let (code, stdout, _) = validate(&[("jobs/a.json", "{\"x\": ")], &["jobs"]);
    assert_eq!(code, Some(2));
    assert!(stdout.starts_with("jobs/a.json:1:1: is malformed at 1:7: "), "{stdout}");
    let (code, stdout, stderr) = validate(&[("jobs/x.json", "{}")], &["jobs"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("there is no job in these folders"), "{stderr}");
}

#[test]
fn one_of_several_jobs_is_explained_by_its_id() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.ndjson"), format!("{}\n{}\n", good("a"), bad("b"))).expect("a file");
    let (code, stdout, _) = run(&folder, "explain", &["a.ndjson", "--job-id", "b"]);
    assert_eq!(code, Some(0));
    assert!(stdout.starts_with("job [b] is refused\n"), "{stdout}");
    let (code, _, stderr) = run(&folder, "explain", &["a.ndjson"]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("holds 2 jobs; say with --job-id which one is meant"),
        "{stderr}"
    );
}
