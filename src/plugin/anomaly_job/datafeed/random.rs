//! Java's `java.util.Random`, which Elasticsearch seeds with the id of a job: what is random is the same for one id
//! (jobs-api.md §5.5).

use crate::xcontent::utf16;

const MULTIPLIER: i64 = 0x5_DEEC_E66D;
const INCREMENT: i64 = 0xB;
const MASK: i64 = (1 << 48) - 1;

/// A sequence of numbers.
#[derive(Debug)]
pub(super) struct Random(i64);

impl Random {
    /// The sequence of a text, by its `hashCode`.
    pub(super) fn of(text: &str) -> Self {
        let units = utf16::units(text);
        let hash = units.fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
        Self((i64::from(hash) ^ MULTIPLIER) & MASK)
    }

    /// The next 32 bits.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the upper 32 of 48 bits, as Java's cast takes them"
    )]
    fn bits(&mut self) -> i32 {
        self.0 = self.0.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT) & MASK;
        (self.0 >> 16) as i32
    }

    /// The next 64 bits: two draws, the higher first, added with their signs.
    fn long(&mut self) -> i64 {
        let high = i64::from(self.bits()) << 32;
        high.wrapping_add(i64::from(self.bits()))
    }

    /// The next number from 0 on and below `bound`, which is positive.
    pub(super) fn below(&mut self, bound: i64) -> i64 {
        loop {
            let drawn = self.long().cast_unsigned() >> 1;
            let drawn = drawn.cast_signed();
            let number = drawn % bound.max(1);
            // One of the last numbers, of which there are not enough for all remainders, is drawn again.
            if drawn.checked_add(bound - 1 - number).is_some() {
                return number;
            }
        }
    }
}
