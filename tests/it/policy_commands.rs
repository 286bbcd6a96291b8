//! The commands that judge without a cluster: `check`, `validate`, `test`, `explain`.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use insta::assert_snapshot;
use serde_json::Value;

/// What a command prints, and its exit code.
fn run(folder: &Path, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_anomaly-gateway"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the gateway's binary starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A folder with a policy and jobs that keep it, violate it, and are no jobs.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write(
        "policies/budget.yml",
        "policies:\n  - name: budget\n    enforcement: enforce\n    match: { job_id: ['web-*'] }\n    \
         schema: { properties: { analysis_limits: { properties: { model_memory_limit: { x-max-bytes: 512mb } } } } }\n  \
         - name: described\n    enforcement: warn\n    rule: has(job.description)\n    link: https://example.org/x\n",
    );
    let job =
        r#"{"description": "d", "analysis_config": {"detectors": [{"function": "count"}]}, "data_description": {}}"#;
    write(
        "jobs/web-fine.json",
        &job.replace(
            "\"d\",",
            "\"d\", \"analysis_limits\": {\"model_memory_limit\": \"1mb\"},",
        ),
    );
    write("jobs/web-large.json", job);
    write("jobs/db.json", &job.replace("\"description\": \"d\", ", ""));
    write(
        "jobs/broken.json",
        "{\"analysis_config\": {\"detectors\": [{\"function\": \"cont\"}]}",
    );
    folder
}

const JOBS: [&str; 4] = [
    "jobs/web-fine.json",
    "jobs/web-large.json",
    "jobs/db.json",
    "jobs/broken.json",
];

fn validate(more: &[&str]) -> (Option<i32>, String, String) {
    let folder = folder();
    let arguments = [&["validate", "--policies", "policies", "--api", "8"], more, &JOBS].concat();
    run(folder.path(), &arguments, "")
}

#[test]
fn validate_tells_people_what_is_wrong() {
    let (code, stdout, stderr) = validate(&[]);
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
    assert_snapshot!(stdout, @r"
    jobs/web-large.json: job [web-large] is refused
      error: policy [budget]: [/analysis_limits/model_memory_limit] is [1024mb], Elasticsearch's default, which is more than [512mb]
    jobs/db.json: job [db] is admitted
      warning: policy [described]: the job does not keep `has(job.description)` (https://example.org/x)
    jobs/broken.json: job [broken] is refused
      error: [1:49] [job_details] failed to parse field [analysis_config]: [1:49] [analysis_config] failed to parse field [detectors]: [1:49] [detector] failed to parse field [function]: [cont] is not a value that [function] can have; did you mean [count]?
    2 admitted, 2 refused, 1 with warnings
    ");
}

#[test]
fn validate_tells_programs_the_same() {
    let (code, stdout, _) = validate(&["--format", "json"]);
    assert_eq!(code, Some(1));
    let report: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(report["summary"]["refused"], 2);
    assert_eq!(report["jobs"][1]["findings"][0]["rule"], "budget");
    assert_eq!(
        report["jobs"][1]["findings"][0]["pointer"],
        "/analysis_limits/model_memory_limit"
    );
    let (_, stdout, _) = validate(&["--format", "sarif"]);
    let report: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(report["version"], "2.1.0");
    let results = report["runs"][0]["results"].as_array().expect("a list");
    let levels: Vec<_> = results
        .iter()
        .map(|result| result["level"].as_str().expect("a level"))
        .collect();
    assert_eq!(levels, ["error", "warning", "error"]);
    let rules: Vec<_> = results.iter().map(|result| &result["ruleId"]).collect();
    assert_eq!(rules, ["budget", "described", "elasticsearch/value.word"]);
    let (_, stdout, _) = validate(&["--format", "junit"]);
    assert!(
        stdout.contains("tests=\"4\"") && stdout.contains("failures=\"2\""),
        "{stdout}"
    );
}

/// Nobody takes a name for known that only a cluster knows.
#[test]
fn commands_without_a_cluster_say_which_names_were_not_looked_up() {
    let folder = folder();
    let job = r#"{"analysis_config": {"detectors": [{"function": "count", "by_field_name": "mlcategory"}],
        "categorization_field_name": "m", "categorization_analyzer": "english"}, "data_description": {}}"#;
    let note = "the analyzer, tokenizers and filters that [categorization_analyzer] names were not looked up: a gateway \
                asks its cluster for them, and so does `validate --against`";
    let judged = |arguments: &[&str]| run(folder.path(), arguments, job);
    let (code, stdout, _) = judged(&["validate", "-", "--job-id", "a", "--fail-on", "warn"]);
    assert_eq!(code, Some(0), "it is no finding: {stdout}");
    assert!(stdout.contains(&format!("\nnote: of 1 job, {note}\n")), "{stdout}");
    let (_, stdout, _) = judged(&["validate", "-", "--job-id", "a", "--format", "json"]);
    let report: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(report["jobs"][0]["findings"][0]["level"], "note");
    assert_eq!(report["jobs"][0]["findings"][0]["text"], note);
    let (_, stdout, _) = judged(&["explain", "-", "--job-id", "a"]);
    assert!(stdout.contains(&format!("\n  {note}\n")), "{stdout}");
}

