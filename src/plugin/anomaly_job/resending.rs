//! An admitted job as the body of a request that creates it anew: what a client may send, and nothing that the server
//! sets by itself (contract job.md §2.2, §3).

use crate::es::error::{Exception, Kind};
use crate::es::json::{Document, Member, Node};

/// What the server sets, whatever is sent: later versions refuse these, and earlier ones the first.
const SET_BY_THE_SERVER: [&str; 2] = ["create_time", "job_version"];

/// The type of all jobs but those whose client has named another. Later versions do not know the field.
const USUAL_TYPE: (&str, &str) = ("job_type", r#""anomaly_detector""#);

/// The body that asks for the job which this document was to store: its members as they are written.
pub fn request(stored: &str) -> Result<String, Exception> {
    let document = Document::read(stored.as_bytes());
    let members = document
        .root()
        .filter(|_| document.fault().is_none())
        .map(Node::members);
    // The document is admission's own, so this cannot fail but by a fault of the gateway.
    let broken = || Exception::new(Kind::Internal, "the admitted job is no document");
    let mut body = String::with_capacity(stored.len());
    for Member { name, value, .. } in members.ok_or_else(broken)? {
        if SET_BY_THE_SERVER.contains(&name.as_ref()) || (name.as_ref(), value.raw()) == USUAL_TYPE {
            continue;
        }
        body.extend([if body.is_empty() { "{\"" } else { ",\"" }, &name, "\":", value.raw()]);
    }
    body.push('}');
    Ok(body)
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
