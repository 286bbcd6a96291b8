//! What tells one set of policies from the next, for the log of who exchanges them.

use std::fmt;

use super::PolicySet;

/// The names of the policies that differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SetChanges {
    /// Those that only the later set has.
    pub added: Vec<String>,
    /// Those that both have, written otherwise.
    pub changed: Vec<String>,
    /// Those that only the earlier set has.
    pub removed: Vec<String>,
}

impl SetChanges {
    /// The changes from one set to another.
    #[must_use]
    pub fn between(before: &PolicySet, after: &PolicySet) -> Self {
        let wording = |set: &PolicySet, name: &str| {
            let mut policies = set.policies().iter();
            policies
                .find(|policy| policy.name == name)
                .map(|policy| policy.wording.clone())
        };
        let mut changes = Self::default();
        for policy in after.policies() {
            match wording(before, &policy.name) {
                None => changes.added.push(policy.name.clone()),
                Some(earlier) if earlier != policy.wording => changes.changed.push(policy.name.clone()),
                Some(_) => {}
            }
        }
        let names = before.policies().iter().map(|policy| policy.name.clone());
        changes.removed = names.filter(|name| wording(after, name).is_none()).collect();
        changes
    }
}

impl fmt::Display for SetChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = [
            ("added", &self.added),
            ("changed", &self.changed),
            ("removed", &self.removed),
        ];
        let told = kinds.iter().filter(|(_, names)| !names.is_empty());
        let told: Vec<String> = told
            .map(|(kind, names)| format!("{kind} {}", names.join(", ")))
            .collect();
        f.write_str(if told.is_empty() { "no policy" } else { "" })?;
        f.write_str(&told.join("; "))
    }
}
