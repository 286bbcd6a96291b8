//! CBOR (RFC 8949) as Elasticsearch reads and writes it.
//!
//! It is read by hand because Elasticsearch's library (Jackson) is laxer than RFC 8949 in ways that change with its
//! releases: the decoders to be had here, `minicbor` and `ciborium`, refuse a string that is not strictly UTF-8, such as
//! one with half a character, and do not say at which byte a token broke off, which messages name.

mod read;
mod scalars;
mod strings;
mod write;

pub(super) use read::read;
pub(super) use write::Writer;
