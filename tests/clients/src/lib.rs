//! Runs the official clients of Elasticsearch and OpenSearch, and compares what two of their runs have seen.
//!
//! A client is fetched by its language's own package tool when it is first asked for, in the version that a file here
//! pins, into `target/cluster`. Each then goes through one script (`python/script.py` is the plainest to read) and
//! writes a transcript: a line of JSON for each step, with what its caller sees of it. Two transcripts of one client,
//! one made directly before a cluster and one through the gateway, must be equal but for the steps that create jobs.
//!
//! `catalogue` lists the clients, `install` fetches them, `run` has one write its transcript, `mask` takes off what no
//! two runs have alike, `comparison` finds what is left, and `expectation` says what the steps that create jobs show.

pub mod catalogue;
mod comparison;
pub mod expectation;
mod install;
mod mask;
mod run;
mod transcript;

pub use catalogue::{Client, Language, Server};
pub use comparison::differences;
pub use run::{Run, run, run_jobs, run_life};
pub use transcript::{Step, Transcript};
