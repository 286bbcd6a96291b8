//! Reads documents of an index that the gateway keeps, page by page.

use serde_json::{Value, json};

use super::Store;
use super::error::StoreError;
use super::found_index::FoundIndex;
use crate::cluster::CallError;

/// How many documents a page has, unless they are too long for one.
const PAGE: usize = 200;

/// Which documents are read, and what of them.
#[derive(Debug, Clone, Copy)]
pub struct Selection<'s> {
    /// They have this field of keywords, whose values tell them apart, and come in its order.
    pub key: &'s str,
    /// And this field.
    pub also: &'s str,
    /// And one of these values in this field, if one is named. There are 65,536 of them at most (`index.max_terms_count`).
    pub among: Option<(&'s str, &'s [&'s str])>,
    /// Of a source these fields are read, or all of them if none is named.
    pub fields: &'s [&'s str],
}

/// The documents of a selection, from one page to the next: each begins after the last one's end, whatever is written in
/// between.
#[derive(Debug)]
pub struct Pages<'s> {
    selection: Selection<'s>,
    size: usize,
    last: Option<Value>,
    is_at_end: bool,
}

impl<'s> Pages<'s> {
    /// From the first one on.
    #[must_use]
    pub const fn of(selection: Selection<'s>) -> Self {
        Self {
            selection,
            size: PAGE,
            last: None,
            is_at_end: false,
        }
    }

    /// The sources of the next page's documents; none after the last page.
    pub async fn next(&mut self, index: &FoundIndex, store: Store<'_>) -> Result<Option<Vec<Value>>, StoreError> {
        if self.is_at_end {
            return Ok(None);
        }
        let page = loop {
            match store.search(index, &self.query()).await {
                Ok(page) => break page,
                // Most jobs have a few thousand bytes; some have millions.
                Err(StoreError::NotSent(CallError::ReplyTooLong)) if self.size > 1 => {
                    self.size = (self.size / 4).max(1);
                }
                Err(error) => return Err(error),
            }
        };
        self.last = page
            .last()
            .and_then(|document| document.get(self.selection.key))
            .cloned();
        self.is_at_end = page.len() < self.size || self.last.is_none();
        Ok(Some(page))
    }

    fn query(&self) -> Value {
        let Selection {
            key,
            also,
            among,
            fields,
        } = self.selection;
        let mut filter = vec![json!({"exists": {"field": key}}), json!({"exists": {"field": also}})];
        let mut order = json!({key: "asc"});
        if let Some((field, values)) = among {
            filter.push(json!({"terms": {field: values}}));
            // Where the mapping is older than these documents, there are none.
            order = json!({key: {"order": "asc", "unmapped_type": "keyword"}});
        }
        let mut body = json!({"size": self.size, "query": {"bool": {"filter": filter}}, "sort": [order]});
        if let (Value::Object(body), [_, ..]) = (&mut body, fields) {
            body.insert("_source".to_owned(), fields.into());
        }
        if let (Value::Object(body), Some(last)) = (&mut body, &self.last) {
            body.insert("search_after".to_owned(), json!([last]));
        }
        body
    }
}

impl Store<'_> {
    /// Hands the sources of all documents of a selection to `each`, in their order.
    pub async fn scan(
        self,
        index: &FoundIndex,
        selection: Selection<'_>,
        mut each: impl FnMut(&Value),
    ) -> Result<(), StoreError> {
        let mut pages = Pages::of(selection);
        while let Some(page) = pages.next(index, self).await? {
            page.iter().for_each(&mut each);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_after_the_last_one() {
        let selection = Selection {
            key: "datafeed_id",
            also: "job_id",
            among: Some(("job_id", &["a", "b"])),
            fields: &["job_id"],
        };
        let mut pages = Pages::of(selection);
        pages.last = Some(json!("x"));
        let expected = json!({
            "size": 200,
            "query": {"bool": {"filter": [
                {"exists": {"field": "datafeed_id"}},
                {"exists": {"field": "job_id"}},
                {"terms": {"job_id": ["a", "b"]}}
            ]}},
            "sort": [{"datafeed_id": {"order": "asc", "unmapped_type": "keyword"}}],
            "_source": ["job_id"],
            "search_after": ["x"]
        });
        assert_eq!(pages.query(), expected);
    }
}
