//! Which of the documents that there are violate which policies, and since when.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Enforcement, Evaluation, PolicySet};

/// How many of the documents that violate a policy are named, each with the time since when; of more only their number is known.
pub const MAX_NAMED: usize = 1000;

/// What was found of all documents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// How many were looked at.
    pub documents: usize,
    /// Of each policy that is not off, by its name.
    policies: BTreeMap<String, PolicyStanding>,
}

/// What was found of one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyStanding {
    /// What comes of a violation by a request.
    pub enforcement: Enforcement,
    /// How many documents violate it.
    pub violating: usize,
    /// Of how many it is not known, as it could not be evaluated on them.
    pub not_evaluated: usize,
    /// The first of those that violate it, by their ids, with the time since when, in milliseconds since the epoch.
    pub named: BTreeMap<String, i64>,
}

impl Standing {
    /// Nothing yet, of the policies of a set that are not off at that time.
    #[must_use]
    pub fn of(set: &PolicySet, now_millis: i64) -> Self {
        let policies = set.policies().iter().filter_map(|policy| {
            let enforcement = policy.enforcement_at(now_millis);
            let standing = PolicyStanding {
                enforcement,
                violating: 0,
                not_evaluated: 0,
                named: BTreeMap::new(),
            };
            (enforcement != Enforcement::Off).then(|| (policy.name.clone(), standing))
        });
        Self {
            documents: 0,
            policies: policies.collect(),
        }
    }

    /// Adds what policies say of a document. Documents come in the order of their ids.
    pub fn add(&mut self, id: &str, found: &Evaluation, now_millis: i64) {
        self.documents += 1;
        // One may be violated in several places.
        let violated: BTreeSet<&str> = found
            .violations
            .iter()
            .map(|violation| violation.policy.as_str())
            .collect();
        for name in violated {
            if let Some(policy) = self.policies.get_mut(name) {
                policy.violating += 1;
                if policy.named.len() < MAX_NAMED {
                    policy.named.insert(id.to_owned(), now_millis);
                }
            }
        }
        for problem in &found.problems {
            if let Some(policy) = self.policies.get_mut(&problem.policy) {
                policy.not_evaluated += 1;
            }
        }
    }

    /// What was found before says since when.
    pub fn follow(&mut self, before: &Self) {
        for (name, policy) in &mut self.policies {
            let known = before.policies.get(name).map(|policy| &policy.named);
            for (id, since) in &mut policy.named {
                if let Some(first) = known.and_then(|known| known.get(id)) {
                    *since = *first;
                }
            }
        }
    }

    /// The policies, by their names.
    pub fn policies(&self) -> impl Iterator<Item = (&str, &PolicyStanding)> {
        self.policies.iter().map(|(name, policy)| (name.as_str(), policy))
    }

    /// Whether the same documents violate the same policies, as far as they are named.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let same = |one: &PolicyStanding, other: &PolicyStanding| {
            one.violating == other.violating
                && one.not_evaluated == other.not_evaluated
                && one.named.keys().eq(other.named.keys())
        };
        self.policies.len() == other.policies.len()
            && self
                .policies()
                .zip(other.policies())
                .all(|((name, one), (other_name, other))| name == other_name && same(one, other))
    }

    /// How many documents violate each policy that one does, and how many of the named ones are new since `before`.
    #[must_use]
    pub fn summary(&self, before: Option<&Self>) -> String {
        let mut summary = String::new();
        for (name, policy) in self.policies().filter(|(_, policy)| policy.violating > 0) {
            let known = before.and_then(|before| before.policies.get(name));
            let is_new = |id: &&String| !known.is_some_and(|known| known.named.contains_key(*id));
            let new = policy.named.keys().filter(is_new).count();
            let separator = if summary.is_empty() { "" } else { ", " };
            // Writing to a string does not fail.
            let _ = write!(summary, "{separator}{name}: {} ({new} new)", policy.violating);
        }
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Problem, Violation};
    use super::*;

    fn standing(policies: &[&str]) -> Standing {
        let policy = || PolicyStanding {
            enforcement: Enforcement::Enforce,
            violating: 0,
            not_evaluated: 0,
            named: BTreeMap::new(),
        };
        Standing {
            documents: 0,
            policies: policies.iter().map(|name| ((*name).to_owned(), policy())).collect(),
        }
    }

    fn violating(policies: &[&str]) -> Evaluation {
        let violations = policies.iter().map(|policy| Violation {
            policy: (*policy).to_owned(),
            ..Violation::default()
        });
        Evaluation {
            violations: violations.collect(),
            ..Evaluation::default()
        }
    }

    #[test]
    fn a_document_is_counted_once_for_a_policy_and_keeps_the_time_since_when() {
        let mut first = standing(&["p", "q"]);
        first.add("a", &violating(&["p", "p", "gone"]), 10);
        first.add("b", &violating(&[]), 10);
        assert_eq!(first.documents, 2);
        assert_eq!(first.summary(None), "p: 1 (1 new)");

        let mut second = standing(&["p", "q"]);
        second.add("a", &violating(&["p"]), 20);
        second.add("b", &violating(&["p", "q"]), 20);
        second.follow(&first);
        let named: Vec<_> = second.policies["p"]
            .named
            .iter()
            .map(|(id, since)| (id.as_str(), *since))
            .collect();
        assert_eq!(named, [("a", 10), ("b", 20)]);
        assert!(!second.is_like(&first));
        assert_eq!(second.summary(Some(&first)), "p: 2 (1 new), q: 1 (1 new)");

        // One that kept the policy in between violates it anew.
        let mut third = standing(&["p", "q"]);
        third.add("a", &violating(&[]), 30);
        third.follow(&second);
        let mut fourth = standing(&["p", "q"]);
        fourth.add("a", &violating(&["p"]), 40);
        fourth.follow(&third);
        assert_eq!(fourth.policies["p"].named["a"], 40);
    }

    #[test]
    fn of_very_many_only_the_first_are_named() {
        let mut found = standing(&["p"]);
        for number in 0..MAX_NAMED + 5 {
            found.add(&format!("{number:05}"), &violating(&["p"]), 1);
        }
        let policy = &found.policies["p"];
        assert_eq!((policy.violating, policy.named.len()), (MAX_NAMED + 5, MAX_NAMED));
    }

    #[test]
    fn what_could_not_be_evaluated_is_counted() {
        let mut found = standing(&["p"]);
        let problem = Problem {
            policy: "p".to_owned(),
            reason: "it is too deep".to_owned(),
        };
        let evaluation = Evaluation {
            problems: vec![problem],
            ..Evaluation::default()
        };
        let before = found.clone();
        found.add("a", &evaluation, 1);
        assert_eq!(
            (found.policies["p"].violating, found.policies["p"].not_evaluated),
            (0, 1)
        );
        assert!(!found.is_like(&before));
    }
}
