//! The targets by name, each with its seeds and the words of its language.

mod admission;
mod content_coding;
mod filter_path;
mod formats;
mod json;
mod lane;
mod media_type;
mod parameters;
mod request_line;
mod request_stream;
mod route;
mod units;
mod updates;

pub use admission::admit;

use crate::seed;

/// Something that reads bytes of clients.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Panics where something does not hold of these bytes.
    pub check: fn(&[u8]),
    /// What mutations start from.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// What mutations put in.
    pub words: &'static [&'static str],
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target {
        name: "json",
        check: json::check,
        seeds: seed::json,
        words: seed::JSON_WORDS,
    },
    Target {
        name: "admission",
        check: admission::check,
        seeds: seed::jobs,
        words: seed::JOB_WORDS,
    },
    Target {
        name: "updates",
        check: updates::check,
        seeds: seed::updates,
        words: seed::JOB_WORDS,
    },
    Target {
        name: "formats",
        check: formats::check,
        seeds: seed::formatted_jobs,
        words: seed::JOB_WORDS,
    },
    Target {
        name: "route",
        check: route::check,
        seeds: seed::targets,
        words: seed::TARGET_WORDS,
    },
    Target {
        name: "request_line",
        check: request_line::check,
        seeds: seed::streams,
        words: seed::TARGET_WORDS,
    },
    Target {
        name: "request_stream",
        check: request_stream::check,
        seeds: seed::exchanges,
        words: seed::STREAM_WORDS,
    },
    Target {
        name: "lane",
        check: lane::check,
        seeds: seed::plain_exchanges,
        words: seed::STREAM_WORDS,
    },
    Target {
        name: "media_type",
        check: media_type::check,
        seeds: seed::media_types,
        words: seed::MEDIA_TYPE_WORDS,
    },
    Target {
        name: "parameters",
        check: parameters::check,
        seeds: seed::queries,
        words: seed::QUERY_WORDS,
    },
    Target {
        name: "filter_path",
        check: filter_path::check,
        seeds: seed::filters,
        words: seed::FILTER_WORDS,
    },
    Target {
        name: "units",
        check: units::check,
        seeds: seed::units,
        words: seed::UNIT_WORDS,
    },
    Target {
        name: "content_coding",
        check: content_coding::check,
        seeds: seed::coded,
        words: &[],
    },
];

/// The target of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// The text up to the first line end, and what follows it.
fn first_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (
            bytes.get(..end).unwrap_or_default(),
            bytes.get(end + 1..).unwrap_or_default(),
        ),
        None => (bytes, &[]),
    }
}
