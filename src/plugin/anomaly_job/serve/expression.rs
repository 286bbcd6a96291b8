//! How a call that reads jobs names them: by ids, groups and wildcards, separated by commas (jobs-api.md §1.2).

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::es::error::{Exception, Kind};

/// The name that means all jobs where it stands alone.
const ALL: &str = "_all";

/// An expression, and what of it has matched a job so far.
#[derive(Debug)]
pub(super) struct Expression {
    /// In their order, each once; nothing for all jobs.
    tokens: Vec<Token>,
    /// Those without a wildcard, by their places.
    exact: HashMap<String, usize>,
    has_matched: bool,
    allow_no_match: bool,
}

#[derive(Debug)]
struct Token {
    text: String,
    has_matched: bool,
}

impl Expression {
    /// Reads an expression; an empty one means all jobs. With `allow_no_match` a wildcard may match nothing.
    pub(super) fn parse(text: &str, allow_no_match: bool) -> Self {
        let mut tokens: Vec<&str> = text
            .split(',')
            .map(str::trim)
            .filter(|token| !token.is_empty())
            .collect();
        if let [one] = tokens.as_slice()
            && (*one == ALL || one.chars().all(|character| character == '*'))
        {
            tokens.clear();
        }
        let mut places: HashMap<&str, usize> = HashMap::new();
        tokens.retain(|token| {
            let next = places.len();
            *places.entry(token).or_insert(next) == next
        });
        let exact = places.into_iter().filter(|(token, _)| !token.contains('*'));
        Self {
            exact: exact.map(|(token, place)| (token.to_owned(), place)).collect(),
            tokens: tokens
                .into_iter()
                .map(|text| Token {
                    text: text.to_owned(),
                    has_matched: false,
                })
                .collect(),
            has_matched: false,
            allow_no_match,
        }
    }

    /// The query that finds its jobs, by their ids and groups; nothing where it means all.
    pub(super) fn query(&self) -> Option<Value> {
        if self.tokens.is_empty() {
            return None;
        }
        let mut clauses = Vec::new();
        let (wild, exact): (Vec<&str>, Vec<&str>) = self
            .tokens
            .iter()
            .map(|token| token.text.as_str())
            .partition(|token| token.contains('*'));
        for field in ["job_id", "groups"] {
            if !exact.is_empty() {
                clauses.push(json!({"terms": {field: exact}}));
            }
            clauses.extend(wild.iter().map(|token| json!({"wildcard": {field: token}})));
        }
        Some(json!({"bool": {"should": clauses, "minimum_should_match": 1}}))
    }

    /// Notes that there is a job that has these names: its id and its groups.
    pub(super) fn note<'n>(&mut self, names: &(impl Iterator<Item = &'n str> + Clone)) {
        self.has_matched = true;
        for name in names.clone() {
            if let Some(token) = self.exact.get(name).and_then(|place| self.tokens.get_mut(*place)) {
                token.has_matched = true;
            }
        }
        if self.allow_no_match {
            return;
        }
        let unmatched = self
            .tokens
            .iter_mut()
            .filter(|token| !token.has_matched && token.text.contains('*'));
        for token in unmatched {
            token.has_matched = names.clone().any(|name| matches(&token.text, name));
        }
    }

    /// Fails, once every job was noted, if something that has to match has matched nothing.
    pub(super) fn check(&self) -> Result<(), Exception> {
        let has_to_match = |token: &&Token| !(self.allow_no_match && token.text.contains('*'));
        let mut unmatched: Vec<&str> = self
            .tokens
            .iter()
            .filter(has_to_match)
            .filter(|token| !token.has_matched)
            .map(|token| token.text.as_str())
            .collect();
        if self.tokens.is_empty() && !self.has_matched && !self.allow_no_match {
            unmatched.push("*");
        }
        if unmatched.is_empty() {
            return Ok(());
        }
        let reason = format!(
            "there is no job, and no group of jobs, of the name [{}]",
            unmatched.join(",")
        );
        Err(Exception::new(Kind::ResourceNotFound, reason))
    }
}

/// Whether a name has the form of a pattern, in which `*` is any text.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text_and_nothing_else_is() {
        for (pattern, name, expected) in [
            ("web-*", "web-1", true),
            ("web-*", "web-", true),
            ("web-*", "web", false),
            ("*-1", "web-1", true),
            ("*-1", "web-12", false),
            ("a*b*c", "abc", true),
            ("a*b*c", "a-bb-c", true),
            ("a*b*c", "acb", false),
            ("a**c", "ac", true),
            ("a*a", "a", false),
            ("a?*", "ab", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    /// What is not found where these jobs are: `web-1` in the group `web`, and `ops`.
    fn unmatched(text: &str, allow_no_match: bool) -> Option<String> {
        let mut expression = Expression::parse(text, allow_no_match);
        for names in [&["web-1", "web"][..], &["ops"]] {
            expression.note(&names.iter().copied());
        }
        expression.check().err().map(|exception| exception.reason)
    }

    /// jobs-api.md §1.2.
    #[test]
    fn what_has_to_match_and_does_not_is_named_in_the_order_given() {
        for text in ["", ",", "_all", "*", "**", " web-1 ,,ops", "web", "web*,ops", "x*"] {
            assert_eq!(unmatched(text, true), None, "{text}");
        }
        for (text, allow_no_match, named) in [
            ("b,web-1,a,b", true, "[b,a]"),
            ("web-1,_all", true, "[_all]"),
            ("web-?", true, "[web-?]"),
            ("WEB", true, "[WEB]"),
            ("-web", true, "[-web]"),
            ("x*,web*,y", true, "[y]"),
            ("x*,web*,y", false, "[x*,y]"),
        ] {
            let reason = unmatched(text, allow_no_match).unwrap_or_default();
            assert!(reason.ends_with(named), "{text}: {reason}");
        }
        assert_eq!(unmatched("*", false), None);
        let nothing = Expression::parse("_all", false).check().expect_err("there is no job");
        assert!(nothing.reason.ends_with("[*]"), "{}", nothing.reason);
        assert_eq!(Expression::parse("_all", true).check(), Ok(()));
    }

    #[test]
    fn a_query_finds_ids_and_groups() {
        assert_eq!(Expression::parse("**", true).query(), None);
        let expected = json!({"bool": {
            "should": [
                {"terms": {"job_id": ["a"]}}, {"wildcard": {"job_id": "b*"}},
                {"terms": {"groups": ["a"]}}, {"wildcard": {"groups": "b*"}}
            ],
            "minimum_should_match": 1
        }});
        assert_eq!(Expression::parse("b*,a,a", true).query(), Some(expected));
    }
}
