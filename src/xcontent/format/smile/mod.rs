//! SMILE, the binary JSON of Jackson (its specification: github.com/FasterXML/smile-format-specification), as
//! Elasticsearch reads and writes it.
//!
//! It is read and written by hand because the one library for it, `serde-smile`, works through serde, which has neither
//! the places of tokens, which messages name, nor half a character, which Elasticsearch takes.

mod head;
mod read;
mod scalars;
mod shared;
mod write;

use crate::xcontent::json::FaultKind;
pub(super) use read::read;
pub(super) use write::Writer;

/// What a body begins with, before the byte that holds its version and flags.
const SIGNATURE: &[u8] = b":)\n";
/// The flag of a body that refers back to names.
const SHARES_NAMES: u8 = 1;
/// The flag of a body that refers back to strings.
const SHARES_STRINGS: u8 = 2;
/// The flag of a body that may have bytes as they are.
const HAS_RAW_BINARY: u8 = 4;

/// How many names, or strings, can be referred back to; then they are all forgotten.
const MAX_SHARED: usize = 1024;

/// What ends a string without a length.
const END_OF_STRING: u8 = 0xFC;

type Step<T> = Result<T, FaultKind>;
