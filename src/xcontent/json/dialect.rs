//! What versions of Elasticsearch read differently.

use crate::xcontent::version::{Backport, Version};

/// The versions from which on a byte order mark alone is an empty text (not in 8.18.0 and 9.0.1).
const READS_LONE_MARK: Backport = Backport {
    older: Version::new(8, 19, 0),
    newer: Version::new(9, 1, 0),
};

/// From this version on Elasticsearch reads with Jackson 2.10, and with 2.8 before.
const READS_BY_2_10: Version = Version::new(7, 7, 0);

/// What versions of Elasticsearch read differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a difference by itself, and came at its own time"
)]
pub struct Dialect {
    /// Whether numbers of more than [`MAX_NUMBER_DIGITS`] are refused.
    pub(super) refuses_long_numbers: bool,
    /// Whether a byte order mark is one where nothing follows it.
    pub(super) reads_lone_mark: bool,
    /// Whether the byte order mark of UTF-8 counts for columns.
    pub(super) counts_mark: bool,
    /// Whether a character that is out of place counts for the column that is told.
    pub(super) counts_unexpected: bool,
    /// Whether the digits of an escape are looked up without a look whether they are ASCII.
    pub(super) looks_up_any_digit: bool,
}

impl Dialect {
    /// One that reads whatever a version reads, such as its own answers.
    pub const LENIENT: Self = Self {
        refuses_long_numbers: false,
        reads_lone_mark: true,
        counts_mark: true,
        counts_unexpected: false,
        looks_up_any_digit: false,
    };

    /// The one of a version.
    #[must_use]
    pub fn of(api: Version) -> Self {
        // All came with newer versions of the library that reads (create-job.md §2, size limits). Of 8.x none before
        // 8.10 can be asked.
        Self {
            refuses_long_numbers: api >= Version::new(8, 10, 0),
            reads_lone_mark: READS_LONE_MARK.is_in(api),
            counts_mark: api >= READS_BY_2_10,
            // Before 8.0 nobody is told (not verified of 8.0 to 8.9).
            counts_unexpected: api < Version::new(8, 16, 0),
            looks_up_any_digit: api < READS_BY_2_10,
        }
    }
}
