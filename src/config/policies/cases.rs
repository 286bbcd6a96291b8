//! Tests of policies, read from the files beside them: a job, its caller and day, and the expected result.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::fields::{Fields, any_text};
use super::files::{PolicyFile, is_test};
use super::{format, value};
use crate::admission::policy::Day;
use crate::config::Api;
use crate::config::document::{self, Node};
use crate::config::problem::{Problem, Problems};
use crate::es::user::User;
use crate::es::version::Version;

/// The verdict that a test expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedVerdict {
    /// The job is created.
    Admitted,
    /// It is not.
    Refused,
}

impl ExpectedVerdict {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::Refused => "refused",
        }
    }
}

/// A violation that is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedViolation {
    /// The policy's name.
    pub policy: String,
    /// Where; anywhere when it is not given.
    pub pointer: Option<String>,
}

/// What has to come of a case.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expectation {
    /// The verdict, if it matters.
    pub verdict: Option<ExpectedVerdict>,
    /// All violations, of every enforcement, in any order; if they matter.
    pub violations: Option<Vec<ExpectedViolation>>,
    /// What the final document has at least.
    pub effective: Option<Value>,
}

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// The line that its name stands on, from 1.
    pub line: usize,
    /// The job's id.
    pub job_id: String,
    /// The body of the request.
    pub job: Value,
    /// Who asks.
    pub user: Option<User>,
    /// The version to answer as, if not the usual one.
    pub api: Option<Version>,
    /// The day on which it is asked, if not today.
    pub today: Option<Day>,
    /// What has to come of it.
    pub expected: Expectation,
}

/// The files of tests in a folder, or the one that is named, each with its cases.
pub fn load_cases(path: &Path) -> Result<Vec<(PathBuf, Vec<Case>)>, Problems> {
    let mut problems = Vec::new();
    let mut files: Vec<PathBuf> = match path.read_dir() {
        Ok(entries) => entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| is_test(path))
            .collect(),
        Err(_) => vec![path.to_owned()],
    };
    files.sort();
    let read = files.into_iter().map(|file| {
        let cases = read_file(&file, &mut problems);
        (file, cases)
    });
    let read = read.collect();
    Problems::none_of(problems).map(|()| read)
}

fn read_file(path: &Path, problems: &mut Vec<Problem>) -> Vec<Case> {
    let Some(source) = PolicyFile(path.to_owned()).read(problems) else {
        return Vec::new();
    };
    let root = document::read(&source)
        .map_err(|problem| problems.push(problem))
        .ok()
        .flatten();
    let Some(root) = root else { return Vec::new() };
    let Some(mut file) = Fields::of(&root, &format::TESTS, problems) else {
        return Vec::new();
    };
    let cases = file.list("tests");
    file.finish(problems);
    cases.iter().filter_map(|case| read_case(case, problems)).collect()
}

fn read_case(node: &Arc<Node>, problems: &mut Vec<Problem>) -> Option<Case> {
    let mut fields = Fields::of(node, &format::TEST, problems)?;
    let name = fields.required("name", problems);
    let line = name.as_ref().map_or(1, |name| line_of(name));
    let name = name.and_then(|name| super::fields::text(&name, "name", problems));
    let job_id = fields.text("job_id", problems);
    let job = fields.required("job", problems);
    let job = job.map(|job| value::json(&job, problems));
    let user = fields.take("user").and_then(|user| read_user(&user, problems));
    let api = fields.one("api", problems, |text| match Api::parse(text) {
        Ok(Api::Fixed(version)) => Ok(version),
        Ok(Api::Auto) => Err("a test has a version such as `8`, and no cluster to ask".to_owned()),
        Err(error) => Err(error.to_string()),
    });
    let today = fields.one("today", problems, Day::parse);
    let expected = fields.required("expect", problems);
    let expected = expected.and_then(|expected| read_expectation(&expected, problems));
    fields.finish(problems);
    let job = job?;
    let of_body = || job.get("job_id").and_then(Value::as_str).map(str::to_owned);
    let Some(job_id) = job_id.or_else(of_body) else {
        problems.push(Problem::new(&node.place, "a test has a `job_id`, here or in its job"));
        return None;
    };
    Some(Case {
        name: name?,
        line,
        job_id,
        job,
        user,
        api,
        today,
        expected: expected?,
    })
}

fn line_of(node: &Node) -> usize {
    let text = node
        .place
        .source
        .text()
        .get(..node.place.span.start)
        .unwrap_or_default();
    text.matches('\n').count() + 1
}

fn read_user(node: &Arc<Node>, problems: &mut Vec<Problem>) -> Option<User> {
    let mut fields = Fields::of(node, &format::USER, problems)?;
    let name = fields.text("name", problems);
    let roles = fields.parsed("roles", problems, |text| {
        Ok::<_, std::convert::Infallible>(text.to_owned())
    });
    fields.finish(problems);
    Some(User {
        name: name.unwrap_or_default(),
        roles,
        backend_roles: Vec::new(),
    })
}

fn read_expectation(node: &Arc<Node>, problems: &mut Vec<Problem>) -> Option<Expectation> {
    let mut fields = Fields::of(node, &format::EXPECT, problems)?;
    let verdict = fields.one("verdict", problems, |text| {
        let verdicts = [ExpectedVerdict::Admitted, ExpectedVerdict::Refused];
        let found = verdicts.into_iter().find(|verdict| verdict.name() == text);
        found.ok_or("expected `admitted` or `refused`")
    });
    let violations = fields.take("violations").map(|node| read_violations(&node, problems));
    let effective = fields.take("effective").map(|node| value::json(&node, problems));
    fields.finish(problems);
    if verdict.is_none() && violations.is_none() && effective.is_none() {
        let message = "`expect` has a `verdict`, `violations` or what the `effective` document has";
        problems.push(Problem::new(&node.place, message));
    }
    Some(Expectation {
        verdict,
        violations,
        effective,
    })
}

/// A list of names of policies, or of mappings with `policy` and `pointer`.
fn read_violations(node: &Arc<Node>, problems: &mut Vec<Problem>) -> Vec<ExpectedViolation> {
    use crate::config::document::Content;
    let items = match &node.content {
        Content::List(items) => items.clone(),
        _ => vec![Arc::clone(node)],
    };
    let read = |item: &Arc<Node>| match &item.content {
        Content::Mapping(_) => {
            let mut fields = Fields::of(item, &format::VIOLATION, problems)?;
            let policy = fields.required("policy", problems);
            let policy = policy.and_then(|policy| super::fields::text(&policy, "policy", problems));
            // The whole document's is empty (RFC 6901 §5).
            let pointer = fields.take("pointer");
            let pointer = pointer.and_then(|pointer| any_text(&pointer, "pointer", problems));
            fields.finish(problems);
            Some(ExpectedViolation {
                policy: policy?,
                pointer,
            })
        }
        _ => Some(ExpectedViolation {
            policy: super::fields::text(item, "violations", problems)?,
            pointer: None,
        }),
    };
    items.iter().filter_map(read).collect()
}
