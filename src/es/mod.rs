//! The conventions of Elasticsearch's API, as values: errors, parameters, media types, the form of answers, sizes and
//! times.
//!
//! Nothing in here does I/O or knows of the gateway; it stands beside [`crate::http`], on top of [`crate::xcontent`], which
//! reads and writes the documents.

pub mod answer_form;
pub mod byte_size;
pub mod decimal;
pub mod error;
pub mod index_options;
pub mod media_type;
pub mod parameters;
pub mod percent;
pub mod single_valued;
pub mod suggestion;
pub mod time_value;
pub mod user;
pub mod warning;

/// The version is a convention of the API, although the formats depend on it already.
pub use crate::xcontent::version;
