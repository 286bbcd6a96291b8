//! Compares two answers, aspect by aspect.

mod errors;

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::{
    answer::{self, Answer, json},
    release::Release,
};
use errors::chain;

/// What can agree or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// The status. Where it differs, nothing else is compared.
    Status,
    /// The media type of the answer.
    MediaType,
    /// The types of the exceptions, from the outermost to the innermost.
    Chain,
    /// The types of the exceptions under `root_cause`.
    RootCause,
    /// The reasons, as far as they are Elasticsearch's own formats, with the places in them.
    Reasons,
    /// Everything of an error's body but the reasons.
    Envelope,
    /// How a format other than JSON is written: Elasticsearch's own document gives Elasticsearch's bytes.
    Encoding,
    /// The body of a success, byte for byte.
    Response,
    /// The document to store, byte for byte.
    Stored,
}

impl Aspect {
    /// All, in the order of the table's columns.
    pub const ALL: [Self; 9] = [
        Self::Status,
        Self::MediaType,
        Self::Chain,
        Self::RootCause,
        Self::Reasons,
        Self::Envelope,
        Self::Encoding,
        Self::Response,
        Self::Stored,
    ];
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Status => "status",
            Self::MediaType => "media type",
            Self::Chain => "chain",
            Self::RootCause => "root cause",
            Self::Reasons => "reasons",
            Self::Envelope => "envelope",
            Self::Encoding => "encoding",
            Self::Response => "response",
            Self::Stored => "stored",
        })
    }
}

/// Which difference it is: two cases that differ in the same way have the same text.
pub(crate) fn sort_of_difference(theirs: &Answer, ours: &Answer) -> String {
    let parsed = |text: &str| json(text).unwrap_or_default();
    let (their_body, our_body) = (parsed(&theirs.body), parsed(&ours.body));
    if theirs.stored.is_some() && ours.stored.is_some() {
        return first_difference(&their_body, &our_body).unwrap_or_default();
    }
    let types = |body: &Value| chain(body).iter().map(|link| link.kind.to_owned()).collect::<Vec<_>>();
    let (their_types, our_types) = (types(&their_body).join(" "), types(&our_body).join(" "));
    format!("{} {their_types} / {} {our_types}", theirs.status, ours.status)
}

/// Where two documents first differ: names, without places in lists.
fn first_difference(theirs: &Value, ours: &Value) -> Option<String> {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            if theirs.keys().ne(ours.keys()) {
                return Some("(names)".to_owned());
            }
            theirs.iter().zip(ours.values()).find_map(|((name, theirs), ours)| {
                let below = first_difference(theirs, ours)?;
                Some(format!("{name} {below}"))
            })
        }
        (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => theirs
            .iter()
            .zip(ours)
            .find_map(|(theirs, ours)| first_difference(theirs, ours)),
        _ => (!are_written_alike(theirs, ours)).then(String::new),
    }
}

/// The aspects that two answers to one case have, and whether they agree in each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison(Vec<(Aspect, bool)>);

impl Comparison {
    /// Compares the product's answer with that of the oracle of `release`.
    #[must_use]
    pub fn of(release: Release, theirs: &Answer, ours: &Answer) -> Self {
        if theirs.status != ours.status {
            return Self(vec![(Aspect::Status, false)]);
        }
        let has_same_type = theirs.content_type == ours.content_type;
        let mut aspects = vec![(Aspect::Status, true), (Aspect::MediaType, has_same_type)];
        if let Some(bytes) = &theirs.bytes {
            let format = answer::format(&theirs.content_type);
            // A number that is none has no JSON in between, nor have bytes and numbers of single precision.
            let is_json = !["NaN", "Infinity"].iter().any(|number| theirs.body.contains(number))
                && !format.read(bytes, release.profile()).has_more_than_json();
            if is_json {
                let written = format.write(theirs.body.clone(), false, release.profile());
                aspects.push((Aspect::Encoding, written == bytes));
            }
        }
        if theirs.stored.is_some() {
            aspects.push((Aspect::Response, as_profile(release, &theirs.body) == ours.body));
            let stored = theirs.stored.as_deref().unwrap_or_default();
            let ours = ours.stored.as_deref().unwrap_or_default();
            aspects.push((Aspect::Stored, as_profile(release, stored) == ours));
        } else {
            aspects.extend(errors::compared(&theirs.body, &ours.body));
        }
        Self(aspects)
    }

