//! How large a document is, as far as that decides what judging it may cost.
//!
//! What an evaluation may cost is counted in steps before it begins, from the document's measure and the policy's own
//! shape. So it ends, soon, and comes to the same on every machine: a clock would let one gateway admit what another one
//! refuses.

use crate::xcontent::json::{Member, Node, Token};

/// How many steps one policy may take over one document. A step takes a tenth of a microsecond, mostly, and what is
/// counted is far above what is taken.
pub(super) const MOST_STEPS_OF_ONE: u64 = 250_000;

/// How many steps all policies together may take.
pub(super) const MOST_STEPS_OF_ALL: u64 = 2_000_000;

/// How many steps all policies together may take on a thread that serves others, too: twenty milliseconds at most.
pub(super) const MOST_STEPS_IN_PLACE: u64 = 200_000;

/// How deep a document may nest that policies judge. Jobs have six levels; Elasticsearch takes a thousand.
pub(super) const MOST_LEVELS: usize = 64;

/// How many bytes of a text are compared or copied in a step.
pub(super) const BYTES_IN_A_STEP: u64 = 32;

/// The measure of a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Measure {
    /// What copying or comparing the whole of it takes, in steps.
    pub(super) weight: u64,
    /// How many members or elements the longest object or list has.
    pub(super) longest: u64,
    /// What there is on each level, the whole document being the first; none when there are too many levels.
    pub(super) levels: Option<Vec<Level>>,
}

/// What there is on a level of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Level {
    /// How many values.
    pub(super) values: u64,
    /// How many bytes their texts have, and their names.
    pub(super) bytes: u64,
    /// How large one of them may be.
    pub(super) extent: Extent,
}

/// How large a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Extent {
    /// What copying it takes, in steps.
    pub(super) weight: u64,
    /// How many elements the longest list or map in it has.
    pub(super) longest: u64,
    /// How many bytes the longest text, number or name in it has.
    pub(super) text: u64,
}

impl Extent {
    /// As large as the larger of both in each way.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            weight: self.weight.max(other.weight),
            longest: self.longest.max(other.longest),
            text: self.text.max(other.text),
        }
    }
}

impl Measure {
    /// What no document exceeds that is written in so many bytes: two bytes, such as `1,`, can be a value, and each level
    /// may have all of them.
    pub(super) fn largest(bytes: u64) -> Self {
        let extent = Extent {
            weight: bytes,
            longest: bytes / 2,
            text: bytes,
        };
        let level = Level {
            values: bytes / 2 + 1,
            bytes,
            extent,
        };
        Self {
            weight: extent.weight,
            longest: extent.longest,
            levels: Some(vec![level; MOST_LEVELS]),
        }
    }

    /// Measures a document.
    pub(super) fn of(document: Node<'_>) -> Self {
        let mut measure = Self {
            levels: Some(Vec::new()),
            ..Self::default()
        };
        let extent = measure.add(document, 0, 0);
        Self {
            weight: extent.weight,
            longest: extent.longest,
            ..measure
        }
    }

    /// Adds a value that has a name of so many bytes. Documents nest a thousand levels at most, so this ends.
    fn add(&mut self, node: Node<'_>, depth: usize, name: usize) -> Extent {
        let own = match node.token() {
            Token::Object | Token::Array => 0,
            _ => node.raw().len() as u64,
        };
        let bytes = own + name as u64;
        let mut extent = Extent {
            weight: 1 + bytes / BYTES_IN_A_STEP,
            longest: 0,
            text: own.max(name as u64),
        };
        let mut count = 0;
        let members = node.members().map(|Member { name, value, .. }| (name.len(), value));
        for (name, value) in members.chain(node.elements().map(|element| (0, element))) {
            let inner = self.add(value, depth + 1, name);
            count += 1;
            extent = Extent {
                weight: extent.weight + inner.weight,
                ..extent.or(inner)
            };
        }
        extent.longest = extent.longest.max(count);
        self.note(depth, bytes, extent);
        extent
    }

    fn note(&mut self, depth: usize, bytes: u64, extent: Extent) {
        if depth >= MOST_LEVELS {
            self.levels = None;
        }
        let Some(levels) = &mut self.levels else { return };
        if levels.len() <= depth {
            levels.resize(depth + 1, Level::default());
        }
        if let Some(level) = levels.get_mut(depth) {
            level.values += 1;
            level.bytes += bytes;
            level.extent = level.extent.or(extent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xcontent::json::Document;

    fn measure(document: &str) -> Measure {
        Measure::of(Document::read(document.as_bytes()).root().expect("a value"))
    }

    #[test]
    fn values_texts_and_levels_count() {
        let measure = measure(r#"{"a": [1, 22, 333], "bc": "x"}"#);
        assert_eq!((measure.weight, measure.longest), (6, 3));
        let level = |values, bytes, [weight, longest, text]: [u64; 3]| Level {
            values,
            bytes,
            extent: Extent { weight, longest, text },
        };
        assert_eq!(
            measure.levels,
            Some(vec![
                level(1, 0, [6, 3, 3]),
                level(2, 6, [4, 3, 3]),
                level(3, 6, [1, 0, 3])
            ])
        );
    }

    #[test]
    fn no_document_exceeds_the_largest_of_its_length() {
        let nested = format!("{}1{}", "[".repeat(20), "]".repeat(20));
        let members: Vec<String> = (0..50).map(|number| format!("\"{number}\":{number}")).collect();
        for document in [
            "1",
            "[]",
            "[1,1,1,1]",
            r#"{"a":{"b":[1,{"c":"ddd"}]}}"#,
            &nested,
            &members.join(","),
        ] {
            let document = if document.starts_with('"') {
                format!("{{{document}}}")
            } else {
                document.to_owned()
            };
            let (measured, largest) = (measure(&document), Measure::largest(document.len() as u64));
            assert!(measured.weight <= largest.weight, "{document}");
            assert!(measured.longest <= largest.longest, "{document}");
            let (measured, largest) = (measured.levels.expect("some"), largest.levels.expect("some"));
            for (level, most) in measured.iter().zip(&largest) {
                assert!(level.values <= most.values && level.bytes <= most.bytes, "{document}");
                let (extent, most) = (level.extent, most.extent);
                let fits = extent.weight <= most.weight && extent.longest <= most.longest && extent.text <= most.text;
                assert!(fits, "{document}");
            }
        }
    }

    #[test]
    fn a_long_text_weighs_more() {
        assert_eq!(measure(&format!("\"{}\"", "x".repeat(3198))).weight, 101);
    }

    #[test]
    fn what_is_deeper_than_policies_look_has_no_levels() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(measure(&nested(MOST_LEVELS)).levels.is_some());
        assert_eq!(measure(&nested(MOST_LEVELS + 1)).levels, None);
    }
}
