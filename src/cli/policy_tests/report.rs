//! What came of tests, for people and for programs.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Map, Value, json};

use super::case::Failure;
use crate::config::policies::Case;
use crate::es::version::Version;

/// A test that was run.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) file: String,
    pub(super) case: Case,
    /// As which version it was judged.
    pub(super) api: Version,
    pub(super) failures: Vec<Failure>,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) ran: Vec<Ran>,
    /// The policies that no test violates.
    pub(super) uncovered: Vec<String>,
    pub(super) asks_for_coverage: bool,
}

impl Run {
    fn failed(&self) -> usize {
        self.ran.iter().filter(|ran| !ran.failures.is_empty()).count()
    }

    pub(super) fn is_fine(&self) -> bool {
        self.failed() == 0 && (!self.asks_for_coverage || self.uncovered.is_empty())
    }
}

/// For people: what failed, then how many.
pub(super) fn text(run: &Run) -> String {
    let mut lines = Vec::new();
    for Ran {
        file, case, failures, ..
    } in run.ran.iter().filter(|ran| !ran.failures.is_empty())
    {
        lines.push(format!("{file}:{}: {}", case.line, case.name));
        lines.extend(failures.iter().map(|failure| format!("  {failure}")));
    }
    if run.asks_for_coverage {
        let uncovered = run.uncovered.iter();
        lines.extend(uncovered.map(|name| format!("policy [{name}] is violated by no test")));
    }
    let failed = run.failed();
    let passed = run.ran.len() - failed;
    let versions: BTreeSet<Version> = run.ran.iter().map(|ran| ran.api).collect();
    let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
    let versions = versions.join(", ");
    lines.push(format!(
        "{passed} passed, {failed} failed; judged as Elasticsearch {versions}\n"
    ));
    lines.join("\n")
}

/// One JSON document.
pub(super) fn json(run: &Run) -> String {
    let tests = run.ran.iter().map(|ran| {
        let Ran {
            file,
            case,
            api,
            failures,
        } = ran;
        json!({
            "file": file,
            "line": case.line,
            "name": case.name,
            "api": api.to_string(),
            "passed": failures.is_empty(),
            "failures": failures.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    });
    let mut document = Map::new();
    document.insert("tests".to_owned(), tests.collect());
    document.insert("failed".to_owned(), run.failed().into());
    if run.asks_for_coverage {
        document.insert("uncovered".to_owned(), json!(run.uncovered));
    }
    format!("{:#}\n", Value::Object(document))
}

/// JUnit's XML: each file a suite.
pub(super) fn junit(run: &Run) -> Result<String> {
    let mut junit = Junit::new("anomaly-gateway test");
    for ran in run.ran.chunk_by(|one, other| one.file == other.file) {
        let file = ran.first().map(|ran| ran.file.as_str()).unwrap_or_default();
        let mut suite = TestSuite::new(file);
        suite.add_test_cases(ran.iter().map(case));
        junit.add_test_suite(suite);
    }
    if run.asks_for_coverage {
        let mut suite = TestSuite::new("coverage");
        suite.add_test_cases(run.uncovered.iter().map(|name| {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message("it is violated by no test");
            TestCase::new(name.as_str(), status)
        }));
        junit.add_test_suite(suite);
    }
    junit.to_string().context("the report is no XML")
}

fn case(ran: &Ran) -> TestCase {
    let status = if ran.failures.is_empty() {
        TestCaseStatus::success()
    } else {
        let lines: Vec<_> = ran.failures.iter().map(ToString::to_string).collect();
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status
            .set_message(lines.first().cloned().unwrap_or_default())
            .set_description(lines.join("\n"));
        status
    };
    let mut case = TestCase::new(ran.case.name.as_str(), status);
    case.set_system_out(format!("judged as Elasticsearch {}", ran.api));
    case
}
