//! What of `categorization_analyzer` only a cluster knows: whether there are analyzers, tokenizers and filters of these
//! names, and whether their settings are right (create-job.md §2.8, name check).

use serde::Serialize;

use super::super::job::Analyzer;
use super::super::rules::java_regex;
use super::built_in::{CHAR_FILTERS, TOKENIZERS, is_built_in};
use super::settings::Settings;
use super::{Component, LIMIT, STOP_WORDS};
use crate::es::error::{Exception, Kind};
use crate::store::{Analysis as Answer, Store, StoreError};
use crate::xcontent::answer::{self, List};
use crate::xcontent::json::Node;

/// What came of looking up a job's analyzer.
#[derive(Debug, Clone, PartialEq)]
pub enum Lookup {
    /// The cluster has nothing against it.
    Fine,
    /// The cluster cannot make it.
    Impossible(Exception),
    /// The caller may not ask.
    NotTold,
}

/// Asks a cluster whether it can make the analyzer of a job, by the question that the job leaves open.
pub(in super::super) async fn look_up(question: String, store: Store<'_>) -> Result<Lookup, StoreError> {
    Ok(match store.analysis(question).await? {
        Answer::Impossible(reason) if !is_about_the_cluster(&reason) => {
            let reason = format!(
                "the cluster cannot make [categorization_analyzer]: {reason}; use one that its `POST _analyze` accepts"
            );
            Lookup::Impossible(Exception::new(Kind::IllegalArgument, reason))
        }
        Answer::Possible | Answer::Impossible(_) => Lookup::Fine,
        Answer::NotTold => Lookup::NotTold,
    })
}

/// The body of the request by which a cluster is asked to make the analyzer of a job that is filled in; nothing where
/// everything in it is known. Machine learning brings components along that other clusters do not have, so they are left
/// out or exchanged.
pub(in super::super) fn question(analyzer: Option<&Analyzer<'_>>) -> serde_json::Result<Option<String>> {
    let question = match analyzer {
        // What is filled in is made of what machine learning brings along, and of patterns that rules have checked.
        None | Some(Analyzer::Standard { .. }) => return Ok(None),
        Some(Analyzer::Name(analyzer)) => answer::long_line(&Global { analyzer, text: "" })?,
        Some(Analyzer::Custom(object)) => {
            let [char_filters, filters] = ["char_filter", "filter"].map(|list| components(*object, list));
            let tokenizer = object.member("tokenizer");
            if is_standard(char_filters.clone(), tokenizer, filters.clone()) {
                return Ok(None);
            }
            let tokenizer = tokenizer.filter(|tokenizer| !is_one_of(*tokenizer, &TOKENIZERS));
            let char_filters = char_filters.filter(|component| !is_one_of(*component, &CHAR_FILTERS));
            if tokenizer.is_none() && char_filters.clone().next().is_none() && filters.clone().next().is_none() {
                return Ok(None);
            }
            answer::long_line(&Parts {
                char_filter: List(char_filters.map(Component::Sent)),
                tokenizer: tokenizer.map_or(Component::Name("standard"), Component::Sent),
                filter: List(filters.map(Component::Sent)),
                text: "",
            })?
        }
    };
    Ok(Some(question))
}

/// The question whether there is an analyzer of this name.
#[derive(Serialize)]
struct Global<'a> {
    analyzer: &'a str,
    text: &'static str,
}

/// The question whether an analyzer can be put together of these components.
#[derive(Serialize)]
struct Parts<'a, C, F> {
    char_filter: C,
    tokenizer: Component<'a>,
    filter: F,
    text: &'static str,
}

/// The components of a list, read where they lie: an analyzer may have one for every few bytes.
fn components<'a>(analyzer: Node<'a>, list: &str) -> impl Iterator<Item = Node<'a>> + Clone + use<'a> {
    analyzer.member(list).into_iter().flat_map(Node::elements)
}

/// Whether a cluster's refusal is about something that every Elasticsearch has: then it is the cluster that lacks a module.
fn is_about_the_cluster(reason: &str) -> bool {
    let unknown = reason
        .strip_prefix("failed to find global ")
        .and_then(|rest| rest.split_once('['))
        .and_then(|(_, name)| name.strip_suffix(']'));
    unknown.is_some_and(is_built_in)
}

/// Whether a component is one of these, by its name or its type.
fn is_one_of(component: Node<'_>, known: &[&str]) -> bool {
    let kind = || component.member("type").and_then(Node::as_text);
    let name = component.as_text().or_else(kind);
    name.is_some_and(|name| known.contains(&name.as_ref()))
}

/// Whether this is the analyzer that is filled in where there is none, perhaps as somebody has copied it.
fn is_standard<'a>(
    mut char_filters: impl Iterator<Item = Node<'a>>,
    tokenizer: Option<Node<'a>>,
    mut filters: impl Iterator<Item = Node<'a>>,
) -> bool {
    tokenizer.is_some_and(|tokenizer| is_one_of(tokenizer, &["ml_standard"]))
        && filters.next().is_some_and(stops)
        && filters.next().is_none_or(limits)
        && filters.next().is_none()
        && char_filters.next().is_some_and(|first| is_one_of(first, &CHAR_FILTERS))
        && char_filters.all(replaces_a_pattern)
}

