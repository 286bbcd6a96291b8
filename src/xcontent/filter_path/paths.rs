//! The paths of a filter as one automaton: which of them lead from an object on into a member of a name.
//!
//! All segments of all paths have a bit each. Where a walk has come to is a set of bits, those of the segments that a
//! name may fit next; a step is a few operations on its words, however many paths there are and however they overlap. A
//! `**` is not a segment of its own here: it makes the segment after it stay in the set.

use std::collections::HashMap;

use super::wildcards::{WORD, Wildcards, set};

/// Where one step leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A path ends here: all of the value is meant.
    Whole,
    /// Paths lead on into the value.
    Inside,
    /// None does: the value is not meant at all.
    Nowhere,
}

/// Paths, compiled.
#[derive(Debug)]
pub(super) struct Paths {
    /// How many words have a bit for each segment.
    words: usize,
    initial: Vec<u64>,
    /// The segments that stay: `**` is before them.
    staying: Vec<u64>,
    /// The last ones of their paths.
    last: Vec<u64>,
    /// Those that every name fits.
    any: Vec<u64>,
    /// Those that one name fits.
    literals: HashMap<String, Vec<usize>>,
    /// The others, as a set too.
    with_wildcards: Vec<u64>,
    wildcards: Wildcards,
    /// Memory for a step: what a name fits, and the states of the wildcards.
    fitting: Vec<u64>,
    scratch: Vec<u64>,
}

impl Paths {
    /// The paths of these segments.
    pub(super) fn of(paths: &[Vec<String>]) -> Self {
        let segments = paths.iter().flatten().filter(|segment| *segment != DEEP).count();
        let words = segments.div_ceil(WORD);
        let none = vec![0; words];
        let mut compiled = Self {
            words,
            initial: none.clone(),
            staying: none.clone(),
            last: none.clone(),
            any: none.clone(),
            literals: HashMap::new(),
            with_wildcards: none.clone(),
            wildcards: Wildcards::default(),
            fitting: none,
            scratch: Vec::new(),
        };
        let mut wildcards = Vec::new();
        let mut at = 0;
        for path in paths {
            set(&mut compiled.initial, at);
            let mut stays = false;
            for segment in path {
                if segment == DEEP {
                    stays = true;
                    continue;
                }
                if std::mem::take(&mut stays) {
                    set(&mut compiled.staying, at);
                }
                if segment == "*" {
                    set(&mut compiled.any, at);
                } else if segment.contains('*') {
                    set(&mut compiled.with_wildcards, at);
                    wildcards.push((segment.as_str(), at));
                } else {
                    compiled.literals.entry(segment.clone()).or_default().push(at);
                }
                at += 1;
            }
            set(&mut compiled.last, at.saturating_sub(1));
        }
        compiled.wildcards = Wildcards::of(&wildcards);
        compiled
    }

    /// How long a set of segments is, in words.
    pub(super) const fn words(&self) -> usize {
        self.words
    }

    /// The segments that the root's members may fit.
    pub(super) fn initial(&self) -> &[u64] {
        &self.initial
    }

    /// Takes a step from a set of segments to a member of this name. Where it leads inside, the set that its own members
    /// may fit is added to `sets`, which has `from` too.
    pub(super) fn step(&mut self, sets: &mut Vec<u64>, from: usize, name: &str) -> Step {
        self.fit(sets.get(from..from + self.words).unwrap_or_default(), name);
        let next = sets.len();
        let (mut carried, mut any) = (0, 0);
        for at in 0..self.words {
            let word = |of: &[u64]| of.get(at).copied().unwrap_or_default();
            let active = sets.get(from + at).copied().unwrap_or_default();
            let fitting = active & word(&self.fitting);
            if fitting & word(&self.last) != 0 {
                sets.truncate(next);
                return Step::Whole;
            }
            // None of them is the last of its path, so none leads into the next path.
            let leading = fitting << 1 | carried | active & word(&self.staying);
            carried = fitting >> (WORD - 1);
            any |= leading;
            sets.push(leading);
        }
        if any == 0 {
            sets.truncate(next);
            return Step::Nowhere;
        }
        Step::Inside
    }

    /// Finds the segments that a name fits, of those that are looked at at least.
    fn fit(&mut self, active: &[u64], name: &str) {
        self.fitting.clone_from(&self.any);
        for at in self.literals.get(name).into_iter().flatten() {
            set(&mut self.fitting, *at);
        }
        if active
            .iter()
            .zip(&self.with_wildcards)
            .any(|(active, with)| active & with != 0)
        {
            let fitting = &mut self.fitting;
            self.wildcards.search(name, &mut self.scratch, |at| set(fitting, at));
        }
    }
}

/// What stands for any number of segments.
pub(super) const DEEP: &str = "**";
