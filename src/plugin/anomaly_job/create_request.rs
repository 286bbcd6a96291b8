//! An admitted job as the body of a request that creates it anew: what a client may send, and nothing that the server
//! sets by itself (create-job.md §2.2, §3).

use std::ops::Range;

use crate::admission::Admitted;
use crate::es::error::{Exception, Kind};
use crate::http::excerpt::Excerpt;
use crate::xcontent::json::{Lexeme, Lexemes, Member};

/// What the server sets, whatever is sent: later versions refuse these, and earlier ones the first.
const SET_BY_THE_SERVER: [&str; 2] = ["create_time", "job_version"];

/// The type of all jobs but those whose client has named another. Later versions do not know the field.
const USUAL_TYPE: (&str, &str) = ("job_type", r#""anomaly_detector""#);

/// What a job has that is not for whoever creates it, as the API shows it or an index keeps it: what the server sets, and
/// the datafeed, which versions before 7.15 create by a call of its own.
const OF_SHOWN_JOBS: [&str; 14] = [
    "assignment_explanation",
    "blocked",
    "config_type",
    "create_time",
    "create_time_string",
    "datafeed_config",
    "deleting",
    "established_model_memory",
    "finished_time",
    "finished_time_string",
    "job_version",
    "last_data_time",
    "model_snapshot_id",
    "model_snapshot_min_version",
];

/// Whether a member of a job that was shown or kept is left out where the job is created anew.
#[must_use]
pub fn is_left_out(member: &Member<'_>) -> bool {
    OF_SHOWN_JOBS.contains(&member.name.as_ref()) || (member.name.as_ref(), member.value.raw()) == USUAL_TYPE
}

/// The body that asks for the job which this document was to store: its members as they are written.
pub fn request(stored: &str) -> Result<String, Exception> {
    excerpt(&Excerpt::from(stored.to_owned())).map(|body| body.text().into_owned())
}

/// The body that asks for what was admitted, with its companion, as an excerpt of the document's own text, which is not
/// copied.
pub fn of_admitted(admitted: &Admitted) -> Result<Excerpt, Exception> {
    excerpt(&admitted.with_companion())
}

/// The body that asks for a stored document's job, as an excerpt of the document's own text.
fn excerpt(stored: &Excerpt) -> Result<Excerpt, Exception> {
    let (whole, left_out) = stored.parts();
    // The document is admission's own, so this cannot be but by a fault of the gateway.
    let broken = || Exception::new(Kind::Internal, "the admitted job is no document");
    let mut members = Lexemes::without(whole, left_out);
    if members.next() != Some(Lexeme::BeginObject) {
        return Err(broken());
    }
    let mut unwanted = Vec::new();
    // Where what is kept ends, and since when nothing is kept before the first member that is.
    let (mut kept, mut is_first) = (members.at(), true);
    loop {
        let name = match members.next() {
            Some(Lexeme::Name(name)) => name,
            Some(Lexeme::EndObject) => return Ok(stored.without(merged(left_out, unwanted))),
            _ => return Err(broken()),
        };
        let start = members.at() - name.len() - "\"\"".len();
        let value = members.skip_value();
        if SET_BY_THE_SERVER.contains(&name) || (name, value) == USUAL_TYPE {
            unwanted.push(kept..members.at());
        } else if std::mem::take(&mut is_first) {
            // Without the comma after what is not kept.
            unwanted.push(kept..start);
        }
        kept = members.at();
    }
}

/// Parts of a text that may overlap or touch, in their order and apart.
fn merged(parts: &[Range<usize>], others: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = parts.iter().cloned().chain(others).collect();
    all.sort_by_key(|part| part.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(all.len());
    for part in all.into_iter().filter(|part| !part.is_empty()) {
        match merged.last_mut() {
            Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
            _ => merged.push(part),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_client_may_send_is_sent() {
        let stored = concat!(
            r#"{"job_id":"a","job_type":"anomaly_detector","job_version":"7.0.0","create_time":1500000000000,"#,
            r#""analysis_config":{"detectors":[{"function":"count"}]},"custom_settings":{"create_time":[1.0,"\uD83D"]}}"#
        );
        let expected = concat!(
            r#"{"job_id":"a","analysis_config":{"detectors":[{"function":"count"}]},"#,
            r#""custom_settings":{"create_time":[1.0,"\uD83D"]}}"#
        );
        assert_eq!(request(stored).expect("a document"), expected);
    }

    #[test]
    fn a_type_that_a_client_has_chosen_is_sent() {
        let stored = r#"{"job_id":"a","job_type":"mine","job_version":"7.0.0"}"#;
        assert_eq!(
            request(stored).expect("a document"),
            r#"{"job_id":"a","job_type":"mine"}"#
        );
    }

    #[test]
    fn what_is_only_answered_is_not_sent() {
        let whole = concat!(
            r#"{"create_time":1,"job_version":"7.0.0","a":[{"b":1,"i":0},{"i":1}],"s":"x","#,
            r#""job_type":"anomaly_detector","c":{},"create_time":1}"#
        );
        let left_out = [r#","i":0"#, r#""i":1"#, r#","s":"x""#].map(|part| {
            let start = whole.find(part).expect("it is there");
            start..start + part.len()
        });
        let body = excerpt(&Excerpt::new(whole.to_owned(), left_out.to_vec())).expect("a document");
        assert_eq!(body.text(), r#"{"a":[{"b":1},{}],"c":{}}"#);
        assert_eq!(body.length(), body.text().len());
    }

    #[test]
    fn half_a_document_is_none() {
        assert!(request(r#"{"job_id":"a","groups":["#).is_err());
        assert!(request("").is_err());
    }
}
