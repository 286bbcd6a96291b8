//! A datafeed as it is stored, beside the job that it came with (jobs-api.md §5.3).

use super::Datafeed;
use crate::admission::Companion;
use crate::xcontent::elided_text::ElidedText;

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

/// Where an answered job has its datafeed, as was noted while it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Place {
    /// Where the member begins, with the comma before it.
    pub(in super::super) start: usize,
    /// Where the two ids end that its value begins with.
    pub(in super::super) ids_end: usize,
    /// Where the member ends.
    pub(in super::super) end: usize,
}

/// The companion of a job that is answered as `whole`, which has the datafeed in this place.
pub(in super::super) fn companion(
    datafeed: &Datafeed<'_>,
    job_id: &str,
    whole: &str,
    place: Place,
    now_millis: i64,
) -> Companion {
    let id = datafeed.id(job_id);
    let value = place.start + ",\"\":".len() + MEMBER.len();
    let part = |start, end| whole.get(start..end).unwrap_or_default();
    let document = stored(part(value, place.ids_end), part(place.ids_end, place.end), now_millis);
    Companion {
        name: NAME,
        id: id.to_owned(),
        document_id: document_id(id),
        member: place.start..place.end,
        value: value..place.end,
        document: ElidedText::from(document),
    }
}

/// The answered datafeed with what only stored ones have, after the two ids: that it is one, and when it was made, by which
/// one is known whose job was never stored.
fn stored(ids: &str, rest: &str, now_millis: i64) -> String {
    format!(r#"{ids},"config_type":"datafeed","create_time":{now_millis}{rest}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_says_that_it_is_a_datafeed_after_its_ids() {
        let datafeed = Datafeed::default();
        let whole =
            r#"{"job_id":"j","datafeed_config":{"datafeed_id":"j","job_id":"j","query_delay":"1s"},"groups":[]}"#;
        let at = |text: &str| whole.find(text).expect("it is there");
        let place = Place {
            start: at(r#","datafeed_config""#),
            ids_end: at(r#","query_delay""#),
            end: at(r#","groups""#),
        };
        let companion = companion(&datafeed, "j", whole, place, 7);
        let expected =
            r#"{"datafeed_id":"j","job_id":"j","config_type":"datafeed","create_time":7,"query_delay":"1s"}"#;
        assert_eq!(companion.document.text(), expected);
        assert_eq!(
            (companion.id.as_str(), companion.document_id.as_str()),
            ("j", "datafeed-j")
        );
        assert!(whole[companion.value].starts_with(r#"{"datafeed_id""#));
    }
}
