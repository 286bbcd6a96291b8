//! What is logged, as `log.level` says it: a level for everything, levels for parts of the program, or both.
//!
//! The filter of tracing-subscriber takes any word for the name of a module and then logs nothing else, so that a slip of
//! the finger silences the gateway. Here a word that is neither a level nor a part of the program is an error.

use std::ops::Range;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// What is logged of whatever no directive is about.
const DEFAULT: &str = "info";

/// The levels, and a word for one that other programs know it by.
const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];
const WARNING: &str = "warning";

/// This crate, as its modules name it.
const CRATE: &str = "anomaly_gateway";

/// The libraries whose log lines can be chosen: those that the gateway uses directly and that may have some.
const LIBRARIES: [&str; 6] = [
    "hyper",
    "hyper_util",
    "metrics_exporter_prometheus",
    "rustls",
    "tokio",
    "tokio_rustls",
];

/// Where this crate's modules are declared.
const MODULES: &str = include_str!("../lib.rs");

/// Why a text is no filter. The bytes of the directive that is wrong come with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct FilterError {
    /// What is wrong.
    pub fault: FilterFault,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
}

/// What is wrong with a directive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterFault {
    /// Usually a slip of the finger, or the word of another program.
    #[error("there is no level `{0}`")]
    UnknownLevel(String),
    /// A word alone is a level or a part of the program; usually the former was meant.
    #[error("`{0}` is neither a level nor a part of the program")]
    UnknownWord(String),
    /// Usually a slip of the finger in the name of a module.
    #[error("there is no part of the program `{0}`")]
    UnknownTarget(String),
    /// Everything can have one level only.
    #[error("`{0}` is a second level for everything")]
    SecondLevel(String),
    /// Brackets choose by spans.
    #[error("`{0}` chooses by spans, and the gateway has none")]
    Spans(String),
    /// The library that filters cannot read it.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

impl FilterFault {
    /// The word that was not understood, and what it could have been.
    #[must_use]
    pub fn unknown(&self) -> Option<(&str, Vec<String>)> {
        let levels = || LEVELS.map(str::to_owned).to_vec();
        match self {
            Self::UnknownLevel(word) => Some((word, levels())),
            Self::UnknownWord(word) => Some((word, [levels(), targets()].concat())),
            Self::UnknownTarget(word) => Some((word, targets())),
            Self::SecondLevel(_) | Self::Spans(_) | Self::Unreadable(_) => None,
        }
    }
}

/// What to write, for those who are told that something is wrong.
pub const FORM: &str = "write a level (`error`, `warn`, `info`, `debug`, `trace`, `off`), levels for parts of the program, or \
                        both, separated by commas: `info,anomaly_gateway::proxy=debug`";

/// Reads a filter.
pub fn parse(text: &str) -> Result<EnvFilter, FilterError> {
    let directives = normalized(text)?;
    EnvFilter::builder().parse(directives).map_err(|error| FilterError {
        fault: FilterFault::Unreadable(error.to_string()),
        span: 0..text.len(),
    })
}

/// The directives in the words of the library, the one for everything first.
fn normalized(text: &str) -> Result<String, FilterError> {
    let mut everything = None;
    let mut parts = Vec::new();
    let mut start = 0;
    for part in text.split(',') {
        let directive = part.trim();
        let begin = start + (part.len() - part.trim_start().len());
        start += part.len() + 1;
        let wrong = |fault| FilterError {
            fault,
            span: begin..begin + directive.len(),
        };
        if directive.contains(['[', ']', '{', '}']) {
            return Err(wrong(FilterFault::Spans(directive.to_owned())));
        }
        match (directive.split_once('='), level(directive)) {
            (Some((target, word)), _) => {
                let (target, word) = (target.trim_end(), word.trim_start());
                check_target(target).map_err(wrong)?;
                let level = level(word).ok_or_else(|| wrong(FilterFault::UnknownLevel(word.to_owned())))?;
                parts.push(format!("{target}={level}"));
            }
            (None, Some(level)) => {
                if everything.replace(level).is_some() {
                    return Err(wrong(FilterFault::SecondLevel(directive.to_owned())));
                }
            }
            // All of a part of the program.
            (None, None) if check_target(directive).is_ok() => parts.push(directive.to_owned()),
            (None, None) => return Err(wrong(FilterFault::UnknownWord(directive.to_owned()))),
        }
    }
    parts.insert(
        0,
        everything.map_or_else(|| DEFAULT.to_owned(), |level| level.to_string()),
    );
    Ok(parts.join(","))
}

