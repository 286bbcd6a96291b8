//! The form of a datafeed's query and aggregations, as far as it is the same whatever a cluster knows: which queries and
//! aggregations there are depends on its plugins, and what is inside of one is left to it (jobs-api.md §5.2).
//!
//! Elasticsearch reads either into a map, writes it out and reads it again, so that the positions in its messages are those
//! of the second text.

use http::StatusCode;

use super::super::rulebook::{Rule, Rulebook};
use crate::admission::hash_order::InOrder;
use crate::es::error::{Exception, Kind};
use crate::xcontent::answer;
use crate::xcontent::json::{Document, Member, Node, Token};

/// What an aggregation may have beside itself.
const SUB_AGGREGATIONS: [&str; 2] = ["aggs", "aggregations"];
const META: &str = "meta";

/// The text to which positions refer; `None` while the check only finds out whether anything is wrong at all.
#[derive(Clone, Copy)]
struct Places<'d>(Option<&'d Document<'d>>);

impl Places<'_> {
    /// The refusal by a rule at a place of the text.
    fn refuse(self, at: usize, rules: &Rulebook, parts: &[(&str, &dyn std::fmt::Display)]) -> Result<(), Exception> {
        let refused = rules.refuse(Rule::DatafeedClause, parts);
        refused.map_err(|exception| match self.0 {
            Some(document) => placed(exception, document, at),
            None => exception,
        })
    }
}

/// The exception with a place of the document beside its reason, if the document has lines.
pub(in super::super) fn placed(mut exception: Exception, document: &Document<'_>, at: usize) -> Exception {
    let place = document.place(at);
    if let Some(line) = place.line {
        exception.metadata = [("line", line.into()), ("col", place.column.into())].into();
    }
    exception
}

/// The exception of the rule under the one that Elasticsearch puts around whatever is wrong with a query or aggregations.
fn unparsable(what: &str, read: Result<(), Exception>) -> Result<(), Exception> {
    read.map_err(|cause| {
        let reason = format!("the {what} of the datafeed cannot be read; use what a search of the cluster takes");
        Exception::new(Kind::Status(StatusCode::BAD_REQUEST), reason).caused_by(cause)
    })
}

/// A query is one clause: a name and an object.
pub(in super::super) fn check_query(query: Node<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let read = match query.members().next() {
        None => rules.refuse(Rule::DatafeedQueryEmpty, &[]),
        Some(_) => checked(query, |places, query| clause(places, query, rules)),
    };
    unparsable("query", read)
}

/// Aggregations are objects by name, each with one aggregation and perhaps others below it.
pub(in super::super) fn check_aggregations(aggregations: Node<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let read = match aggregations.members().next() {
        None => rules.refuse(Rule::DatafeedAggregationsEmpty, &[]),
        Some(_) => checked(aggregations, |places, root| level(places, root, rules)),
    };
    unparsable("aggregations", read)
}

/// Checks a value. If something is wrong, it is checked once more as Elasticsearch writes it, for the positions.
fn checked(value: Node<'_>, check: impl Fn(Places<'_>, Node<'_>) -> Result<(), Exception>) -> Result<(), Exception> {
    let Err(exception) = check(Places(None), value) else {
        return Ok(());
    };
    let text = answer::one_line(&InOrder(value)).map_err(|error| Exception::new(Kind::Internal, error.to_string()))?;
    let document = Document::of_text(&text);
    match document.root() {
        Some(root) => check(Places(Some(&document)), root),
        None => Err(exception),
    }
}

fn clause(places: Places<'_>, query: Node<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let mut clauses = query.members();
    let Some(Member { name, value, .. }) = clauses.next() else {
        return Ok(());
    };
    if value.token() != Token::Object {
        let what = format!("the query [{name}] is no object; use one");
        return places.refuse(value.start(), rules, &[("what", &what)]);
    }
    match clauses.next() {
        None => Ok(()),
        Some(other) => {
            let what = format!(
                "the query has both [{name}] and [{}]; put them into one [bool]",
                other.name
            );
            places.refuse(other.name_start, rules, &[("what", &what)])
        }
    }
}

fn level(places: Places<'_>, aggregations: Node<'_>, rules: &Rulebook) -> Result<(), Exception> {
    for Member {
        name,
        name_start,
        value,
    } in aggregations.members()
    {
        let refuse = |at: usize, what: String| places.refuse(at, rules, &[("what", &what)]);
        if name.is_empty() || name.contains(['[', ']', '>']) {
            refuse(
                name_start,
                format!("the aggregation [{name}] has no name, or one with [, ] or >; use another one"),
            )?;
        }
        if value.token() != Token::Object {
            refuse(value.start(), format!("the aggregation [{name}] is no object; use one"))?;
        }
        one(places, &name, value, rules)?;
    }
    Ok(())
}

fn one(places: Places<'_>, name: &str, aggregation: Node<'_>, rules: &Rulebook) -> Result<(), Exception> {
    let refuse = |at: usize, what: String| places.refuse(at, rules, &[("what", &what)]);
    let mut kind: Option<String> = None;
    let mut has_sub_aggregations = false;
    for member in aggregation.members() {
        let (key, value) = (member.name.as_ref(), member.value);
        if value.token() != Token::Object {
            refuse(
                value.start(),
                format!("[{key}] of the aggregation [{name}] is no object; use one"),
            )?;
        }
        if key == META {
            continue;
        }
        if SUB_AGGREGATIONS.contains(&key) {
            if has_sub_aggregations {
                refuse(
                    value.start(),
                    format!("the aggregation [{name}] has both [aggs] and [aggregations]; use one of them"),
                )?;
            }
            has_sub_aggregations = true;
            level(places, value, rules)?;
            continue;
        }
        if let Some(kind) = &kind {
            refuse(
                value.start(),
                format!("the aggregation [{name}] is both [{kind}] and [{key}]; use one of them"),
            )?;
        }
        kind = Some(key.to_owned());
    }
    if kind.is_none() {
        let end = aggregation.last_token().unwrap_or(aggregation.start());
        refuse(
            end,
            format!("the aggregation [{name}] is of no kind; add one, such as [date_histogram]"),
        )?;
    }
    Ok(())
}
