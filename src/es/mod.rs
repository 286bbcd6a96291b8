//! Elasticsearch's wire vocabulary: what its REST layer reads and writes, as values.
//!
//! Nothing in here does I/O or knows of the gateway; it is the bottom layer beside [`crate::http`].

pub mod answer;
pub mod answer_form;
pub mod byte_size;
pub mod decimal;
pub mod error;
pub mod filter_path;
pub mod format;
pub mod index_options;
pub mod java;
pub mod json;
pub mod media_type;
pub mod number;
pub mod parameters;
pub mod percent;
pub mod single_valued;
pub mod suggestion;
pub mod time_value;
pub mod user;
pub mod utf16;
pub mod utf8;
pub mod version;
pub mod warning;
