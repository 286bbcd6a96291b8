//! Odd spellings of a target that a server takes for the usual one (http.md §1.1): more of an argument encoded
//! than has to be, or less; slashes at the end; other separators in the query.
//!
//! A missing slash at the beginning is not among them. OpenSearch routes such a target, but some of its APIs compare the
//! path with one that has it and then answer otherwise (`_list/wlm_stats`), and its messages quote the path without it;
//! the gateway adds the slash (docs/deviations.md).

use crate::request::{Segment, Target, encoded};

/// A target in an odd spelling, the same one for the same turn.
pub(crate) fn odd(target: &Target, turn: u64) -> String {
    let Target::Parts { path, query } = target else {
        return target.usual();
    };
    let mut turns = Turns(turn);
    let segments: Vec<String> = path.iter().map(|segment| odd_segment(segment, &mut turns)).collect();
    let trail = match turns.next(6) {
        0 if !segments.is_empty() => "/",
        1 if !segments.is_empty() => "//",
        2 if !segments.is_empty() => "///",
        _ => "",
    };
    let mut spelled = format!("/{}{trail}", segments.join("/"));
    if query.is_empty() {
        spelled += if turns.one_in(5) { "?" } else { "" };
        return spelled;
    }
    spelled += if turns.one_in(4) { "?&" } else { "?" };
    for (position, (name, value)) in query.iter().enumerate() {
        if position > 0 {
            spelled += if turns.one_in(2) { ";" } else { "&" };
        }
        let pair = [overly_encoded(name, &mut turns), overly_encoded(value, &mut turns)];
        spelled += &pair.join("=");
    }
    spelled
}

fn odd_segment(segment: &Segment, turns: &mut Turns) -> String {
    match segment {
        Segment::Literal(text) => text.clone(),
        // A server that reads these bytes raw takes each for a character of its own.
        Segment::Variable(text) if !text.is_ascii() => encoded(text),
        Segment::Variable(text) if turns.one_in(2) => hardly_encoded(text),
        Segment::Variable(text) => overly_encoded(text, turns),
    }
}

/// Only what cannot stand in a segment is encoded; date-math names keep their `<`, `{` and `|`.
fn hardly_encoded(text: &str) -> String {
    let must = |character: char| matches!(character, '/' | '?' | '%' | '#' | ' ') || character.is_ascii_control();
    let spelled = text.chars().map(|character| match character {
        character if must(character) => encoded(&character.to_string()),
        character => character.to_string(),
    });
    spelled.collect()
}

/// Some characters that nobody has to encode are encoded, in capitals or not.
fn overly_encoded(text: &str, turns: &mut Turns) -> String {
    let spelled = text.chars().map(|character| {
        let byte = u32::from(character);
        match turns.next(5) {
            0 if character.is_ascii_graphic() => format!("%{byte:02x}"),
            1 if character.is_ascii_graphic() => format!("%{byte:02X}"),
            _ => encoded(&character.to_string()),
        }
    });
    spelled.collect()
}

/// Chooses: a linear congruential generator, so that a turn always leads to the same choices.
struct Turns(u64);

impl Turns {
    fn next(&mut self, choices: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % choices
    }

    fn one_in(&mut self, choices: u64) -> bool {
        self.next(choices) == 0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use percent_encoding::percent_decode_str;

    use super::*;

    fn target() -> Target {
        Target::Parts {
            path: vec![
                Segment::Variable("<logs-{now/d}>,a b".into()),
                Segment::Literal("_search".into()),
            ],
            query: vec![("q".into(), "a:b&c".into()), ("pretty".into(), String::new())],
        }
    }

    #[test]
    fn every_odd_spelling_means_the_same() {
        let mut spellings = BTreeSet::new();
        for turn in 0..200 {
            let spelled = odd(&target(), turn);
            let (path, query) = spelled.split_once('?').unwrap();
            let segments: Vec<&str> = path.trim_start_matches('/').trim_end_matches('/').split('/').collect();
            let decoded = percent_decode_str(segments[0]).decode_utf8().unwrap();
            assert_eq!(
                (decoded.as_ref(), segments[1]),
                ("<logs-{now/d}>,a b", "_search"),
                "{spelled}"
            );
            let pairs: Vec<&str> = query.trim_start_matches('&').split(['&', ';']).collect();
            let decoded: Vec<_> = pairs
                .iter()
                .map(|pair| percent_decode_str(pair).decode_utf8().unwrap())
                .collect();
            assert_eq!(decoded, ["q=a:b&c", "pretty="], "{spelled}");
            assert!(spelled.bytes().all(|byte| byte.is_ascii_graphic()), "{spelled}");
            spellings.insert(spelled);
        }
        assert!(spellings.len() > 150, "{}", spellings.len());
        assert!(
            spellings
                .iter()
                .any(|spelled| spelled.starts_with("/<logs-{now%2Fd}>,a%20b/_search/"))
        );
    }

    #[test]
    fn the_same_turn_gives_the_same_spelling() {
        assert_eq!(odd(&target(), 7), odd(&target(), 7));
    }
}
