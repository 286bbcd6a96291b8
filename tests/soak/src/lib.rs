//! Soaks the gateway: clients that look at every byte on one side, nodes that are killed, stall and break their
//! connections on the other, for as long as is asked for.
//!
//! The nodes write down which requests they have seen. At the end, what they saw is held against what the clients were
//! told: no byte may be wrong, no request may have been sent twice, and every failure must have its reason.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a run talks to the person who started it"
)]

pub mod abuse;
mod client;
mod exchange;
pub mod gateway;
mod journal;
mod ledger;
pub mod node;
mod nodes;
mod pattern;
pub mod run;
mod schedule;
mod wire;
