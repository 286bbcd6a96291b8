//! Which policies concern a job.
//!
//! A policy names job ids by globs, groups, and users by globs. A set's globs are searched together, and groups are looked
//! up by name, so that policies that do not match cost next to nothing, however many there are.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use globset::{Glob, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};

use super::Day;
use crate::es::user::User;

/// The glob that matches every user, also one who is not known.
const ANY: &str = "*";

/// A job, as far as policies are chosen by it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The job's id.
    pub id: &'a str,
    /// Its groups.
    pub groups: &'a [String],
    /// Who asks, where that is known: the name and the roles.
    pub user: Option<&'a User>,
}

/// A pattern that is no glob.
#[derive(Debug, thiserror::Error)]
#[error("`{pattern}` is not a glob: {source}")]
pub struct GlobError {
    pattern: String,
    source: globset::Error,
}

/// A glob over names: `*` is any text, `?` any character, `[a-z]` one of these, `{a,b}` either.
#[derive(Debug, Clone)]
pub struct Pattern {
    glob: Glob,
    matcher: GlobMatcher,
}

impl Pattern {
    /// Reads a glob.
    pub fn parse(pattern: &str) -> Result<Self, GlobError> {
        let glob = GlobBuilder::new(pattern).build().map_err(|source| GlobError {
            pattern: pattern.to_owned(),
            source,
        })?;
        let matcher = glob.compile_matcher();
        Ok(Self { glob, matcher })
    }

    fn matches(&self, name: &str) -> bool {
        self.matcher.is_match(name)
    }

    fn is_any(&self) -> bool {
        self.glob.glob() == ANY
    }
}

/// The jobs that a policy, or an exemption from one, concerns: those for which all that is given holds.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// The id is one of these; any when there is none.
    pub ids: Vec<Pattern>,
    /// One of the groups is one of these; any, or none, when there is none.
    pub groups: Vec<String>,
    /// The name or a role of the caller is one of these; anybody when there is none. A caller who is not known is only
    /// `*`.
    pub users: Vec<Pattern>,
}

impl Scope {
    /// Whether a job is concerned.
    #[must_use]
    pub fn covers(&self, subject: Subject<'_>) -> bool {
        self.covers_id(subject.id) && self.covers_groups(subject.groups) && self.covers_user(subject.user)
    }

    /// Whether a job is concerned that the [`Index`] has found.
    pub(super) fn covers_found(&self, subject: Subject<'_>) -> bool {
        match self.key() {
            Key::Id => self.covers_groups(subject.groups) && self.covers_user(subject.user),
            Key::Group => self.covers_user(subject.user),
            Key::User | Key::None => true,
        }
    }

    /// By what it is looked for.
    fn key(&self) -> Key {
        let tell = |patterns: &[Pattern]| !patterns.is_empty() && !patterns.iter().any(Pattern::is_any);
        if tell(&self.ids) {
            Key::Id
        } else if !self.groups.is_empty() {
            Key::Group
        } else if tell(&self.users) {
            Key::User
        } else {
            Key::None
        }
    }

    /// Why a job is not concerned; nothing when it is.
    #[must_use]
    pub fn why_not(&self, subject: Subject<'_>) -> Option<String> {
        let listed = |patterns: &[Pattern]| {
            patterns
                .iter()
                .map(|pattern| pattern.glob.glob())
                .collect::<Vec<_>>()
                .join(", ")
        };
        if !self.covers_id(subject.id) {
            return Some(format!("the id is none of [{}]", listed(&self.ids)));
        }
        if !self.covers_groups(subject.groups) {
            return Some(format!("it is in none of the groups [{}]", self.groups.join(", ")));
        }
        (!self.covers_user(subject.user)).then(|| format!("the user is none of [{}]", listed(&self.users)))
    }

    /// Whether the caller decides.
    #[must_use]
    pub fn asks_for_user(&self) -> bool {
        self.users.iter().any(|pattern| !pattern.is_any())
    }

