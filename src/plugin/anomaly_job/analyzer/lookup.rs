//! What of `categorization_analyzer` only a cluster knows: whether there are analyzers, tokenizers and filters of these
//! names, and whether their settings are right (contract job.md §2.8, name check).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::rules::java_regex;
use super::built_in::{CHAR_FILTERS, TOKENIZERS, is_built_in};
use super::{LIMIT, STOP_WORDS};

/// The part of a job that is looked at.
#[derive(Deserialize)]
struct Job {
    #[serde(default)]
    analysis_config: Analysis,
}

#[derive(Deserialize, Default)]
struct Analysis {
    categorization_analyzer: Option<Value>,
}

/// The request by which a cluster is asked to make the analyzer of a job, given as its final document; none where
/// everything in it is known. Machine learning brings components along that other clusters do not have, so they are left
/// out or exchanged.
pub(in super::super) fn question(document: &str) -> Option<Value> {
    let job: Job = serde_json::from_str(document).ok()?;
    let parts = match job.analysis_config.categorization_analyzer? {
        Value::Object(parts) => parts,
        name => return Some(json!({"analyzer": name, "text": ""})),
    };
    if is_standard(&parts) {
        return None;
    }
    let tokenizer = parts
        .get("tokenizer")
        .filter(|tokenizer| !names(tokenizer, &TOKENIZERS));
    let is_asked = |component: &&Value| !names(component, &CHAR_FILTERS);
    let char_filter: Vec<&Value> = list(&parts, "char_filter").iter().filter(is_asked).collect();
    let filter = list(&parts, "filter");
    if tokenizer.is_none() && char_filter.is_empty() && filter.is_empty() {
        return None;
    }
    let tokenizer = tokenizer.cloned().unwrap_or_else(|| "standard".into());
    Some(json!({"char_filter": char_filter, "tokenizer": tokenizer, "filter": filter, "text": ""}))
}

/// Whether a cluster's refusal is about something that every Elasticsearch has: then it is the cluster that lacks a module.
pub(in super::super) fn is_about_the_cluster(reason: &str) -> bool {
    let unknown = reason
        .strip_prefix("failed to find global ")
        .and_then(|rest| rest.split_once('['))
        .and_then(|(_, name)| name.strip_suffix(']'));
    unknown.is_some_and(is_built_in)
}

fn list<'a>(parts: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    let list = parts.get(name).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}

/// Whether a component is one of these, by its name or its type.
fn names(component: &Value, known: &[&str]) -> bool {
    let name = component.get("type").unwrap_or(component);
    name.as_str().is_some_and(|name| known.contains(&name))
}

/// Whether this is the analyzer that is filled in where there is none, perhaps as somebody has copied it.
fn is_standard(parts: &Map<String, Value>) -> bool {
    let pattern = |component: &Value| {
        let pattern = component.get("pattern")?.as_str()?;
        let is_plain = component.as_object()?.len() == 2 && component.get("type")? == "pattern_replace";
        is_plain.then(|| pattern.to_owned())
    };
    let replaces_pattern = |component: &Value| pattern(component).is_some_and(|pattern| java_regex::compiles(&pattern));
    let [finds_line, patterns @ ..] = list(parts, "char_filter") else {
        return false;
    };
    let stop = json!({"type": "stop", "stopwords": STOP_WORDS});
    let limit = json!({"type": "limit", "max_token_count": LIMIT});
    let filters = list(parts, "filter");
    CHAR_FILTERS.iter().any(|name| finds_line == name)
        && patterns.iter().all(replaces_pattern)
        && parts
            .get("tokenizer")
            .is_some_and(|tokenizer| tokenizer == "ml_standard")
        && (filters == [stop.clone()] || filters == [stop, limit])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(analyzer: &Value) -> Option<Value> {
        question(&json!({"analysis_config": {"categorization_analyzer": analyzer}}).to_string())
    }

    #[test]
    fn a_job_without_an_analyzer_of_its_own_asks_nothing() {
        assert_eq!(question(r#"{"analysis_config":{}}"#), None);
        assert_eq!(question("{}"), None);
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
