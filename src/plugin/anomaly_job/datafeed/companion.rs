//! A datafeed as it is stored, beside the job that it came with (jobs-api.md §5.3).

use std::ops::Range;

use super::Datafeed;
use crate::admission::Companion;
use crate::http::excerpt::Excerpt;
use crate::xcontent::json::{Lexeme, Lexemes};

/// What policies know a datafeed as.
pub(in super::super) const NAME: &str = "datafeed";
/// The member of an answered job.
pub(in super::super) const MEMBER: &str = "datafeed_config";

/// What only stored datafeeds have.
pub(in super::super) const OF_STORED: [&str; 2] = ["config_type", "create_time"];

/// The id of the document of a datafeed.
pub(in super::super) fn document_id(datafeed_id: &str) -> String {
    format!("datafeed-{datafeed_id}")
}

/// The companion of a job: `member` is where the answered job, `whole`, has the datafeed. Nothing for a text that
/// is no document, which would be a fault of the gateway.
pub(in super::super) fn companion(
    datafeed: &Datafeed<'_>,
    job_id: &str,
    whole: &str,
    member: Range<usize>,
    now_millis: i64,
) -> Option<Companion> {
    let value = member.start + ",\"\":".len() + MEMBER.len()..member.end;
    let document = stored(whole.get(value.clone())?, now_millis)?;
    Some(Companion {
        name: NAME,
        document_id: document_id(datafeed.id(job_id)),
        member,
        value,
        document: Excerpt::from(document),
    })
}

/// The answered datafeed with what only stored ones have, after the two ids: that it is one, and when it was made, by which
/// one is known whose job was never stored.
fn stored(answered: &str, now_millis: i64) -> Option<String> {
    let mut members = Lexemes::without(answered, &[]);
    if members.next() != Some(Lexeme::BeginObject) {
        return None;
    }
    for _ in 0..2 {
        let Some(Lexeme::Name(_)) = members.next() else {
            return None;
        };
        members.skip_value();
    }
    let (ids, rest) = answered.split_at_checked(members.at())?;
    Some(format!(
        r#"{ids},"config_type":"datafeed","create_time":{now_millis}{rest}"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_says_that_it_is_a_datafeed_after_its_ids() {
        let answered = r#"{"datafeed_id":"d","job_id":"j","query_delay":"1s"}"#;
        let expected =
            r#"{"datafeed_id":"d","job_id":"j","config_type":"datafeed","create_time":7,"query_delay":"1s"}"#;
        assert_eq!(stored(answered, 7).as_deref(), Some(expected));
        assert_eq!(stored("[]", 7), None);
    }
}