/// Whether a filter is the one that drops [`STOP_WORDS`].
fn stops(component: Node<'_>) -> bool {
    let settings = Settings::of_type(component, "stop", "stopwords");
    settings.is_some_and(|words| {
        words
            .list()
            .is_some_and(|words| words.eq(STOP_WORDS.iter().map(|word| Some((*word).into()))))
    })
}

/// Whether a filter is the one that drops all but the first tokens.
fn limits(component: Node<'_>) -> bool {
    let settings = Settings::of_type(component, "limit", "max_token_count");
    settings.is_some_and(|limit| limit.text().is_some_and(|limit| limit == LIMIT))
}

/// Whether a character filter is one that `categorization_filters` are made into.
fn replaces_a_pattern(component: Node<'_>) -> bool {
    let settings = Settings::of_type(component, "pattern_replace", "pattern");
    settings.is_some_and(|pattern| pattern.text().is_some_and(|pattern| java_regex::compiles(&pattern)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::parts;
    use super::*;
    use crate::xcontent::json::Document;

    fn question_of(analyzer: &str) -> Option<String> {
        let document = Document::read(analyzer.as_bytes());
        let analyzer = parts::analyzer(document.root().expect("a value"));
        question(Some(&analyzer)).expect("a question")
    }

    fn asked(analyzer: &Value) -> Option<Value> {
        let question = question_of(&analyzer.to_string());
        question.map(|question| serde_json::from_str(&question).expect("a body"))
    }

    #[test]
    fn a_job_without_an_analyzer_of_its_own_asks_nothing() {
        assert_eq!(question(None).expect("a question"), None);
        let standard = json!({
            "char_filter": ["first_line_with_letters", {"type": "pattern_replace", "pattern": "\\d+"}],
            "tokenizer": "ml_standard",
            "filter": [{"type": "stop", "stopwords": STOP_WORDS}, {"type": "limit", "max_token_count": "100"}]
        });
        assert_eq!(asked(&standard), None);
        // With another pattern than a regular expression it is somebody's own.
        let mut broken = standard;
        broken["char_filter"][1]["pattern"] = "[".into();
        assert!(asked(&broken).is_some());
    }

    #[test]
    fn what_machine_learning_brings_along_is_not_asked_for() {
        let parts = json!({"char_filter": ["first_non_blank_line"], "tokenizer": "ml_classic"});
        assert_eq!(asked(&parts), None);
        let parts = json!({
            "char_filter": ["x", {"type": "first_line_with_letters"}],
            "tokenizer": {"type": "ml_standard"},
            "filter": ["lowercase"]
        });
        let expected = json!({"char_filter": ["x"], "tokenizer": "standard", "filter": ["lowercase"], "text": ""});
        assert_eq!(asked(&parts), Some(expected));
    }

    #[test]
    fn names_and_settings_are_asked_for_as_they_are() {
        assert_eq!(
            asked(&json!("english")),
            Some(json!({"analyzer": "english", "text": ""}))
        );
        let tokenizer = json!({"type": "pattern", "pattern": "x"});
        let expected = json!({"char_filter": [], "tokenizer": tokenizer, "filter": [], "text": ""});
        assert_eq!(asked(&json!({ "tokenizer": tokenizer })), Some(expected));
    }

    /// No depth of settings makes a name pass unasked.
    #[test]
    fn settings_that_nest_deep_are_asked_for() {
        let nested = |value: &str| format!("{}{value}{}", r#"{"a":"#.repeat(900), "}".repeat(900));
        let (deep, printed) = (nested("1"), nested("\"1\""));
        for tokenizer in ["nope", "ml_standard"] {
            let analyzer = format!(r#"{{"tokenizer":"{tokenizer}","filter":[{deep}]}}"#);
            let asked = if tokenizer == "nope" { "nope" } else { "standard" };
            let expected = format!(r#"{{"char_filter":[],"tokenizer":"{asked}","filter":[{printed}],"text":""}}"#);
            assert_eq!(question_of(&analyzer), Some(expected));
        }
    }

    /// A node that is put together without the module of the common components says so of each of them.
    #[test]
    fn what_every_elasticsearch_has_is_known() {
        for reason in [
            "failed to find global char_filter under [html_strip]",
            "failed to find global filter under [lowercase]",
            "failed to find global tokenizer under [pattern]",
            "failed to find global analyzer [english]",
        ] {
            assert!(is_about_the_cluster(reason), "{reason}");
        }
        for reason in [
            "failed to find global tokenizer under [nope]",
            "failed to find global analyzer []",
            "pattern is missing for [lowercase] char filter",
        ] {
            assert!(!is_about_the_cluster(reason), "{reason}");
        }
    }
}