#[test]
fn validate_ends_with_2_for_what_it_cannot_judge_and_with_1_for_warnings_if_asked() {
    let folder = folder();
    let run = |arguments: &[&str]| run(folder.path(), arguments, "");
    assert_eq!(run(&["validate", "jobs/none.json"]).0, Some(2));
    assert_eq!(run(&["validate", "jobs/db.json", "--policies", "policies"]).0, Some(0));
    let strict = [
        "validate",
        "jobs/db.json",
        "--policies",
        "policies",
        "--fail-on",
        "warn",
    ];
    assert_eq!(run(&strict).0, Some(1));
    assert_eq!(run(&["validate", "jobs/db.json", "--policies", "no/such"]).0, Some(2));
}

#[test]
fn validate_reads_standard_input_and_prints_what_would_be_stored() {
    let folder = folder();
    let job = r#"{"job_id": "j", "analysis_config": {"detectors": [{"function": "count"}]}, "data_description": {}}"#;
    let (code, stdout, _) = run(folder.path(), &["validate", "--print", "changes", "--api", "7.0"], job);
    assert_eq!(code, Some(0));
    assert!(
        stdout.contains(r#"{"op":"add","path":"/results_index_name","value":"shared"} by elasticsearch"#),
        "{stdout}"
    );
    let (code, stdout, _) = run(folder.path(), &["validate", "--print", "effective"], job);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("\"results_index_name\" : \"shared\""), "{stdout}");
    let nameless = job.replace("\"job_id\": \"j\", ", "");
    assert_eq!(run(folder.path(), &["validate"], &nameless).0, Some(2));
    assert_eq!(run(folder.path(), &["validate", "--job-id", "j"], &nameless).0, Some(0));
}

#[test]
fn explain_says_which_policies_concern_a_job_and_why() {
    let folder = folder();
    let arguments = ["explain", "jobs/db.json", "--policies", "policies", "--api", "8"];
    let (code, stdout, _) = run(folder.path(), &arguments, "");
    assert_eq!(code, Some(0));
    assert_snapshot!(stdout, @r"
    job [db] is admitted
      judged as Elasticsearch 8.19.0
    policy [budget] does not concern it: the id is none of [web-*]
    policy [described] concerns it and warns
      is violated: the job does not keep `has(job.description)`
    ");
}

#[test]
fn check_counts_what_is_fine_and_tells_what_is_not() {
    let folder = folder();
    let (code, stdout, _) = run(folder.path(), &["check", "policies"], "");
    assert_eq!((code, stdout.as_str()), (Some(0), "no problems; 2 policies\n"));
    fs::write(
        folder.path().join("gateway.yml"),
        "policies: { files: [nowhere/*.yml], file: x }\n",
    )
    .expect("a file");
    let (code, _, stderr) = run(folder.path(), &["check", "--config", "gateway.yml"], "");
    assert_eq!(code, Some(1));
    assert!(stderr.contains("no policy file is called like this"), "{stderr}");
    assert!(stderr.contains("did you mean `policies.files`?"), "{stderr}");
}

#[test]
fn failing_tests_say_what_was_expected() {
    let folder = folder();
    let tests = "tests:\n  - name: a large one\n    job_id: web-1\n    job: { analysis_config: { detectors: [] } }\n    \
                 expect: { verdict: admitted, violations: [budget] }\n";
    fs::write(folder.path().join("policies/budget_test.yml"), tests).expect("a file");
    let (code, stdout, stderr) = run(folder.path(), &["test", "--coverage"], "");
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
    assert_snapshot!(stdout, @r"
    policies/budget_test.yml:2: a large one
      expected verdict `admitted`, found refused by Elasticsearch: [1:35] [job_details] failed to parse field [analysis_config]: [detectors] is empty; add one detector or more
      expected a violation of `budget`, found none
    policy [budget] is violated by no test
    policy [described] is violated by no test
    0 passed, 1 failed; judged as Elasticsearch 9.5.0
    ");
}

#[test]
fn the_starter_policies_pass_their_tests_which_cover_them() {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let (code, stdout, stderr) = run(&schemas, &["test", "policies", "--coverage"], "");
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    assert!(
        stdout.contains(" passed, 0 failed; judged as Elasticsearch "),
        "{stdout}"
    );
}

/// What editors are told of a policy file holds of every starter policy.
#[test]
fn the_starter_policies_fit_the_schema_for_editors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = fs::read_to_string(root.join("schemas/gateway/policies.schema.json")).expect("a file");
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).expect("JSON")).expect("a schema");
    let mut count = 0;
    for entry in fs::read_dir(root.join("schemas/policies")).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.to_string_lossy().ends_with("_test.yml") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a file");
        let document: Value = serde_saphyr::from_str(&text).expect("YAML");
        let errors: Vec<_> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", path.display());
        count += 1;
    }
    assert!(count >= 7, "only {count} policies were found");
}

