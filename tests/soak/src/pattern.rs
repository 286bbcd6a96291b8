//! The bytes of bodies: made of a seed, so that whoever knows the seed knows every byte.

/// Which way a body goes. The two bodies of one request differ in every word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the client to a node.
    Up,
    /// From a node to the client.
    Down,
}

/// The body of a request or of its answer, as far as it has been written or read.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    seed: u64,
    offset: u64,
}

impl Pattern {
    /// The body of a request, from its first byte on.
    pub(crate) fn of(id: u64, way: Way) -> Self {
        let seed = mix(id.wrapping_mul(2).wrapping_add(u64::from(way == Way::Down)));
        Self { seed, offset: 0 }
    }

    /// How many bytes have gone by.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next bytes.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.next();
        }
    }

    /// Whether these are the next bytes.
    pub(crate) fn matches(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().all(|byte| *byte == self.next())
    }

    fn next(&mut self) -> u8 {
        let word = mix(self.seed.wrapping_add(self.offset / 8));
        let byte = word.to_le_bytes().get((self.offset % 8) as usize).copied();
        self.offset += 1;
        byte.unwrap_or_default()
    }
}

/// `SplitMix64`: neighbours differ in about half of their bits.
fn mix(number: u64) -> u64 {
    let mut word = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_recognised_in_whatever_pieces_and_no_other_is() {
        let mut bytes = [0; 100];
        Pattern::of(7, Way::Up).fill(&mut bytes);
        for size in [1, 3, 8, 100] {
            let mut expected = Pattern::of(7, Way::Up);
            assert!(bytes.chunks(size).all(|piece| expected.matches(piece)));
        }
        assert!(!Pattern::of(7, Way::Down).matches(&bytes));
        assert!(!Pattern::of(8, Way::Up).matches(&bytes));
        bytes[50] ^= 1;
        assert!(!Pattern::of(7, Way::Up).matches(&bytes));
    }
}
