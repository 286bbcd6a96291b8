//! CBOR (RFC 8949) as Elasticsearch reads and writes it.
//!
//! It is read by hand because Elasticsearch's library (Jackson) is laxer than RFC 8949 in ways that change with its
//! releases: `minicbor`, which writes here, refuses a string that is not strictly UTF-8, such as one with half a character,
//! and does not say at which byte a token was cut off, which messages name.

mod read;
mod scalars;
mod strings;
mod write;

pub(super) use read::read;
pub(super) use write::Writer;
