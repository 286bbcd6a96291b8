//! Tests with Elasticsearch's own job parser: that the oracle is what it should be, and that the product agrees with it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod advice;
mod agreement;
mod cases;
mod cuts;
mod documented;
mod editor;
mod encodings;
mod field_reports;
mod functions;
mod lifetime;
mod parsers;
mod printed;
mod round_trip;
mod updates;
mod yaml_scalars;