#[test]
fn completions_and_manual_pages_are_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, stdout, _) = run(folder.path(), &["completions", "bash"], "");
    assert_eq!(code, Some(0));
    assert!(stdout.contains("validate"), "{stdout}");
    let (code, _, stderr) = run(folder.path(), &["man", "pages"], "");
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(folder.path().join("pages/anomaly-gateway-validate.1").exists());
}

/// What no cluster was asked about is judged as the newest version, and before OpenSearch the gateway judges as another.
#[test]
fn validate_says_as_which_version_it_judges_if_nobody_else_does() {
    let folder = folder();
    fs::write(folder.path().join("gateway.yml"), "policies: {files: policies/*.yml}\n").expect("a file");
    let note = "note: judged as Elasticsearch 9.5.0, as `jobs.api` is `auto` and no cluster was asked";
    let (_, stdout, _) = run(folder.path(), &["validate", "--config", "gateway.yml", JOBS[0]], "");
    assert!(stdout.contains(note) && stdout.contains("judges as 7.0.0"), "{stdout}");
    let arguments = ["validate", "--config", "gateway.yml", "--api", "8", JOBS[0]];
    let (_, stdout, _) = run(folder.path(), &arguments, "");
    assert!(!stdout.contains("judged as"), "{stdout}");
}

/// What passes as one version may be refused by another.
#[test]
fn explain_and_test_say_as_which_version_they_judge() {
    let folder = folder();
    let run = |arguments: &[&str]| run(folder.path(), arguments, "").1;
    let explained = run(&["explain", JOBS[0], "--policies", "policies"]);
    assert!(
        explained.contains("judged as Elasticsearch 9.5.0, as nobody has named a version")
            && explained.contains("before OpenSearch the gateway judges as 7.0.0"),
        "{explained}"
    );
    fs::write(folder.path().join("gateway.yml"), "jobs: {api: 7.17}\n").expect("a file");
    let explained = run(&["explain", JOBS[0], "--config", "gateway.yml"]);
    assert!(
        explained.contains("\n  judged as Elasticsearch 7.17.0\n"),
        "{explained}"
    );

    let test = |name: &str, api: &str| {
        format!(
            "  - name: {name}\n    job_id: web-1\n{api}    job: {{ analysis_config: {{ detectors: [{{ function: count }}] }}, \
             data_description: {{}} }}\n    expect: {{ verdict: admitted }}\n"
        )
    };
    let tests = format!("tests:\n{}{}", test("newest", ""), test("older", "    api: \"7.17\"\n"));
    fs::write(folder.path().join("policies/budget_test.yml"), tests).expect("a file");
    let told = run(&["test"]);
    assert!(told.ends_with("; judged as Elasticsearch 7.17.0, 9.5.0\n"), "{told}");
    let report: Value = serde_json::from_str(&run(&["test", "--format", "json"])).expect("JSON");
    let versions: Vec<_> = report["tests"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|test| &test["api"])
        .collect();
    assert_eq!(versions, ["9.5.0", "7.17.0"]);
    let junit = run(&["test", "--format", "junit"]);
    assert!(junit.contains("judged as Elasticsearch 7.17.0"), "{junit}");
}

#[test]
fn reports_for_programs_have_lines_and_what_rules_are() {
    let (_, stdout, _) = validate(&["--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&stdout).expect("JSON");
    let run = &sarif["runs"][0];
    for rule in run["tool"]["driver"]["rules"].as_array().expect("a list") {
        assert!(
            rule["shortDescription"]["text"].is_string() && rule["help"]["text"].is_string(),
            "{rule}"
        );
    }
    for result in run["results"].as_array().expect("a list") {
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert!(region["startLine"].as_u64().is_some_and(|line| line > 0), "{result}");
    }
    let broken = run["results"].as_array().expect("a list").iter();
    let mut broken = broken.filter(|result| result.to_string().contains("broken.json"));
    let region = &broken.next().expect("one")["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&1.into(), &49.into()));

    let (_, junit, _) = validate(&["--format", "junit"]);
    assert!(junit.contains("classname=\"jobs/web-large.json\""), "{junit}");
    assert!(junit.contains("file=\"jobs/db.json\" line=\"1\""), "{junit}");
    assert!(junit.contains("<system-out>warning: policy [described]"), "{junit}");
}

/// Whoever has written a message wants people to read that, and not an expression.
#[test]
fn a_rule_with_a_message_is_not_shown() {
    let folder = folder();
    let policy = "policies: [{name: secret, enforcement: enforce, rule: \"job.description == 'x'\", message: Ask us.}]";
    fs::write(folder.path().join("message.yml"), policy).expect("a file");
    for command in ["validate", "explain"] {
        let arguments = [command, "--policies", "message.yml", "--api", "8", JOBS[0]];
        let (_, stdout, _) = run(folder.path(), &arguments, "");
        assert!(
            stdout.contains("does not keep its rule") || stdout.contains("could not be evaluated"),
            "{stdout}"
        );
        assert!(!stdout.contains("job.description"), "{command}: {stdout}");
    }
}
