//! The official clients before real nodes, directly and through the gateway: they notice nothing (http.md §4,
//! checklist group I).

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::format_push_string,
    clippy::indexing_slicing,
    clippy::must_use_candidate,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking, and prints for the person who reads its output"
)]

mod before_opensearch;
mod both_ways;
mod ground;
mod group_i;
mod life_of_a_job;
mod look_alikes;
#[path = "../../it/support/mod.rs"]
#[allow(dead_code, reason = "shared with the tests `it`, which use more of it")]
mod support;
mod transcripts;
mod unavailable;
