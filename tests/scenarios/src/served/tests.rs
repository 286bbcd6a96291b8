use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

/// Before the tests a job is created and opened; the first looks at it and at its statistics, the second only at these.
const FILE: &str = r#"
requires:
  stack: true
---
setup:
  - do: { ml.put_job: { job_id: a, body: {} } }
  - do: { ml.open_job: { job_id: a } }
  - match: { opened: true }
---
"look at both":
  - do: { ml.get_jobs: { job_id: a } }
  - match: { count: 1 }
  - do: { ml.get_job_stats: { job_id: a } }
  - match: { jobs.0.state: opened }
  - set: { jobs.0.state: state }
  - do: { indices.refresh: {} }
  - is_true: _shards
---
"look at statistics":
  - do: { ml.get_job_stats: { job_id: a } }
  - do: { indices.refresh: {} }
"#;

fn tests() -> Vec<JobTest> {
    JobTest::all_of(&[Suite::read("file", FILE).unwrap()])
}

fn omitted(test: &JobTest) -> Vec<&str> {
    let apis = test.omitted.iter().flat_map(|omission| &omission.apis);
    apis.map(String::as_str).collect()
}

#[test]
fn a_call_that_is_not_served_is_left_out_with_what_is_demanded_of_its_answer() {
    let tests = tests();
    let run = tests[0].run.as_ref().unwrap();
    let steps: Vec<&str> = run.tests[0]
        .steps
        .iter()
        .map(|step| match step {
            Step::Do(call) => call.api.as_str(),
            Step::Assert(assertion) => assertion.path.as_str(),
            _ => "another step",
        })
        .collect();
    assert_eq!(steps, ["ml.get_jobs", "count", "indices.refresh", "_shards"]);
    assert_eq!(run.setup.len(), 1);
    assert_eq!(omitted(&tests[0]), ["ml.open_job", "ml.get_job_stats"]);
}

#[test]
fn a_test_without_a_served_call_of_its_own_is_left_out_as_a_whole() {
    let tests = tests();
    assert!(tests[1].run.is_none());
    assert_eq!(omitted(&tests[1]), ["ml.get_job_stats"]);
}

#[test]
fn every_served_call_is_described_and_no_other() {
    let descriptions: Value = serde_json::from_str(table::APIS).unwrap();
    let described: BTreeSet<&str> = descriptions.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(described, BTreeSet::from(table::SERVED));
    Apis::default().with_jobs().unwrap();
}
