//! YAML 1.1 as Elasticsearch reads and writes it.
//!
//! It is read by hand because Elasticsearch reads YAML 1.1 with `SnakeYAML`, and the parsers to be had here read YAML 1.2,
//! where some bodies mean something else. `saphyr-parser` 0.3.4 refuses `"\ud83d\ude00"`, a quoted string that goes on at
//! the column of its name, brackets more than 255 deep and an alias of nothing; it reads `{?a: 1}`, `# a` up to U+2028 and
//! a `|` block that ends the body as other data; and it buffers a list in brackets to its end, over 200 bytes for each
//! byte. `granit-parser` 2.2.0, made from it, still differs in half characters, `{?a: 1}`, `{a:[b]}`, `'a'# b`, tags with
//! a comma and U+2028. The tests of `read` have these bodies.
//!
//! It is written by hand because an answer has to be what Jackson writes, byte for byte.

mod blocks;
mod code;
mod cursor;
mod look;
mod number;
mod parser;
mod read;
mod scalar;
mod scanner;
mod token;
mod write;
mod writing;

pub(super) use read::read;
pub(super) use write::Writer;
