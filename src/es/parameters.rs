//! The query of a request: how Elasticsearch decodes it, what every call takes, and what it says about the rest
//! (http.md §1.1, §2.2; create-job.md §1).

use std::collections::BTreeMap;

use super::error::{Exception, Kind};
use super::percent::{MalformedEscape, decode_parameter};
use super::time_value::TimeValue;
use crate::xcontent::filter_path;
use crate::xcontent::version::Version;

/// Parameters that every call takes.
const COMMON: [&str; 5] = ["pretty", "human", "error_trace", "filter_path", "format"];

/// Parameters that a server sets for itself and a client may not, in any case (absent from 8.13.4, there in 8.19.21).
const RESERVED: [&str; 2] = ["serverlessRequest", "operatorRequest"];
const RESERVES: Version = Version::new(8, 14, 0);

/// From this version on `-` alone leaves nothing out of an answer (refused by 7.17.28, not by 8.19.21).
const TAKES_NAMELESS: Version = Version::new(8, 0, 0);

/// The parameters that one call takes besides those that every call takes.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Those that are time values.
    pub times: &'static [&'static str],
    /// The others, each with the first version that has it.
    pub others: &'static [(&'static str, Version)],
}

/// The parameters of a request, decoded. Of two of one name the last one counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    values: BTreeMap<String, String>,
}

impl Parameters {
    /// Reads a query without its `?`.
    pub fn parse(query: &str) -> Result<Self, Exception> {
        // Inside the query a `#` ends it.
        let query = query.split_once('#').map_or(query, |(query, _)| query);
        let mut values = BTreeMap::new();
        for pair in query.split(['&', ';']).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |text: &str| decode_parameter(text).map_err(|error| bad_escape(&error));
            values.insert(decode(name)?, decode(value)?);
        }
        Ok(Self { values })
    }

    /// A query without a parameter, as it was written. What cannot be decoded stays, to be refused.
    #[must_use]
    pub fn without(query: &str, name: &str) -> String {
        let (query, end) = query.split_once('#').unwrap_or((query, ""));
        let is_other = |pair: &&str| {
            let written = pair.split(['=', '&', ';']).next().unwrap_or_default();
            decode_parameter(written).ok().as_deref() != Some(name)
        };
        let mut rest: String = query.split_inclusive(['&', ';']).filter(is_other).collect();
        if !end.is_empty() {
            rest.push('#');
            rest.push_str(end);
        }
        rest
    }

    /// Refuses parameters that are the server's own.
    pub fn check_reserved(&self, api: Version) -> Result<(), Exception> {
        let is_reserved = |name: &&String| RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name));
        match self.values.keys().find(is_reserved) {
            Some(name) if api >= RESERVES => {
                let reason = format!("the parameter [{name}] is the server's own; leave it out");
                Err(bad_parameter(Exception::new(Kind::IllegalArgument, reason)))
            }
            _ => Ok(()),
        }
    }

    /// A parameter's value.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A parameter that is on or off: on when it is there without a value, off when it is absent.
    pub fn flag(&self, name: &str) -> Result<bool, Exception> {
        match self.value(name) {
            None | Some("false") => Ok(false),
            Some("" | "true") => Ok(true),
            Some(other) => {
                let reason = format!("the value [{other}] is neither [true] nor [false]; use one of them");
                Err(Exception::new(Kind::IllegalArgument, reason))
            }
        }
    }

    /// Checks the parameters of a call: the texts of times first, then whether each is known.
    pub fn check(&self, known: &Known, path: &str, api: Version) -> Result<(), Exception> {
        for name in known.times {
            if let Some(text) = self.value(name) {
                TimeValue::parse(text, name).map_err(|fault| fault.to_exception())?;
            }
        }
        let others = known
            .others
            .iter()
            .filter(|(_, since)| api >= *since)
            .map(|(name, _)| *name);
        let specific: Vec<&str> = known.times.iter().copied().chain(others).collect();
        let is_known = |name: &str| specific.contains(&name) || COMMON.contains(&name);
        let unknown: Vec<&str> = self
            .values
            .keys()
            .map(String::as_str)
            .filter(|name| !is_known(name))
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let plural = if unknown.len() == 1 { "" } else { "s" };
        let described: Vec<String> = unknown
            .iter()
            .map(|name| format!("[{name}]{}", suggestion(name, &specific)))
            .collect();
        let described = described.join(", ");
        let reason = format!("request [{path}] contains unrecognized parameter{plural}: {described}");
        Err(Exception::new(Kind::IllegalArgument, reason))
    }

    /// Checks the filter of the answer, as Elasticsearch does when it writes it.
    pub fn check_filter(&self, api: Version) -> Result<(), Exception> {
        match self.value("filter_path") {
            Some(filter) if api < TAKES_NAMELESS && filter_path::excludes_nothing(filter) => {
                let reason = format!(
                    "[filter_path] is [{filter}]; the name after a [-] is missing; add it, or leave out the [-]"
                );
                Err(Exception::new(Kind::IllegalArgument, reason))
            }
            _ => Ok(()),
        }
    }
}

