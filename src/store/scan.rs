//! Reads all documents of an index that the gateway keeps, page by page.

use serde_json::{Value, json};

use super::Store;
use super::error::StoreError;
use super::found_index::FoundIndex;
use crate::cluster::CallError;

/// How many documents a page has, unless they are too long for one.
const PAGE: usize = 200;

impl Store<'_> {
    /// Hands the sources of all documents that have a field of keywords, and that `also` is a field of, to `each`, in the
    /// order of the first. Its values tell the documents apart, so that each page begins after the last one's end, whatever is
    /// written in between. Of a source these fields are read, or all of them if none is named.
    pub async fn scan(
        self,
        index: &FoundIndex,
        [key, also]: [&str; 2],
        fields: &[&str],
        mut each: impl FnMut(&Value),
    ) -> Result<(), StoreError> {
        let mut size = PAGE;
        let mut last: Option<Value> = None;
        loop {
            let mut body = json!({
                "size": size,
                "query": {"bool": {"filter": [{"exists": {"field": key}}, {"exists": {"field": also}}]}},
                "sort": [{key: "asc"}]
            });
            if let (Value::Object(body), [_, ..]) = (&mut body, fields) {
                body.insert("_source".to_owned(), fields.into());
            }
            if let (Value::Object(body), Some(last)) = (&mut body, &last) {
                body.insert("search_after".to_owned(), json!([last]));
            }
            let page = match self.search(index, &body).await {
                Ok(page) => page,
                // Most jobs have a few thousand bytes; some have millions.
                Err(StoreError::NotSent(CallError::ReplyTooLong)) if size > 1 => {
                    size /= 4;
                    size = size.max(1);
                    continue;
                }
                Err(error) => return Err(error),
            };
            page.iter().for_each(&mut each);
            match page.last().and_then(|document| document.get(key)) {
                Some(value) if page.len() == size => last = Some(value.clone()),
                _ => return Ok(()),
            }
        }
    }
}
