//! CBOR (RFC 8949) as Elasticsearch reads and writes it.

mod read;
mod scalars;
mod strings;
mod write;

pub(super) use read::read;
pub(super) use write::Writer;
