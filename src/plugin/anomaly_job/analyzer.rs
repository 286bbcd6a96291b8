//! `categorization_analyzer` as answers show it (create-job.md §2.8).

mod built_in;
pub(super) mod lookup;
mod settings;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::admission::hash_order;
use crate::es::error::{Exception, Kind};
use crate::xcontent::answer::List;
use crate::xcontent::json::{MAX_DEPTH, Node, Token};

use super::job::Analyzer;
use super::rulebook::Rule;
use super::texts::{Text, Texts};
use settings::Settings;

/// The words that the standard analyzer leaves out: names of days and months, in full and short.
const STOP_WORDS: &[&str] = &[
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Mon",
    "Tue",
    "Wed",
    "Thu",
    "Fri",
    "Sat",
    "Sun",
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
    "GMT",
    "UTC",
];

/// How many tokens the standard analyzer looks at.
const LIMIT: &str = "100";

/// How many bytes the names of an analyzer's settings may have, each with the names of all that is around it. Such
/// names grow with the square of the body.
const MAX_NAMES: usize = 16 * 1024 * 1024;

/// Refuses an analyzer of a job whose settings would be too much to write: a dot in a name nests as deep as braces do,
/// and Elasticsearch fails to write more than [`MAX_DEPTH`] levels, too (8.19.21 and 9.5.3: with status 500).
pub(super) fn check_extent(analyzer: Option<&Analyzer<'_>>) -> Result<(), Exception> {
    let Some(Analyzer::Custom(object)) = analyzer else {
        return Ok(());
    };
    let mut names = 0;
    for member in object.members() {
        // The job, the analysis and the analyzer are around it.
        let fits = match member.value.token() {
            Token::Array => member.value.elements().all(|value| fits(value, 5, 0, &mut names)),
            _ => fits(member.value, 4, 0, &mut names),
        };
        if !fits {
            let reason = format!(
                "the settings of [{}] in [categorization_analyzer] nest deeper than {MAX_DEPTH} levels, or their full \
                 names are longer than {MAX_NAMES} bytes together; use fewer settings, or shorter names",
                member.name
            );
            return Err(Exception::new(Kind::IllegalArgument, reason).by(Rule::JobAnalyzerExtent.id()));
        }
    }
    Ok(())
}

/// Whether settings on such a level, with so many bytes of names around them, are few enough.
fn fits(settings: Node<'_>, level: usize, around: usize, names: &mut usize) -> bool {
    settings.members().all(|member| {
        let name = around + member.name.len() + 1;
        let level = level + member.name.matches('.').count();
        if member.value.token() == Token::Object {
            return level < MAX_DEPTH && fits(member.value, level + 1, name, names);
        }
        *names += name;
        level <= MAX_DEPTH && *names <= MAX_NAMES
    })
}

/// An analyzer's value in a job, written straight from the request: a body can have a component for every few bytes.
impl Serialize for Analyzer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Analyzer::Name(name) => serializer.serialize_str(name),
            Analyzer::Custom(object) => custom(*object, serializer),
            Analyzer::Standard {
                filters,
                finds_line,
                limits_tokens,
            } => standard(*filters, finds_line, *limits_tokens, serializer),
        }
    }
}

fn custom<S: Serializer>(object: Node<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut members = serializer.serialize_map(None)?;
    for key in ["char_filter", "tokenizer", "filter"] {
        match object.member(key) {
            None => {}
            Some(value) if value.token() != Token::Array => members.serialize_entry(key, &Component::Sent(value))?,
            Some(list) if list.elements().next().is_none() => {}
            Some(list) => members.serialize_entry(key, &List(list.elements().map(Component::Sent)))?,
        }
    }
    members.end()
}

/// The analyzer that categorization gets from 7.14 on.
fn standard<S: Serializer>(
    filters: Texts<'_>,
    finds_line: &'static str,
    limits_tokens: bool,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let replaced = filters.iter().flatten().map(Component::PatternReplace);
    let char_filter = std::iter::once(Component::Name(finds_line)).chain(replaced);
    let limit = limits_tokens.then_some(Component::Limit);
    let mut members = serializer.serialize_map(Some(3))?;
    members.serialize_entry("char_filter", &List(char_filter))?;
    members.serialize_entry("tokenizer", "ml_standard")?;
    members.serialize_entry("filter", &List(std::iter::once(Component::Stop).chain(limit)))?;
    members.end()
}

/// One component of an analyzer.
#[derive(Clone)]
enum Component<'a> {
    /// A global one.
    Name(&'static str),
    /// What the client sent: a name or settings.
    Sent(Node<'a>),
    /// Drops what a pattern finds.
    PatternReplace(Text<'a>),
    /// Drops [`STOP_WORDS`].
    Stop,
    /// Drops all but the first hundred tokens.
    Limit,
}

impl Serialize for Component<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Sent(value) => match value.as_text() {
                Some(name) => serializer.serialize_str(&name),
                None => Settings::of(*value).serialize(serializer),
            },
            Self::PatternReplace(pattern) => two_settings("pattern_replace", "pattern", &**pattern, serializer),
            Self::Stop => two_settings("stop", "stopwords", STOP_WORDS, serializer),
            Self::Limit => two_settings("limit", "max_token_count", LIMIT, serializer),
        }
    }
}

/// A component of a type with one setting, in the order in which Elasticsearch prints them.
fn two_settings<S: Serializer>(
    kind: &'static str,
    name: &'static str,
    value: impl Serialize + Copy,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut members = serializer.serialize_map(Some(2))?;
    for (key, is_type) in hash_order::settings(vec![("type", true), (name, false)]) {
        if is_type {
            members.serialize_entry(key, kind)?;
        } else {
            members.serialize_entry(key, &value)?;
        }
    }
    members.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xcontent::json::Document;

    fn is_accepted(tokenizer: &str) -> bool {
        let text = format!("{{\"tokenizer\":{tokenizer}}}");
        let document = Document::read(text.as_bytes());
        check_extent(Some(&Analyzer::Custom(document.root().expect("an object")))).is_ok()
    }

    /// As Elasticsearch 9.5.3 writes 1000 levels and fails to write more. A million dots once overflowed the stack.
    #[test]
    fn dots_nest_as_deep_as_braces() {
        let dots = |count: usize| format!("{{\"{}a\":1}}", "a.".repeat(count));
        assert!(is_accepted(&dots(996)));
        assert!(!is_accepted(&dots(997)));
        assert!(!is_accepted(&dots(1_000_000)));
        let braces = |count: usize| format!("{}1{}", "{\"a\":".repeat(count), "}".repeat(count));
        assert!(is_accepted(&braces(900)));
        assert!(!is_accepted(&format!("{{\"{}a\":{}}}", "a.".repeat(100), braces(900))));
    }

    /// Each setting's full name has the names of all that is around it.
    #[test]
    fn full_names_are_limited_together() {
        let nested = |length: usize| {
            let level = format!("{{\"x\":1,\"{}\":", "n".repeat(length));
            format!("{}1{}", level.repeat(900), "}".repeat(900))
        };
        assert!(is_accepted(&nested(20)));
        assert!(!is_accepted(&nested(200)));
    }
}
