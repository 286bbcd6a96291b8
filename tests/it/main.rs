//! The integration tests: the real gateway before a scripted upstream and before real nodes.

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

mod access;
mod access_log;
mod admin_listener;
mod answers;
mod as_the_node;
mod audit;
mod bypass;
mod checklist;
mod circles;
mod citations;
mod claims;
mod cli;
mod commit_modes;
mod concurrency;
mod create_job;
mod credentials;
mod dashboard;
mod datafeeds;
mod day_two;
mod deploy;
mod deviations;
mod durability;
mod example_job;
mod field_reports;
mod formats;
mod forward;
mod host_and_addresses;
mod impact;
mod job_index;
mod job_reports;
mod job_scan;
mod lane;
mod large_bodies;
mod layers;
mod lifecycle;
mod limits;
mod long_answers;
mod loops;
mod mapping;
mod nodes;
mod operator_pages;
mod outage;
mod own_errors;
mod policies;
mod policy_agreement;
mod policy_beside;
mod policy_commands;
mod policy_reload;
mod probes;
mod products;
mod protection;
mod readiness;
mod request_lines;
mod scenarios;
mod second_plugin;
mod service_manager;
mod serving;
mod silent_ends;
mod slow_readers;
mod smuggling;
mod soak;
mod stalled_bodies;
mod support;
mod telemetry;
mod tls;
mod unfinished_heads;
mod unknown;
mod updates;
mod upgrade;
mod validate_files;
mod worker_pulse;
