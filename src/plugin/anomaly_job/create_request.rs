//! A stored job as the body of a request that creates it anew: what a client may send, and nothing that the server sets by
//! itself (create-job.md §2.2, §3).

use crate::es::error::{Exception, Kind};
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

/// The body that asks for a stored document's job: its members as they are written.
pub fn request(stored: &str) -> Result<String, Exception> {
    let broken = || Exception::new(Kind::Internal, "the stored job is no document");
    let mut members = Lexemes::without(stored, &[]);
    if members.next() != Some(Lexeme::BeginObject) {
        return Err(broken());
    }
    let mut wanted = Vec::new();
    loop {
        let name = match members.next() {
            Some(Lexeme::Name(name)) => name,
            Some(Lexeme::EndObject) => return Ok(format!("{{{}}}", wanted.join(","))),
            _ => return Err(broken()),
        };
        let start = members.at() - name.len() - "\"\"".len();
        let value = members.skip_value();
        if !SET_BY_THE_SERVER.contains(&name) && (name, value) != USUAL_TYPE {
            wanted.push(stored.get(start..members.at()).unwrap_or_default());
        }
    }
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
    fn half_a_document_is_none() {
        assert!(request(r#"{"job_id":"a","groups":["#).is_err());
        assert!(request("").is_err());
    }
}
