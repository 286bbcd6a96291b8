//! Runs REST tests in YAML against a server, and compares what two servers answer.
//!
//! The tests are files in the manner of the vendors' own: `setup`, `teardown` and sections of steps, where `do` calls
//! an API and what follows says what is to come of it. Those of this project lie beside this crate's manifest, numbered,
//! and write their requests out (`do: request:`), as what they are about is how a request looks. The vendor's own, which
//! name an API and its arguments, are fetched when they are asked for ([`Published`]), with the descriptions that turn a
//! call into a request ([`Apis`]).
//!
//! From a file to a verdict: `suite`, `condition` and `step` read it; `runner` runs each test on an empty cluster
//! (`cleaning`) and `session` goes through its steps, for which `apis` and `request` make requests, `variation` and
//! `spelling` put them on the wire in one way or another, `wire` keeps every byte of the answers, and `assertion`,
//! `catch`, `lookup`, `pattern` and `stash` look at them; `comparison` puts the transcripts of three runs side by side,
//! by `parts` and `words`, less what is `masked`. Of Elasticsearch's tests of machine learning `served` says how much can be
//! run where jobs are kept and none runs.

mod apis;
mod assertion;
mod catch;
mod cleaning;
mod comparison;
mod condition;
mod lookup;
mod masked;
mod parts;
mod pattern;
mod published;
mod request;
mod response;
mod runner;
mod served;
mod session;
mod spelling;
mod stash;
mod step;
mod suite;
mod transcript;
mod variation;
mod wire;
mod words;
mod yaml;

pub use apis::Apis;
pub use comparison::{Comparison, Difference};
pub use published::Published;
pub use runner::{Runner, Server};
pub use served::{JobTest, Omission};
pub use suite::Suite;
pub use transcript::{Outcome, TestRun};
pub use variation::Variation;