    /// Every aspect there is, and whether the two agree in it.
    pub fn aspects(&self) -> impl Iterator<Item = (Aspect, bool)> {
        self.0.iter().copied()
    }

    /// The aspects in which they differ.
    #[must_use]
    pub fn differences(&self) -> Vec<Aspect> {
        let differing = self.0.iter().filter(|(_, agrees)| !agrees);
        differing.map(|(aspect, _)| *aspect).collect()
    }
}

/// An answer of 6.8 as 7.0 gives it: of what both accept and print, only the server's version differs (create-job.md
/// §7.2).
fn as_profile(release: Release, document: &str) -> Cow<'_, str> {
    if !release.stands_for_another() {
        return Cow::Borrowed(document);
    }
    let own = format!("\"{release}\"");
    let expected = format!("\"{}\"", release.profile());
    // With or without blanks around the colon.
    match document.split_once(r#""job_version""#) {
        Some((before, after)) => {
            let after = after.replacen(&own, &expected, 1);
            Cow::Owned(format!(r#"{before}"job_version"{after}"#))
        }
        None => Cow::Borrowed(document),
    }
}

/// Equal documents have their members in any order; here the order counts.
fn are_written_alike(theirs: &Value, ours: &Value) -> bool {
    let (theirs, ours) = (theirs.to_string(), ours.to_string());
    theirs == ours
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(version: &str) -> Release {
        version.parse().unwrap()
    }

    fn error(kind: &str, reason: &str) -> Answer {
        let body = format!(
            r#"{{"error":{{"root_cause":[{{"type":"{kind}","reason":"{reason}"}}],"type":"{kind}","reason":"{reason}"}},"status":400}}"#
        );
        Answer {
            status: 400,
            body,
            ..Answer::none("")
        }
    }

    fn success(document: &str) -> Answer {
        Answer {
            status: 200,
            body: document.to_owned(),
            stored: Some(document.to_owned()),
            ..Answer::none("")
        }
    }

    #[test]
    fn where_the_status_differs_nothing_else_is_compared() {
        let comparison = Comparison::of(release("7.8.1"), &success("{}"), &error("a", "b"));
        assert_eq!(comparison, Comparison(vec![(Aspect::Status, false)]));
    }

    #[test]
    fn each_aspect_of_an_error_is_told_apart() {
        let theirs = error("a", "[1:2] [x] failed to parse field [y]");
        let differences = |ours: &Answer| Comparison::of(release("7.8.1"), &theirs, ours).differences();
        assert_eq!(differences(&theirs), []);
        assert_eq!(
            differences(&error("b", "[1:2] [x] failed to parse field [y]")),
            [Aspect::Chain, Aspect::RootCause]
        );
        assert_eq!(
            differences(&error("a", "[1:3] [x] failed to parse field [y]")),
            [Aspect::Reasons]
        );
    }

    #[test]
    fn an_answer_of_6_8_is_taken_as_that_of_7_0() {
        let theirs = success(r#"{"job_version":"6.8.23","a":1}"#);
        let ours = success(r#"{"job_version":"7.0.0","a":1}"#);
        assert_eq!(Comparison::of(release("6.8.23"), &theirs, &ours).differences(), []);
        let pretty = |answer: &Answer| success(&answer.body.replace(':', " : "));
        let comparison = Comparison::of(release("6.8.23"), &pretty(&theirs), &pretty(&ours));
        assert_eq!(comparison.differences(), []);
        assert_eq!(
            Comparison::of(release("7.8.1"), &theirs, &ours).differences(),
            [Aspect::Response, Aspect::Stored]
        );
    }
}