    fn covers_id(&self, id: &str) -> bool {
        self.ids.is_empty() || self.ids.iter().any(|pattern| pattern.matches(id))
    }

    fn covers_groups(&self, groups: &[String]) -> bool {
        self.groups.is_empty() || groups.iter().any(|group| self.groups.contains(group))
    }

    fn covers_user(&self, user: Option<&User>) -> bool {
        let names = user.into_iter().flat_map(User::names);
        let mut patterns = self.users.iter();
        self.users.is_empty()
            || patterns.any(|pattern| pattern.is_any() || names.clone().any(|name| pattern.matches(name)))
    }
}

/// Jobs that a policy leaves alone for a while.
#[derive(Debug, Clone)]
pub struct Exemption {
    /// Which jobs.
    pub scope: Scope,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Day>,
}

impl Exemption {
    /// Whether a job is left alone at that time, in milliseconds since the epoch.
    #[must_use]
    pub fn covers(&self, subject: Subject<'_>, now_millis: i64) -> bool {
        self.expires.is_none_or(|day| now_millis < day.end_millis()) && self.scope.covers(subject)
    }
}

/// What tells most about the jobs of a scope. What comes before it in this order covers every job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Id,
    Group,
    User,
    None,
}

/// Finds the scopes that may cover a job: each is looked for by what tells most about it, the id, the groups or the user.
#[derive(Debug, Default)]
pub(super) struct Index {
    ids: Globs,
    groups: HashMap<String, Vec<usize>>,
    users: Globs,
    /// The scopes of every job.
    others: Vec<usize>,
}

/// Globs, and the place of the scope that each belongs to.
#[derive(Debug, Default)]
struct Globs {
    globs: GlobSet,
    places: Vec<usize>,
}

impl Globs {
    fn of(found: Vec<(usize, &Pattern)>) -> Result<Self, globset::Error> {
        let mut globs = GlobSetBuilder::new();
        for (_, pattern) in &found {
            globs.add(pattern.glob.clone());
        }
        let places = found.into_iter().map(|(place, _)| place).collect();
        globs.build().map(|globs| Self { globs, places })
    }

    fn matching(&self, name: &str) -> impl Iterator<Item = usize> + use<'_> {
        let found = self.globs.matches(name).into_iter();
        found.filter_map(|glob| self.places.get(glob).copied())
    }
}

impl Index {
    /// An index of these scopes, each with its place.
    pub(super) fn of<'s>(scopes: impl Iterator<Item = (usize, &'s Scope)>) -> Result<Self, globset::Error> {
        let (mut ids, mut users) = (Vec::new(), Vec::new());
        let mut index = Self::default();
        for (place, scope) in scopes {
            match scope.key() {
                Key::Id => ids.extend(scope.ids.iter().map(|pattern| (place, pattern))),
                Key::Group => {
                    for group in &scope.groups {
                        index.groups.entry(group.clone()).or_default().push(place);
                    }
                }
                Key::User => users.extend(scope.users.iter().map(|pattern| (place, pattern))),
                Key::None => index.others.push(place),
            }
        }
        index.ids = Globs::of(ids)?;
        index.users = Globs::of(users)?;
        Ok(index)
    }

    /// The places of the scopes that may cover a job, in their order. What is left to ask is [`Scope::covers_found`].
    pub(super) fn candidates(&self, subject: Subject<'_>) -> Vec<usize> {
        let mut places = self.others.clone();
        places.extend(self.ids.matching(subject.id));
        places.extend(
            subject
                .groups
                .iter()
                .filter_map(|group| self.groups.get(group))
                .flatten(),
        );
        let names = subject.user.into_iter().flat_map(User::names);
        places.extend(names.flat_map(|name| self.users.matching(name)));
        places.sort_unstable();
        places.dedup();
        places
    }
}
