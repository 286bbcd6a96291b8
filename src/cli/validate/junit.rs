//! A report as JUnit's XML: each job a test case.

use anyhow::{Context as _, Result};
use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::report::{Finding, Judged, Level, Report};

/// The report.
pub(super) fn written(report: &Report) -> Result<String> {
    let mut suite = TestSuite::new("jobs");
    suite.add_test_cases(report.judged.iter().map(|judged| case(judged, report.warnings_fail)));
    let mut junit = Junit::new("anomaly-gateway validate");
    junit.add_test_suite(suite);
    junit.to_string().context("the report is no XML")
}

fn case(judged: &Judged, warnings_fail: bool) -> TestCase {
    let failed = |kind, text: String| {
        let mut status = TestCaseStatus::non_success(kind);
        status
            .set_message(text.lines().next().unwrap_or_default())
            .set_description(text);
        status
    };
    let mut warnings = Vec::new();
    let status = match &judged.outcome {
        Err(error) => failed(NonSuccessKind::Error, error.to_string()),
        Ok((_, outcome)) => {
            let findings = judged.findings(outcome);
            let matters = |finding: &&Finding| match finding.level {
                Level::Error => true,
                Level::Warning => warnings_fail,
                Level::Audit | Level::Note => false,
            };
            let lines: Vec<_> = findings
                .iter()
                .filter(matters)
                .map(|finding| finding.text.as_str())
                .collect();
            let others = findings.iter().filter(|finding| !matters(finding));
            warnings.extend(others.map(|finding| format!("{}: {}", finding.level.name(), finding.text)));
            if lines.is_empty() {
                TestCaseStatus::success()
            } else {
                failed(NonSuccessKind::Failure, lines.join("\n"))
            }
        }
    };
    let mut case = TestCase::new(judged.at(), status);
    case.set_classname(judged.file.as_str()).set_time(judged.took);
    let line = judged.place.as_ref().map_or(1, |place| place.position.line);
    let attributes = [("file", judged.file.clone()), ("line", line.to_string())];
    case.extra
        .extend(attributes.map(|(name, value)| (name.into(), value.into())));
    if !warnings.is_empty() {
        case.set_system_out(warnings.join("\n"));
    }
    case
}
