//! YAML 1.1 as Elasticsearch reads and writes it.

mod blocks;
mod code;
mod read;
mod scalar;
mod surrogates;
mod write;
mod writing;

pub(super) use read::read;
pub(super) use write::write;
