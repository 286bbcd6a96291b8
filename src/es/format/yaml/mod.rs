//! YAML 1.1 as Elasticsearch reads and writes it.

mod blocks;
mod code;
mod cursor;
mod parser;
mod read;
mod scalar;
mod scanner;
mod token;
mod write;
mod writing;

pub(super) use read::read;
pub(super) use write::Writer;
