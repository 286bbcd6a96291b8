//! The engine that needs nothing but stable Rust: seeds, changed at random.
//!
//! It is blind: it does not see what a change reaches. What it is good for is a run that takes some seconds and is the
//! same every time; findings of longer runs are libFuzzer's.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fastrand::Rng;

use crate::Target;

/// The longest input, in bytes.
const LONGEST: usize = 16 * 1024;

/// An input that a target does not hold for. What is wrong was printed by the panic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The input.
    pub input: Vec<u8>,
}

/// Runs a target on its seeds and on so many mutations of them; the same seed makes the same ones.
pub fn run(target: &Target, executions: usize, seed: u64) -> Result<(), Finding> {
    let mut random = Rng::with_seed(seed);
    let seeds = (target.seeds)();
    for input in &seeds {
        execute(target, input)?;
    }
    for _ in 0..executions {
        let mut input = one_of(&mut random, &seeds).cloned().unwrap_or_default();
        // Few changes mostly, as many leave nothing of a seed.
        for _ in 0..=random.usize(0..4) * random.usize(0..3) {
            mutate(&mut input, target.words, &seeds, &mut random);
        }
        input.truncate(LONGEST);
        execute(target, &input)?;
    }
    Ok(())
}

/// Runs a target on one input.
pub fn execute(target: &Target, input: &[u8]) -> Result<(), Finding> {
    let finding = || Finding { input: input.to_vec() };
    catch_unwind(AssertUnwindSafe(|| (target.check)(input))).map_err(|_| finding())
}

fn one_of<'a, T>(random: &mut Rng, all: &'a [T]) -> Option<&'a T> {
    random.choice(all)
}

/// A span of the input, long ones seldom.
fn span(input: &[u8], random: &mut Rng) -> std::ops::Range<usize> {
    let start = random.usize(0..=input.len());
    let most = if random.u8(0..8) == 0 { input.len() } else { 12 };
    let length = random.usize(0..=most.min(input.len() - start));
    start..start + length
}

fn mutate(input: &mut Vec<u8>, words: &[&str], seeds: &[Vec<u8>], random: &mut Rng) {
    let place = span(input, random);
    match random.u8(0..8) {
        0 => {
            if let Some(byte) = input.get_mut(place.start) {
                *byte ^= 1 << random.u8(0..8);
            }
        }
        1 => {
            if let Some(byte) = input.get_mut(place.start) {
                *byte = random.u8(..);
            }
        }
        2 => drop(input.drain(place)),
        3 => {
            let copied = input.get(place).unwrap_or_default().to_vec();
            let at = random.usize(0..=input.len());
            input.splice(at..at, copied);
        }
        4 => {
            let other = one_of(random, seeds).map(Vec::as_slice).unwrap_or_default();
            let taken = other.get(span(other, random)).unwrap_or_default().to_vec();
            input.splice(place, taken);
        }
        5 => drop(input.splice(place.start..place.start, random.u32(..).to_string().into_bytes())),
        _ => {
            let word = one_of(random, words).copied().unwrap_or_default();
            let replaced = if random.bool() { place } else { place.start..place.start };
            input.splice(replaced, word.bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails_on_a_zero(bytes: &[u8]) {
        assert!(!bytes.contains(&0), "a zero");
    }

    /// An engine that finds nothing is worth nothing.
    #[test]
    fn finds_what_does_not_hold() {
        let target = Target {
            name: "zeros",
            check: fails_on_a_zero,
            seeds: || vec![b"abc".to_vec()],
            words: &["x"],
        };
        let finding = run(&target, 100_000, 1).expect_err("a zero within so many changes");
        assert!(finding.input.contains(&0));
        assert!(execute(&target, b"abc").is_ok());
    }
}
