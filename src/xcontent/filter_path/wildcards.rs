//! Many wildcards at once: which of them a name fits, found in one pass over the name.
//!
//! All wildcards together are one automaton without choices to undo (Baeza-Yates and Gonnet's Shift-And): a bit for each
//! of their bytes says whether the name can have been read up to there. However the stars of a wildcard stand, a byte of
//! a name costs one operation on each word of 64 bits.

/// The end of a wildcard in the automaton.
#[derive(Debug, Clone, Copy)]
struct Accept {
    word: usize,
    bit: u64,
    /// What is found with it.
    found: usize,
}

/// Wildcards, in each of which every `*` stands for any characters.
#[derive(Debug, Default)]
pub(super) struct Wildcards {
    /// How many words have a bit for each state.
    words: usize,
    /// The states before the first byte of each.
    initial: Vec<u64>,
    /// The states that stay whatever comes: a `*` follows.
    staying: Vec<u64>,
    /// Of each byte that is in one of them, the row of states that it leads to; of any other 0.
    row_of: Vec<usize>,
    /// The rows, one after the other. The first is empty.
    rows: Vec<u64>,
    accepting: Vec<Accept>,
}

impl Wildcards {
    /// The automaton of these wildcards, each with what is found with it.
    pub(super) fn of(wildcards: &[(&str, usize)]) -> Self {
        // A state before each byte, and one at the end.
        let states: usize = wildcards.iter().map(|(wildcard, _)| wildcard.len() + 1).sum();
        let words = states.div_ceil(WORD);
        let mut automaton = Self {
            words,
            initial: vec![0; words],
            staying: vec![0; words],
            row_of: vec![0; 256],
            rows: vec![0; words],
            accepting: Vec::with_capacity(wildcards.len()),
        };
        let mut state = 0;
        for (wildcard, found) in wildcards {
            set(&mut automaton.initial, state);
            for byte in wildcard.bytes() {
                if byte == b'*' {
                    set(&mut automaton.staying, state);
                } else {
                    state += 1;
                    automaton.lead(byte, state);
                }
            }
            automaton.accepting.push(Accept {
                word: state / WORD,
                bit: 1 << (state % WORD),
                found: *found,
            });
            state += 1;
        }
        automaton
    }

    /// Notes that a byte leads to a state from the one before it.
    fn lead(&mut self, byte: u8, state: usize) {
        let Some(row) = self.row_of.get_mut(usize::from(byte)) else {
            return;
        };
        if *row == 0 {
            *row = self.rows.len() / self.words;
            self.rows.resize(self.rows.len() + self.words, 0);
        }
        let start = *row * self.words;
        set(self.rows.get_mut(start..).unwrap_or_default(), state);
    }

    /// Calls `found` with what is found with each wildcard that the name fits. `states` is only kept for its memory.
    pub(super) fn search(&self, name: &str, states: &mut Vec<u64>, mut found: impl FnMut(usize)) {
        states.clone_from(&self.initial);
        for byte in name.bytes() {
            let row = self.row_of.get(usize::from(byte)).copied().unwrap_or_default();
            let row = self.rows.get(row * self.words..).unwrap_or_default();
            let (mut carried, mut any) = (0, 0);
            for ((state, leading), staying) in states.iter_mut().zip(row).zip(&self.staying) {
                let advanced = *state << 1 | carried;
                carried = *state >> (WORD - 1);
                *state = advanced & leading | *state & staying;
                any |= *state;
            }
            if any == 0 {
                return;
            }
        }
        for accept in &self.accepting {
            if states.get(accept.word).is_some_and(|word| word & accept.bit != 0) {
                found(accept.found);
            }
        }
    }
}

/// How many bits a word has.
pub(super) const WORD: usize = 64;

/// Sets a bit of a set that has it.
pub(super) fn set(bits: &mut [u64], at: usize) {
    if let Some(word) = bits.get_mut(at / WORD) {
        *word |= 1 << (at % WORD);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(wildcards: &[&str], name: &str) -> Vec<usize> {
        let numbered: Vec<_> = wildcards
            .iter()
            .zip(0..)
            .map(|(wildcard, at)| (*wildcard, at))
            .collect();
        let mut found = Vec::new();
        Wildcards::of(&numbered).search(name, &mut Vec::new(), |at| found.push(at));
        found
    }

    #[test]
    fn each_wildcard_is_found_where_it_fits() {
        let wildcards = ["a*", "*a", "*a*", "a*b*c", "*", "**", "a*a", "é*", "*é*z"];
        assert_eq!(found(&wildcards, "a"), [0, 1, 2, 4, 5]);
        assert_eq!(found(&wildcards, "aa"), [0, 1, 2, 4, 5, 6]);
        assert_eq!(found(&wildcards, "abc"), [0, 2, 3, 4, 5]);
        assert_eq!(found(&wildcards, "acb"), [0, 2, 4, 5]);
        assert_eq!(found(&wildcards, "éz"), [4, 5, 7, 8]);
        assert_eq!(found(&wildcards, ""), [4, 5]);
        // Half of the character is no match.
        assert_eq!(found(&["*é"], "è"), [0; 0]);
    }

    #[test]
    fn wildcards_that_fill_many_words_are_kept_apart() {
        let long = "x".repeat(100);
        let wildcards = [&format!("*{long}*"), "*x*", &format!("{long}*y"), "y*"];
        assert_eq!(found(&wildcards, &long), [0, 1]);
        assert_eq!(found(&wildcards, &format!("{long}zy")), [0, 1, 2]);
        assert_eq!(found(&wildcards, "y"), [3]);
    }
}