/// Known parameters that are close to an unknown one.
fn suggestion(unknown: &str, specific: &[&str]) -> String {
    let candidates = specific.iter().chain(&COMMON);
    let close = crate::es::suggestion::close(unknown, candidates.copied());
    match close.as_slice() {
        [] => String::new(),
        [one] => format!(" -> did you mean [{one}]?"),
        several => format!(" -> did you mean any of [{}]?", several.join(", ")),
    }
}

/// The query has an escape that is none.
fn bad_escape(error: &MalformedEscape) -> Exception {
    bad_parameter(Exception::new(Kind::IllegalArgument, error.to_string()))
}

fn bad_parameter(cause: Exception) -> Exception {
    Exception::new(Kind::BadParameter, cause.reason.clone()).caused_by(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_taken_out_in_every_spelling() {
        for (query, rest) in [
            ("dry_run", ""),
            ("dry_run=true&pretty", "pretty"),
            ("pretty;dry%5Frun=x;human", "pretty;human"),
            ("a=dry_run&dry_runs&dry_run&dry_run=", "a=dry_run&dry_runs&"),
            ("%zz&dry_run#dry_run", "%zz&#dry_run"),
        ] {
            assert_eq!(Parameters::without(query, "dry_run"), rest, "{query}");
        }
    }

    const KNOWN: Known = Known {
        times: &["timeout", "master_timeout"],
        others: &[("ignore_throttled", Version::new(7, 15, 0))],
    };

    fn check(query: &str) -> Result<(), String> {
        let parameters = Parameters::parse(query).map_err(|error| error.reason)?;
        parameters
            .check(&KNOWN, "/_ml/anomaly_detectors/j", Version::BASE)
            .map_err(|error| error.reason)
    }

    /// http.md §1.1, query decoding.
    #[test]
    fn decodes_as_elasticsearch_does() {
        let parameters = Parameters::parse("a=1;b=%C3%A9+%20x&a=2&c&%70=%%&d=5#e=6").expect("parameters");
        assert_eq!(parameters.value("a"), Some("2"));
        assert_eq!(parameters.value("b"), Some("é  x"));
        assert_eq!(parameters.value("c"), Some(""));
        assert_eq!(parameters.value("p"), Some("%"));
        assert_eq!(parameters.value("d"), Some("5"));
        assert_eq!(parameters.value("e"), None);
        for query in ["a=%", "a=%2", "a=%zz"] {
            assert_eq!(
                Parameters::parse(query).expect_err("a fault").kind,
                Kind::BadParameter,
                "{query}"
            );
        }
    }

    /// create-job.md §1, other query parameters; http.md §2.2.
    #[test]
    fn names_what_it_does_not_know() {
        assert_eq!(
            check("pretty&human=true&timeout=10s&filter_path=a&format=json&error_trace"),
            Ok(())
        );
        let refused = |query: &str| check(query).expect_err("a refusal");
        let start = "request [/_ml/anomaly_detectors/j] contains unrecognized parameter";
        assert_eq!(refused("x=1"), format!("{start}: [x]"));
        assert_eq!(refused("zz=1&x=1"), format!("{start}s: [x], [zz]"));
        assert_eq!(
            refused("timeot=1"),
            format!("{start}: [timeot] -> did you mean [timeout]?")
        );
        assert_eq!(refused("ignore_throttled=true"), format!("{start}: [ignore_throttled]"));
        assert!(
            refused("x=1&timeout=5").contains("timeout"),
            "the text of a time is looked at first"
        );
    }

    #[test]
    fn the_servers_own_parameters_are_refused_from_8_14_on() {
        let parameters = Parameters::parse("ServerlessRequest=true").expect("parameters");
        assert_eq!(parameters.check_reserved(Version::new(8, 13, 4)), Ok(()));
        let refused = parameters.check_reserved(Version::new(8, 19, 21));
        assert_eq!(refused.expect_err("a fault").kind, Kind::BadParameter);
    }

    #[test]
    fn flags_are_on_when_they_are_there() {
        let parameters = Parameters::parse("pretty&human=false&error_trace=x").expect("parameters");
        assert_eq!(parameters.flag("pretty"), Ok(true));
        assert_eq!(parameters.flag("human"), Ok(false));
        assert_eq!(parameters.flag("format"), Ok(false));
        assert!(parameters.flag("error_trace").is_err());
    }
}
