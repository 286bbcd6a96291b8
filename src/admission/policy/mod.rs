//! An operator's policies: what they want of a job beyond what Elasticsearch wants of it.
//!
//! A policy fills in what a client left out ([`defaults`]) and then judges the final document, by a JSON Schema
//! ([`schema`]) and by an expression ([`expression`]). Which policies concern a job is found by [`matching`]; what one
//! found is a [`Violation`], and what comes of it follows from its [`Enforcement`].
//!
//! Everything here is checked when it is made: a [`PolicySet`] can be evaluated, and evaluating it does nothing else.

pub mod changes;
mod day;
pub mod defaults;
pub mod dry_run;
mod evaluation;
mod examined;
mod existing;
pub mod expression;
pub mod impact;
pub mod matching;
mod measure;
pub mod origin;
pub mod schema;
mod set;
pub mod set_changes;
pub mod standing;
mod violation;

use serde_json::{Map, Value};

pub use day::{Day, DayError};
pub use evaluation::{Evaluation, Problem};
pub use set::{PolicySet, PolicySets, Revision};
pub use violation::Violation;

use expression::Expression;
use matching::{Exemption, Scope};
use measure::Measure;
use schema::PolicySchema;

/// How long a regular expression may become when it is compiled, in bytes: one with `{1000}{1000}` takes gigabytes, and
/// what is matched is followed through all of it at worst.
const MOST_PATTERN_BYTES: usize = 256 * 1024;

/// What comes of a violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Enforcement {
    /// The policy is not looked at.
    #[default]
    Off,
    /// Nothing that the client sees: it is logged and counted.
    Audit,
    /// The job is created, and the client is told.
    Warn,
    /// The job is refused.
    Enforce,
}

impl Enforcement {
    /// Each with its name in files of policies.
    pub const NAMES: [(&str, Self); 4] = [
        ("enforce", Self::Enforce),
        ("warn", Self::Warn),
        ("audit", Self::Audit),
        ("off", Self::Off),
    ];

    /// Its name in files of policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Audit => "audit",
            Self::Warn => "warn",
            Self::Enforce => "enforce",
        }
    }
}

/// What comes of a policy that cannot be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// As if it were violated.
    Refuse,
    /// As if it were kept.
    Admit,
}

/// Which violations are enforced where a document is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnUpdate {
    /// Those that it did not have before, or that the change touches. Of others the client is warned.
    #[default]
    New,
    /// All.
    All,
}

/// One policy.
#[derive(Debug)]
pub struct Policy {
    /// Its name, which no other policy of its set has.
    pub name: String,
    /// What it is for, for people.
    pub description: Option<String>,
    /// Which jobs it concerns.
    pub scope: Scope,
    /// Which of those it does not concern, and until when.
    pub exemptions: Vec<Exemption>,
    /// What comes of a violation.
    pub enforcement: Enforcement,
    /// The day from which on it is enforced; until then it warns.
    pub enforce_after: Option<Day>,
    /// What it fills in where a client left it out.
    pub defaults: Map<String, Value>,
    /// What the final document has to be like.
    pub schema: Option<PolicySchema>,
    /// What has to be true of the final document.
    pub rule: Option<Expression>,
    /// What to do about a violation, for whoever made the request.
    pub message: Option<String>,
    /// Where more is said.
    pub link: Option<String>,
    /// What comes of it when it cannot be evaluated.
    pub on_error: OnError,
    /// Which violations it enforces where a document is changed.
    pub on_update: OnUpdate,
    /// What tells how it is written from how another is.
    pub wording: Revision,
}

impl Policy {
    /// Whether who asks decides if it concerns a job.
    fn asks_for_user(&self) -> bool {
        let mut exemptions = self.exemptions.iter();
        self.scope.asks_for_user() || exemptions.any(|exemption| exemption.scope.asks_for_user())
    }

    /// How many steps judging a document of this measure may take; none where the document is too deep.
    fn steps(&self, document: &Measure) -> Option<u64> {
        let of_schema = match &self.schema {
            Some(schema) => schema.steps(document)?,
            None => 0,
        };
        let of_rule = self.rule.as_ref().map_or(0, |rule| rule.steps(document));
        Some(of_schema.saturating_add(of_rule))
    }

    /// What comes of a violation at that time, in milliseconds since the epoch.
    #[must_use]
    pub fn enforcement_at(&self, now_millis: i64) -> Enforcement {
        match self.enforce_after {
            Some(day) if self.enforcement == Enforcement::Enforce && now_millis < day.start_millis() => {
                Enforcement::Warn
            }
            _ => self.enforcement,
        }
    }
}