fn level(word: &str) -> Option<LevelFilter> {
    if word.eq_ignore_ascii_case(WARNING) {
        return Some(LevelFilter::WARN);
    }
    // The library takes nothing for a level, too.
    let word = Some(word).filter(|word| !word.is_empty())?;
    word.parse().ok()
}

fn check_target(target: &str) -> Result<(), FilterFault> {
    let mut path = target.split("::");
    let (root, module) = (path.next().unwrap_or_default(), path.next());
    let is_known = match module {
        _ if LIBRARIES.contains(&root) => true,
        None => root == CRATE,
        Some(module) => root == CRATE && modules().any(|known| known == module),
    };
    let unknown = || FilterFault::UnknownTarget(target.to_owned());
    is_known.then_some(()).ok_or_else(unknown)
}

/// The modules at the top of this crate.
fn modules() -> impl Iterator<Item = &'static str> {
    let declared = MODULES.lines().filter_map(|line| line.strip_prefix("pub mod "));
    declared.filter_map(|name| name.strip_suffix(';'))
}

/// What can be named, for suggestions.
fn targets() -> Vec<String> {
    let own = modules().map(|module| format!("{CRATE}::{module}"));
    let roots = std::iter::once(CRATE).chain(LIBRARIES).map(str::to_owned);
    roots.chain(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_parts_of_the_program_are_read() {
        for (text, read) in [
            ("info", "info"),
            ("WARN", "warn"),
            ("warning", "warn"),
            ("3", "info"),
            ("off", "off"),
            (
                "anomaly_gateway::proxy=debug,hyper=info",
                "info,anomaly_gateway::proxy=debug,hyper=info",
            ),
            (
                "error, anomaly_gateway::proxy::rescue = Warning",
                "error,anomaly_gateway::proxy::rescue=warn",
            ),
            ("anomaly_gateway=trace,warn", "warn,anomaly_gateway=trace"),
            ("hyper_util", "info,hyper_util"),
        ] {
            assert_eq!(normalized(text).as_deref(), Ok(read), "{text:?}");
            assert!(parse(text).is_ok(), "{text:?}");
        }
    }

    fn refused(text: &str) -> (FilterFault, String) {
        let error = normalized(text).expect_err(text);
        let marked = text.get(error.span.clone()).expect("bytes of the text").to_owned();
        (error.fault, marked)
    }

    #[test]
    fn a_word_that_would_silence_the_gateway_is_refused_at_its_place() {
        let word = |word: &str| FilterFault::UnknownWord(word.to_owned());
        for (text, marked) in [
            ("inof", "inof"),
            ("verbose", "verbose"),
            ("info;debug", "info;debug"),
            ("info debug", "info debug"),
            ("hyper=info, dbug ", "dbug"),
            ("info,,debug", ""),
            ("", ""),
            ("9", "9"),
        ] {
            assert_eq!(refused(text), (word(marked), marked.to_owned()), "{text:?}");
        }
        for (text, fault) in [
            ("info,hyper=", FilterFault::UnknownLevel(String::new())),
            ("a=b=c", FilterFault::UnknownTarget("a".to_owned())),
            ("hyper=b=c", FilterFault::UnknownLevel("b=c".to_owned())),
            (
                "anomaly_gateway::proxi=debug",
                FilterFault::UnknownTarget("anomaly_gateway::proxi".to_owned()),
            ),
            (
                "anomaly-gateway=debug",
                FilterFault::UnknownTarget("anomaly-gateway".to_owned()),
            ),
            ("info,debug", FilterFault::SecondLevel("debug".to_owned())),
            ("hyper[send]=debug", FilterFault::Spans("hyper[send]=debug".to_owned())),
        ] {
            assert_eq!(refused(text).0, fault, "{text:?}");
        }
    }

    /// A library that is used no more has no log lines to choose.
    #[test]
    fn the_libraries_are_those_of_the_manifest() {
        let manifest = include_str!("../../Cargo.toml");
        let dependencies = manifest.split("[dependencies]").nth(1).expect("a section");
        let dependencies = dependencies.split("\n[").next().expect("a section");
        for library in LIBRARIES {
            let name = library.replace('_', "-");
            let is_used = |line: &str| line.starts_with(&format!("{name}.")) || line.starts_with(&format!("{name} "));
            assert!(dependencies.lines().any(is_used), "{name}");
        }
    }

    #[test]
    fn the_modules_are_those_of_the_crate() {
        let modules: Vec<_> = modules().collect();
        assert!(
            modules.contains(&"proxy") && modules.contains(&"telemetry"),
            "{modules:?}"
        );
    }
}
