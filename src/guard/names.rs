//! The names that lead to a protected index: its own, what it is an alias of, and its aliases.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::expression::{self, list_could_name};
use super::pattern::is_pattern;
use super::reason::{Reason, Unjudged};

/// How long the names are believed that the cluster has said.
pub const BELIEVED_FOR: Duration = Duration::from_secs(60);

/// How many comparisons of a pattern with a name one body may cost: some milliseconds.
const MAX_COMPARISONS: usize = 200_000;

/// How many bytes are searched for a name in the time of a comparison.
const BYTES_PER_COMPARISON: usize = 256;

/// The names that lead to an index, as far as they are known.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// What the operator calls it. Always known.
    pub(super) own: String,
    all: HashSet<String>,
    /// When the cluster has said them; never when `None`.
    known_at: Option<Instant>,
}

impl Names {
    /// The one name that is always known.
    pub(super) fn of(own: &str) -> Self {
        Self {
            own: own.to_owned(),
            all: HashSet::from([own.to_owned()]),
            known_at: None,
        }
    }

    /// All names, as they are known from a moment on.
    pub(super) fn known(own: &str, others: impl IntoIterator<Item = String>, at: Instant) -> Self {
        let mut names = Self::of(own);
        names.all.extend(others);
        names.known_at = Some(at);
        names
    }

    /// Whether names that are not among these lead elsewhere for certain.
    pub(super) fn are_known(&self) -> bool {
        self.known_at.is_some_and(|at| at.elapsed() < BELIEVED_FOR)
    }

    /// Whether an index expression in a path could name the index, exclusions looked at.
    pub(super) fn in_path(&self, expression: &str) -> bool {
        list_could_name(expression, &self.all)
    }

    /// Whether a list of names or patterns could name it where exclusions are not looked at.
    pub(super) fn in_list(&self, list: &str) -> bool {
        list.starts_with('-') || list.split(',').any(|part| self.in_part(part))
    }

    fn in_part(&self, part: &str) -> bool {
        let readings = expression::readings(part);
        readings.iter().any(|reading| {
            if is_pattern(reading) {
                self.in_pattern(reading)
            } else {
                self.all.contains(reading.as_ref())
            }
        })
    }

    /// Whether a pattern matches one of them.
    pub(super) fn in_pattern(&self, pattern: &str) -> bool {
        self.all.iter().any(|name| super::pattern::matches(pattern, name))
    }

    /// Whether a text has one of them somewhere in it.
    pub(super) fn within(&self, text: &str) -> bool {
        self.all.iter().any(|name| text.contains(name.as_str()))
    }
}

/// Looks for the names in one body, at a bounded cost.
pub(super) struct Search<'n> {
    pub(super) names: &'n Names,
    comparisons: usize,
}

impl<'n> Search<'n> {
    pub(super) const fn new(names: &'n Names) -> Self {
        Self { names, comparisons: 0 }
    }

    /// Fails if a list of names or patterns could name the index.
    pub(super) fn list(&mut self, list: &str) -> Result<(), Reason> {
        let is_name =
            !list.contains(|character: char| character.is_ascii_punctuation() && !matches!(character, '-' | '_' | '.'));
        let parts = list.bytes().filter(|byte| *byte == b',').count() + 1;
        // Names are looked up; everything else is compared.
        self.pay(if is_name { 1 } else { parts * self.names.all.len() })?;
        refuse_if(self.names.in_list(list), list)
    }

    /// Fails if a pattern matches.
    pub(super) fn pattern(&mut self, pattern: &str) -> Result<(), Reason> {
        self.pay(self.names.all.len())?;
        refuse_if(self.names.in_pattern(pattern), pattern)
    }

    /// Fails if a text could name it in any way, or has its name in it.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Reason> {
        self.list(text)?;
        self.pay((text.len() / BYTES_PER_COMPARISON) * self.names.all.len())?;
        refuse_if(self.names.within(text), text)
    }

    fn pay(&mut self, comparisons: usize) -> Result<(), Reason> {
        self.comparisons = self.comparisons.saturating_add(comparisons);
        if self.comparisons > MAX_COMPARISONS {
            return Err(Unjudged::TooManyNames.into());
        }
        Ok(())
    }
}

fn refuse_if(could_name: bool, text: &str) -> Result<(), Reason> {
    if could_name {
        return Err(Reason::in_body(text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::known(
            "jobs",
            ["jobs-000001".to_owned(), "detectors".to_owned()],
            Instant::now(),
        )
    }

    #[test]
    fn every_name_counts() {
        for list in [
            "jobs",
            "detectors",
            "jobs-000001",
            "x,detect*",
            "<jobs-{now}>",
            "*,-jobs",
            "-x",
        ] {
            assert!(names().in_list(list), "{list}");
        }
        for list in ["job", "x,y", "detectors2", "logs-*"] {
            assert!(!names().in_list(list), "{list}");
        }
        assert!(names().in_path("*,-jobs"), "two names are left");
        assert!(!names().in_path("*,-jobs*,-detectors"));
    }

    #[test]
    fn what_was_said_long_ago_is_not_known() {
        assert!(!Names::of("jobs").are_known());
        assert!(names().are_known());
        let long_ago = Instant::now()
            .checked_sub(BELIEVED_FOR)
            .expect("the machine runs for a minute");
        assert!(!Names::known("jobs", [], long_ago).are_known());
    }

    #[test]
    fn a_search_ends_before_it_costs_too_much() {
        let names = names();
        let mut search = Search::new(&names);
        let outcome = (0..MAX_COMPARISONS).try_for_each(|_| search.list("x-*"));
        assert_eq!(outcome, Err(Unjudged::TooManyNames.into()));
    }
}
