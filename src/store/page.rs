//! A page of what a search finds, as the cluster has sent it: to read it takes time in proportion to its length, so that it is
//! read elsewhere than where it was received.

use serde_json::Value;

use super::Store;
use super::error::StoreError;
use super::found_index::FoundIndex;
use crate::admission::DocumentVersion;
use crate::cluster::reply::{Reply, ReplyError};
use crate::xcontent::json::{Document, Node, Token};

/// What a search has found, unread.
#[derive(Debug, Clone)]
pub struct Page(Reply);

/// A document that was found.
#[derive(Debug, Clone, Copy)]
pub struct PageHit<'p> {
    /// It, as it is stored, number by number.
    pub source: Node<'p>,
    /// Its description, with its id and, where a search asks for them, its version and the values that it is sorted by.
    description: Node<'p>,
}

impl Store<'_> {
    /// The documents that a search finds, unread: what was written or deleted since the last refresh, it does not know.
    pub async fn page(self, index: &FoundIndex, body: &Value) -> Result<Page, StoreError> {
        let reply = self.searched(index, body).await?;
        if reply.status.is_success() {
            return Ok(Page(reply));
        }
        Err(ReplyError::from(reply).into())
    }
}

impl Page {
    /// How long it is, in bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        self.0.body.len()
    }

    /// Hands all of its documents to `each`, in their order, until one is an error. A page that may lack documents is none.
    pub fn read<E: From<StoreError>>(self, mut each: impl FnMut(PageHit<'_>) -> Result<(), E>) -> Result<(), E> {
        let read = {
            let document = Document::read(&self.0.body);
            let root = document.root().filter(|_| document.fault().is_none());
            let hits = root.and_then(whole).map(|hits| hits.elements().map(hit).collect());
            let hits: Option<Option<Vec<PageHit<'_>>>> = hits;
            hits.flatten().map(|hits| hits.into_iter().try_for_each(&mut each))
        };
        read.unwrap_or_else(|| Err(StoreError::from(ReplyError::from(self.0)).into()))
    }
}

/// The hits of an answer to which every shard has contributed in time.
fn whole(root: Node<'_>) -> Option<Node<'_>> {
    let failed = root.member("_shards")?.member("failed")?.as_number()?;
    let timed_out = root.member("timed_out").and_then(Node::as_boolean);
    let hits = root.member("hits")?.member("hits")?;
    (failed == "0" && timed_out != Some(true) && hits.token() == Token::Array).then_some(hits)
}

fn hit(description: Node<'_>) -> Option<PageHit<'_>> {
    let source = description.member("_source")?;
    (source.token() == Token::Object).then_some(PageHit { source, description })
}

impl PageHit<'_> {
    /// Its id in the index.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        self.description.member("_id")?.as_text().map(Into::into)
    }

    /// Its version, where the search has asked for it.
    #[must_use]
    pub fn version(&self) -> Option<DocumentVersion> {
        let number = |name: &str| self.description.member(name)?.as_number()?.parse().ok();
        Some(DocumentVersion {
            sequence: number("_seq_no")?,
            term: number("_primary_term")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method, StatusCode};

    use super::*;

    fn sources(body: &'static str) -> Result<Vec<String>, StoreError> {
        let page = Page(Reply {
            method: Method::POST,
            target: "/jobs/_search".to_owned(),
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: body.into(),
        });
        let mut sources = Vec::new();
        page.read(|hit| {
            sources.push(hit.source.raw().to_owned());
            Ok::<(), StoreError>(())
        })?;
        Ok(sources)
    }

    #[test]
    fn documents_are_read_as_they_are_stored() {
        let body = r#"{"_shards":{"failed":0},"hits":{"hits":[{"_id":"x","_source":{"a":1.00}},{"_source":{}}]}}"#;
        assert_eq!(sources(body).expect("a page"), [r#"{"a":1.00}"#, "{}"]);
    }

    #[test]
    fn a_page_that_may_lack_documents_is_none() {
        for body in [
            r#"{"_shards":{"failed":1},"hits":{"hits":[]}}"#,
            r#"{"_shards":{"failed":0},"timed_out":true,"hits":{"hits":[]}}"#,
            r#"{"_shards":{"failed":0},"hits":{"hits":[{"_id":"x"}]}}"#,
            r#"{"_shards":{"failed":0},"hits":{"hits":{}}}"#,
            r#"{"_shards":{"failed":0},"hits":{"hits":["#,
            r#"{"hits":{"hits":[]}}"#,
            "{}",
            "",
        ] {
            assert!(matches!(sources(body), Err(StoreError::NotSent(_))), "{body}");
        }
    }
}
