//! What came of a run: of each test its outcome, and everything that was answered on the way.

use std::fmt;

use crate::wire::Answer;

/// One test's run.
#[derive(Debug)]
pub struct TestRun {
    /// The file and the test's title.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The calls that were refused as expected, but not in the words that the test looks for.
    pub own_words: Vec<String>,
    pub(crate) exchanges: Vec<Exchange>,
}

impl TestRun {
    /// How many requests were answered.
    #[must_use]
    pub fn exchanges(&self) -> usize {
        self.exchanges.len()
    }
}

/// How a test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was as expected.
    Passed,
    /// Something was not.
    Failed(String),
    /// It is not for this server, or this runner.
    Skipped(String),
}

/// A request and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    /// The API that was called.
    pub(crate) api: String,
    pub(crate) request_line: String,
    pub(crate) answer: Answer,
    /// The answer's body without its content coding.
    pub(crate) content: Vec<u8>,
}

impl Outcome {
    /// Whether two tests ended alike; why they failed or were skipped is not looked at.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => formatter.write_str("passed"),
            Self::Failed(why) => write!(formatter, "failed: {why}"),
            Self::Skipped(why) => write!(formatter, "skipped: {why}"),
        }
    }
}
