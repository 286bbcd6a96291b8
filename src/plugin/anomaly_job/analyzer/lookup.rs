//! What of `categorization_analyzer` only a cluster knows: whether there are analyzers, tokenizers and filters of these
//! names, and whether their settings are right (contract job.md §2.8, name check).

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::super::rules::java_regex;
use super::built_in::{CHAR_FILTERS, TOKENIZERS, is_built_in};
use super::{LIMIT, STOP_WORDS};
use crate::es::error::{Exception, Kind};
use crate::store::{Analysis as Answer, Store, StoreError};

/// The filters of the standard analyzer are shorter than this, in bytes.
const LONGEST_STANDARD: usize = 4096;

/// The part of a job that is looked at. Everything in it stays text: an analyzer may have a component for every few bytes.
#[derive(Deserialize)]
struct Job<'d> {
    #[serde(borrow, default)]
    analysis_config: Analysis<'d>,
}

#[derive(Deserialize, Default)]
struct Analysis<'d> {
    #[serde(borrow)]
    categorization_analyzer: Option<&'d RawValue>,
}

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

/// An analyzer that is put together of components.
#[derive(Deserialize)]
struct Parts<'d> {
    #[serde(borrow)]
    char_filter: Option<&'d RawValue>,
    #[serde(borrow)]
    tokenizer: Option<&'d RawValue>,
    #[serde(borrow)]
    filter: Option<&'d RawValue>,
}

/// The body of the request by which a cluster is asked to make the analyzer of a job, given as its final document; none
/// where everything in it is known. Machine learning brings components along that other clusters do not have, so they are
/// left out or exchanged.
pub(in super::super) fn question(document: &str) -> serde_json::Result<Option<String>> {
    let job: Job<'_> = serde_json::from_str(document)?;
    let Some(analyzer) = job.analysis_config.categorization_analyzer.map(RawValue::get) else {
        return Ok(None);
    };
    if !analyzer.starts_with('{') {
        return Ok(Some([r#"{"analyzer":"#, analyzer, r#","text":""}"#].concat()));
    }
    let parts: Parts<'_> = serde_json::from_str(analyzer)?;
    if is_standard(&parts)? {
        return Ok(None);
    }
    let tokenizer = parts.tokenizer.filter(|tokenizer| !names(tokenizer, &TOKENIZERS));
    let tokenizer = tokenizer.map(RawValue::get);
    let filter = parts.filter.map_or("[]", RawValue::get);
    let mut char_filter = String::with_capacity(parts.char_filter.map_or(0, |list| list.get().len()));
    each_of(parts.char_filter, |component| {
        if !names(component, &CHAR_FILTERS) {
            char_filter.extend([if char_filter.is_empty() { "" } else { "," }, component.get()]);
        }
    })?;
    if tokenizer.is_none() && char_filter.is_empty() && filter == "[]" {
        return Ok(None);
    }
    let tokenizer = tokenizer.unwrap_or(r#""standard""#);
    let parts = [
        r#"{"char_filter":["#,
        &char_filter,
        r#"],"tokenizer":"#,
        tokenizer,
        r#","filter":"#,
        filter,
        r#","text":""}"#,
    ];
    // In one allocation: it may be as long as the document.
    Ok(Some(parts.concat()))
}

/// Whether a cluster's refusal is about something that every Elasticsearch has: then it is the cluster that lacks a module.
fn is_about_the_cluster(reason: &str) -> bool {
    let unknown = reason
        .strip_prefix("failed to find global ")
        .and_then(|rest| rest.split_once('['))
        .and_then(|(_, name)| name.strip_suffix(']'));
    unknown.is_some_and(is_built_in)
}

/// Does this with each component of a list, one after the other.
fn each_of<'d>(list: Option<&'d RawValue>, visit: impl FnMut(&'d RawValue)) -> serde_json::Result<()> {
    struct Each<F>(F);

    impl<'d, F: FnMut(&'d RawValue)> Visitor<'d> for Each<F> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of components")
        }

        fn visit_seq<A: SeqAccess<'d>>(mut self, mut list: A) -> Result<(), A::Error> {
            while let Some(component) = list.next_element()? {
                (self.0)(component);
            }
            Ok(())
        }
    }

    match list {
        None => Ok(()),
        Some(list) => serde_json::Deserializer::from_str(list.get()).deserialize_seq(Each(visit)),
    }
}

/// Whether a component is one of these, by its name or its type.
fn names(component: &RawValue, known: &[&str]) -> bool {
    #[derive(Deserialize)]
    struct Typed<'d> {
        #[serde(borrow)]
        r#type: Cow<'d, str>,
    }

    let text = component.get();
    let name = if text.starts_with('{') {
        serde_json::from_str(text).map(|typed: Typed<'_>| typed.r#type)
    } else {
        serde_json::from_str(text)
    };
    name.is_ok_and(|name: Cow<'_, str>| known.contains(&name.as_ref()))
}

/// Whether this is the analyzer that is filled in where there is none, perhaps as somebody has copied it.
fn is_standard(parts: &Parts<'_>) -> serde_json::Result<bool> {
    let filter = parts.filter.map_or("[]", RawValue::get);
    if filter.len() > LONGEST_STANDARD || !parts.tokenizer.is_some_and(|name| names(name, &["ml_standard"])) {
        return Ok(false);
    }
    let filters: Vec<Value> = serde_json::from_str(filter)?;
    let stop = json!({"type": "stop", "stopwords": STOP_WORDS});
    let limit = json!({"type": "limit", "max_token_count": LIMIT});
    if filters != [stop.clone()] && filters != [stop, limit] {
        return Ok(false);
    }
    let mut position = 0;
    let mut fits = true;
    each_of(parts.char_filter, |component| {
        fits &= match position {
            0 => names(component, &CHAR_FILTERS),
            _ => replaces_a_pattern(component),
        };
        position += 1;
    })?;
    Ok(fits && position > 0)
}

/// Whether a character filter is one that `categorization_filters` are made into.
fn replaces_a_pattern(component: &RawValue) -> bool {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Replacement<'d> {
        #[serde(borrow)]
        r#type: Cow<'d, str>,
        #[serde(borrow)]
        pattern: Cow<'d, str>,
    }

    serde_json::from_str(component.get()).is_ok_and(|replacement: Replacement<'_>| {
        replacement.r#type == "pattern_replace" && java_regex::compiles(&replacement.pattern)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(analyzer: &Value) -> Option<Value> {
        let document = json!({"analysis_config": {"categorization_analyzer": analyzer}});
        let question = question(&document.to_string()).expect("a document");
        question.map(|question| serde_json::from_str(&question).expect("a body"))
    }

    #[test]
    fn a_job_without_an_analyzer_of_its_own_asks_nothing() {
        for document in [r#"{"analysis_config":{}}"#, "{}"] {
            assert_eq!(question(document).expect("a document"), None);
        }
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
        let deep = format!("{}1{}", r#"{"a":"#.repeat(900), "}".repeat(900));
        let document =
            format!(r#"{{"analysis_config":{{"categorization_analyzer":{{"tokenizer":"nope","filter":[{deep}]}}}}}}"#);
        let expected = format!(r#"{{"char_filter":[],"tokenizer":"nope","filter":[{deep}],"text":""}}"#);
        assert_eq!(question(&document).expect("a document"), Some(expected));
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
