//! All policies of an operator, as one revision.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::expression::Needs;
use super::matching::{Index, Subject};
use super::measure::{MOST_STEPS_IN_PLACE, Measure};
use super::{Enforcement, Policy};

/// How many hexadecimal digits tell revisions apart.
const DIGITS: usize = 12;

/// Which texts a set was made from: a digest of them. Equal texts have equal revisions, on every gateway.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revision(String);

impl Revision {
    /// The revision of these texts, in this order.
    #[must_use]
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut digest = Sha256::new();
        for text in texts {
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
        }
        let nibbles = digest.finalize().into_iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        let digits = nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16));
        Self(digits.take(DIGITS).collect())
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { &self.0 })
    }
}

/// The policies, in the order in which they were written. The default has none.
#[derive(Debug, Default)]
pub struct PolicySet {
    policies: Vec<Policy>,
    index: Index,
    revision: Revision,
    /// What the expressions need.
    needs: Arc<Needs>,
    /// Whether who asks decides about those that enforce or warn.
    asks_for_user: bool,
    fills_in: bool,
    audits: bool,
    /// The longest body whose document all of them are certain to have judged within milliseconds, if there is one that
    /// they are not certain to.
    longest_in_place: Option<usize>,
}

/// The policies that hold, and those that are only compared with them.
#[derive(Debug, Clone, Default)]
pub struct PolicySets {
    /// Those that hold.
    pub active: Arc<PolicySet>,
    /// The shadow set, if there is one.
    pub shadow: Option<Arc<PolicySet>>,
}

/// Why policies that are fine by themselves make no set: their globs are too many.
#[derive(Debug, thiserror::Error)]
#[error("the globs of the policies cannot be put together: {0}")]
pub struct SetError(#[from] globset::Error);

impl PolicySet {
    /// A set of policies, whose names are all different.
    pub fn new(policies: Vec<Policy>, revision: Revision) -> Result<Self, SetError> {
        let is_on = |policy: &&Policy| policy.enforcement != Enforcement::Off;
        let audits = |policy: &Policy| policy.enforcement == Enforcement::Audit;
        let on = || policies.iter().filter(is_on);
        let scopes = policies.iter().enumerate().filter(|(_, policy)| is_on(policy));
        let index = Index::of(scopes.map(|(place, policy)| (place, &policy.scope)))?;
        let rules = on().filter_map(|policy| policy.rule.as_ref());
        Ok(Self {
            index,
            revision,
            needs: Arc::new(Needs::of(rules)),
            asks_for_user: on().any(|policy| !audits(policy) && policy.asks_for_user()),
            fills_in: on().any(|policy| !policy.defaults.is_empty()),
            audits: on().any(audits),
            longest_in_place: longest_in_place(&on().collect::<Vec<_>>()),
            policies,
        })
    }

    /// Which texts it was made from.
    #[must_use]
    pub const fn revision(&self) -> &Revision {
        &self.revision
    }

    /// The policies.
    #[must_use]
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// Whether who asks decides which of the policies that enforce or warn concern a job.
    #[must_use]
    pub const fn asks_for_user(&self) -> bool {
        self.asks_for_user
    }

    /// Whether who asks decides which of the policies that audit concern a job.
    #[must_use]
    pub fn audits_ask_for_user(&self) -> bool {
        let mut audits = self
            .policies
            .iter()
            .filter(|policy| policy.enforcement == Enforcement::Audit);
        audits.any(Policy::asks_for_user)
    }

    /// Whether a policy fills in what clients leave out.
    #[must_use]
    pub const fn fills_in(&self) -> bool {
        self.fills_in
    }

    /// Whether a policy only audits.
    #[must_use]
    pub const fn audits(&self) -> bool {
        self.audits
    }

    /// Whether judging a job with a body of so many bytes may take longer than a thread that serves others, too, may be
    /// held.
    #[must_use]
    pub fn may_take_long(&self, body: usize) -> bool {
        self.longest_in_place.is_some_and(|longest| body > longest)
    }

    /// What the expressions need.
    pub(super) const fn needs(&self) -> &Arc<Needs> {
        &self.needs
    }

    /// The policies that concern a job at that time, with what comes of each.
    pub fn concerning(&self, subject: Subject<'_>, now_millis: i64) -> impl Iterator<Item = (&Policy, Enforcement)> {
        let concerning = self.concerning_places(subject, now_millis);
        concerning.map(|(_, policy, enforcement)| (policy, enforcement))
    }

    /// The same, each with its place in the set.
    pub(super) fn concerning_places(
        &self,
        subject: Subject<'_>,
        now_millis: i64,
    ) -> impl Iterator<Item = (usize, &Policy, Enforcement)> {
        let candidates = self.index.candidates(subject).into_iter();
        let candidates = candidates.filter_map(|place| Some((place, self.policies.get(place)?)));
        candidates
            .filter(move |(_, policy)| policy.scope.covers_found(subject))
            .filter(move |(_, policy)| {
                let mut exemptions = policy.exemptions.iter();
                !exemptions.any(|exemption| exemption.covers(subject, now_millis))
            })
            .map(move |(place, policy)| (place, policy, policy.enforcement_at(now_millis)))
            .filter(|(.., enforcement)| *enforcement != Enforcement::Off)
    }
}

/// How many times as long as its body a document may be: in `{"function":"count"}` the most is filled in.
const GROWTH: usize = 6;

/// How many bytes may be filled in whatever the body has.
const FILLED_IN: usize = 4096;

/// The longest body, found by halving, whose document these policies judge in few steps, whatever is in it.
fn longest_in_place(policies: &[&Policy]) -> Option<usize> {
    let defaults = policies.iter().map(|policy| serde_json::to_string(&policy.defaults));
    let own: usize = defaults.map(|text| text.map_or(0, |text| text.len())).sum();
    let is_short = |body: &usize| {
        let document = Measure::largest((GROWTH * body + FILLED_IN + own) as u64);
        let steps = policies
            .iter()
            .map(|policy| policy.steps(&document).unwrap_or(u64::MAX));
        steps.fold(0, u64::saturating_add) <= MOST_STEPS_IN_PLACE
    };
    let longest = 1024 * 1024;
    if is_short(&longest) {
        return None;
    }
    let mut shorter = std::iter::successors(Some(longest / 2), |body| Some(body / 2)).take_while(|body| *body > 0);
    Some(shorter.find(is_short).unwrap_or(0))
}
