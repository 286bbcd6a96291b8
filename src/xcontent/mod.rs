//! Documents in the formats of Elasticsearch's bodies and answers: JSON, YAML, CBOR and SMILE, read into one document,
//! cut down by `filter_path`, laid out and written, with the characters and numbers that they are made of.
//!
//! Nothing in here knows of requests or errors: [`crate::es`] has those, and stands on top of it. How a format is read
//! and written depends on the version of Elasticsearch, so that [`version`] is here, too.

pub mod answer;
pub mod elided_text;
pub mod filter_path;
pub mod format;
pub mod java;
pub mod json;
pub mod number;
pub mod utf16;
pub mod utf8;
pub mod version;
