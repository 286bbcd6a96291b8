//! What a part of an answer shows beyond what varies by itself.

use std::collections::{BTreeSet, HashSet};

use crate::{
    parts::Part,
    words::{name, words},
};

/// What varies by itself, of an API's answers: the words about a name, or, without one, how many words there are.
type Varying = (String, Part, Option<String>);

/// What two runs against the same server show to vary by itself, in one exchange or another of each API.
#[derive(Debug, Default)]
pub(crate) struct Variance(HashSet<Varying>);

/// The outcome of one comparison.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Compared {
    /// Words that were not looked at, as they differ between the two direct runs.
    pub(crate) masked: usize,
    /// Words that differ only through the gateway, in what other direct exchanges of the API show to vary.
    pub(crate) varying: usize,
    /// Whether the part was not looked at, as the direct runs have not even as many words in it.
    pub(crate) is_taken_off: bool,
    /// The first word that differs and its name, in the direct runs and through the gateway.
    pub(crate) difference: Option<String>,
    /// The names of all words that differ; none where there are not as many words.
    pub(crate) names: BTreeSet<String>,
}

impl Variance {
    /// Learns from one part of an exchange in two direct runs.
    pub(crate) fn learn(&mut self, api: &str, part: &Part, first: &[u8], second: &[u8]) {
        if first == second {
            return;
        }
        let (first, second) = (words(first), words(second));
        if first.len() != second.len() {
            self.0.insert((api.to_owned(), part.clone(), None));
            return;
        }
        for at in differing(&first, &second) {
            self.0.insert((api.to_owned(), part.clone(), Some(name(&first, at))));
        }
    }

    fn has(&self, api: &str, part: &Part, name: Option<String>) -> bool {
        self.0.contains(&(api.to_owned(), part.clone(), name))
    }

    /// Compares a part with what two direct runs have there.
    pub(crate) fn compare(&self, api: &str, part: &Part, direct: [&[u8]; 2], through: &[u8]) -> Compared {
        let mut compared = Compared::default();
        let [first, second] = direct;
        if first == second && first == through {
            return compared;
        }
        let (first, second, through) = (words(first), words(second), words(through));
        if first.len() != second.len() {
            compared.is_taken_off = true;
            return compared;
        }
        let masked: HashSet<usize> = differing(&first, &second).collect();
        compared.masked = masked.len();
        if first.len() != through.len() {
            compared.is_taken_off = self.has(api, part, None);
            if !compared.is_taken_off {
                let (expected, found) = (first.concat(), through.concat());
                compared.difference = Some(format!("expected {}\n    found {}", shown(&expected), shown(&found)));
            }
            return compared;
        }
        for at in differing(&first, &through).filter(|at| !masked.contains(at)) {
            let name = name(&first, at);
            if self.has(api, part, Some(name.clone())) {
                compared.varying += 1;
                continue;
            }
            if compared.difference.is_none() {
                let word = |words: &[&[u8]]| words.get(at).map(|word| shown(word)).unwrap_or_default();
                compared.difference = Some(format!("{name:?}: expected {}, found {}", word(&first), word(&through)));
            }
            compared.names.insert(name);
        }
        compared
    }
}

fn differing<'w>(first: &'w [&[u8]], second: &'w [&[u8]]) -> impl Iterator<Item = usize> {
    let pairs = first.iter().zip(second).enumerate();
    pairs.filter_map(|(at, (first, second))| (first != second).then_some(at))
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &[u8] = br#"{"took":1,"id":"a","n":3}"#;
    const SECOND: &[u8] = br#"{"took":1,"id":"b","n":3}"#;

    fn compare(through: &[u8]) -> Compared {
        let mut variance = Variance::default();
        variance.learn("search", &Part::Content, br#"{"took":4}"#, br#"{"took":5}"#);
        variance.compare("search", &Part::Content, [FIRST, SECOND], through)
    }

    #[test]
    fn what_varies_by_itself_is_taken_off_and_nothing_else() {
        let as_expected = compare(br#"{"took":1,"id":"c","n":3}"#);
        assert_eq!(
            (as_expected.masked, as_expected.varying, as_expected.difference),
            (1, 0, None)
        );
        assert_eq!(compare(br#"{"took":9,"id":"c","n":3}"#).varying, 1);
        for other in [
            br#"{"took":1,"id":"c","n":4}"#.as_slice(),
            br#"{"took":1,"id":"c","m":3}"#,
            br#"{"took":1,"id":"c","n": 3}"#,
            br#"{"took":1,"id":"c"}"#,
        ] {
            assert!(compare(other).difference.is_some(), "{}", shown(other));
        }
    }

    #[test]
    fn a_name_that_varies_in_one_api_is_compared_in_another() {
        let mut variance = Variance::default();
        variance.learn("search", &Part::Content, br#"{"took":4}"#, br#"{"took":5}"#);
        let compared = variance.compare(
            "bulk",
            &Part::Content,
            [br#"{"took":1}"#.as_slice(); 2],
            br#"{"took":2}"#,
        );
        assert!(compared.difference.is_some());
    }
}
