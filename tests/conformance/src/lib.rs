//! Puts the same requests to the product and to Elasticsearch's own published job parser, and compares the answers.
//!
//! The oracle is a JVM with the server's REST layer and the classes that read, check and print a job, of one version
//! (`java/`, [`Oracle`]). Maven fetches them when a test first asks for them: nothing of Elasticsearch is part of this
//! project. `x-pack-core`, which has the job classes, is under the Elastic License; it is only run, only in tests, never
//! shipped, and never a dependency of the product.
//!
//! A run goes through the files in this order: `release` says what is published, `classes` fetches and compiles,
//! `oracle` answers for Elasticsearch and `product` for us, `generate` makes the [`Case`]s, `judge` puts them to both,
//! `comparison` and `reason` say where the answers agree, `deviation` what is known to differ, `agreement` counts,
//! and `minimise` makes a difference small enough to read. Beside that, `parsers` lists the fields that Elasticsearch's
//! parsers declare, and `printed` puts the printed schema to
//! `validators` that have nothing to do with the product.
//!
//! 7.0 itself is not published. The product as 7.0.0 is judged by 6.8.23 in all cases but those that touch what changed
//! between the two (create-job.md §7.2): the fields `model_snapshot_min_version`, `established_model_memory` and
//! `last_data_time`, bodies of type `application/x-ndjson`, and memory limits below -1 byte are left out, and the
//! server's version in the answer is taken as 7.0.0.

mod agreement;
mod answer;
mod case;
mod classes;
mod comparison;
mod deviation;
mod editor;
mod generate;
mod judge;
mod minimise;
mod oracle;
mod parsers;
mod pattern;
mod printed;
mod product;
mod reason;
mod release;
mod round_trip;
mod run;
mod timing;
mod validators;

pub use agreement::Agreement;
pub use answer::Answer;
pub use case::Case;
pub use comparison::{Aspect, Comparison};
pub use editor::{Shown, shown};
pub use generate::Generator;
pub use judge::{Judge, Judged};
pub use oracle::Oracle;
pub use parsers::{Parsers, declared as declared_parsers, table as table_of_parsers, tabled as tabled_parsers};
pub use printed::{Measured, measure};
pub use product::Product;
pub use reason::is_prose;
pub use release::Release;
pub use round_trip::{Forwardings, RoundTrips, forward, run as run_round_trips};
pub use run::{Outcome, Plan, run, run_updates};
pub use timing::Timing;
pub use validators::{Validator, Verdict};
