//! The APIs of both products, with what each can write to.

use http::Method;

use super::{BodyKind, Reach};

/// One line of a table: the methods, a path, what it can write to. In a path `*` is one segment, `**` any number.
type Line = (Methods, &'static str, Reach);

/// Methods that a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Methods {
    Any,
    Post,
    Delete,
    /// `PUT` and `POST`, and whatever else a later version may bring.
    NotDelete,
}

use Methods::{Any, Delete, NotDelete, Post};
use Reach::{Body, Chunks, Import, Index, Nothing};

pub(super) const STRINGS: Reach = Body(BodyKind::Strings);
const CREATE: Reach = Body(BodyKind::CreateIndex);
const TEMPLATE: Reach = Body(BodyKind::Template);
pub(super) const ALIAS: Reach = Body(BodyKind::Alias);

/// What follows an index expression in a path. In 7.x a type may stand between: `*` at the start.
const ON_AN_INDEX: &[Line] = &[
    // Reads. `POST` only: with `PUT`, 7.x takes some of these for the id of a document.
    (Post, "_search", Nothing),
    (Post, "_search/template", Nothing),
    (Post, "_search/point_in_time", Nothing),
    (Post, "_msearch", Nothing),
    (Post, "_msearch/template", Nothing),
    (Post, "_async_search", Nothing),
    (Post, "_count", Nothing),
    (Post, "_mget", Nothing),
    (Post, "_mtermvectors", Nothing),
    (Post, "_termvectors", Nothing),
    (Post, "_termvectors/*", Nothing),
    (Post, "_field_caps", Nothing),
    (Post, "_validate/query", Nothing),
    (Post, "_rank_eval", Nothing),
    (Post, "_explain/*", Nothing),
    (Post, "_analyze", Nothing),
    (Post, "_pit", Nothing),
    (Post, "_eql/search", Nothing),
    (Post, "_graph/explore", Nothing),
    (Post, "_rollup_search", Nothing),
    (Post, "_search_shards", Nothing),
    (Post, "_terms_enum", Nothing),
    (Post, "_knn_search", Nothing),
    (Post, "_mvt/**", Nothing),
    (Post, "_disk_usage", Nothing),
    (Post, "_fleet/_fleet_search", Nothing),
    (Post, "_fleet/_fleet_msearch", Nothing),
    // Maintenance.
    (Post, "_refresh", Nothing),
    (Post, "_flush", Nothing),
    (Post, "_flush/synced", Nothing),
    (Post, "_forcemerge", Nothing),
    (Post, "_cache/clear", Nothing),
    (Post, "_upgrade", Nothing),
    (Post, "_reload_search_analyzers", Nothing),
    // Documents.
    (NotDelete, "_bulk", Body(BodyKind::Bulk)),
    (NotDelete, "*/_bulk", Body(BodyKind::Bulk)),
    (Any, "_bulk/stream", Chunks),
    (Any, "_doc/**", Index),
    (Any, "_create/**", Index),
    (Any, "_update/**", Index),
    (Any, "_update_by_query", Index),
    (Any, "_delete_by_query", Index),
    // Aliases. What is removed is removed from the index that is named.
    (Delete, "_alias/*", Index),
    (Delete, "_aliases/*", Index),
    (NotDelete, "_alias/**", ALIAS),
    (NotDelete, "_aliases/**", ALIAS),
    // The index itself, and those that come of it.
    (Delete, "", Index),
    (NotDelete, "", CREATE),
    (Any, "_rollover/**", CREATE),
    (Any, "_shrink/*", CREATE),
    (Any, "_split/*", CREATE),
    (Any, "_clone/*", CREATE),
    (Any, "_mapping/**", Index),
    (Any, "_mappings/**", Index),
    (Any, "_settings/**", Index),
    (Any, "_close", Index),
    (Any, "_open", Index),
    (Any, "_block/*", Index),
    (Any, "_freeze", Index),
    (Any, "_unfreeze", Index),
    (Any, "_scale", Index),
    (Any, "_tier/**", Index),
    (Any, "_ilm/**", Index),
    (Any, "_ccr/**", Index),
    // Reads by type, in 7.x.
    (Post, "type/_search", Nothing),
    (Post, "type/_search/template", Nothing),
    (Post, "type/_msearch", Nothing),
    (Post, "type/_msearch/template", Nothing),
    (Post, "type/_count", Nothing),
    (Post, "type/_mget", Nothing),
    (Post, "type/_mtermvectors", Nothing),
    (Post, "type/_termvectors", Nothing),
    (Post, "type/*/_termvectors", Nothing),
    (Post, "type/_validate/query", Nothing),
    (Post, "type/*/_explain", Nothing),
    // Any other call by type writes a document, or the mapping.
    (Any, "type/**", Index),
];

/// Calls whose path begins with the name of an API.
const BY_THEMSELVES: &[Line] = &[
    // Reads.
    (Any, "_search/**", Nothing),
    (Any, "_msearch/**", Nothing),
    (Any, "_async_search/**", Nothing),
    (Any, "_count", Nothing),
    (Any, "_mget", Nothing),
    (Any, "_mtermvectors", Nothing),
    (Any, "_field_caps", Nothing),
    (Any, "_validate/query", Nothing),
    (Any, "_rank_eval", Nothing),
    (Any, "_render/**", Nothing),
    (Any, "_analyze", Nothing),
    (Any, "_search_shards", Nothing),
    (Any, "_pit", Nothing),
    (Any, "_sql/**", Nothing),
    (Any, "_query/**", Nothing),
    (Any, "_xpack/sql/**", Nothing),
    (Any, "_plugins/_asynchronous_search/**", Nothing),
    // SQL of OpenSearch can delete, where it is allowed to.
    (Any, "_plugins/_sql/**", Body(BodyKind::Statement)),
    (Any, "_plugins/_ppl/**", Body(BodyKind::Statement)),
    (Any, "_opendistro/_sql/**", Body(BodyKind::Statement)),
    (Any, "_opendistro/_ppl/**", Body(BodyKind::Statement)),
    // Maintenance.
    (Any, "_refresh", Nothing),
    (Any, "_flush/**", Nothing),
    (Any, "_forcemerge", Nothing),
    (Any, "_cache/clear", Nothing),
    (Any, "_upgrade", Nothing),
    // The cluster, its nodes, tasks, users and scripts.
    (Any, "_cluster/reroute", STRINGS),
    (Any, "_cluster/**", Nothing),
    (Any, "_nodes/**", Nothing),
    (Any, "_tasks/**", Nothing),
    (Any, "_scripts/**", Nothing),
    (Any, "_security/**", Nothing),
    (Any, "_xpack/security/**", Nothing),
    (Any, "_plugins/_security/**", Nothing),
    (Any, "_opendistro/_security/**", Nothing),
    (Any, "_update_by_query/*/_rethrottle", Nothing),
    (Any, "_delete_by_query/*/_rethrottle", Nothing),
    (Any, "_reindex/*/_rethrottle", Nothing),
    (Any, "_inference/**", Nothing),
    (Any, "_plugins/_alerting/**", Nothing),
    (Any, "_plugins/_notifications/**", Nothing),
    (Any, "_plugins/_anomaly_detection/**", Nothing),
    // Machine learning keeps indices of its own; its data frames write where they are told to.
    (Any, "_ml/data_frame/**", STRINGS),
    (Any, "_ml/**", Nothing),
    (Any, "_xpack/ml/**", Nothing),
    (Any, "_monitoring/bulk", Nothing),
    // Documents.
    (Any, "_bulk", Body(BodyKind::Bulk)),
    (Any, "_bulk/stream", Chunks),
    (Any, "_reindex", Body(BodyKind::Reindex)),
    (Post, "_ingest/pipeline/_simulate", Nothing),
    (Post, "_ingest/pipeline/*/_simulate", Nothing),
    (Delete, "_ingest/pipeline/*", Nothing),
    (Any, "_ingest/pipeline/*", Body(BodyKind::Pipeline)),
    // Aliases, indices, and what they will be made from. Without an index these mean all, or the one in the query.
    (Post, "_aliases", Body(BodyKind::AliasActions)),
    (Delete, "_alias/**", Index),
    (Delete, "_aliases/**", Index),
    (NotDelete, "_alias/**", ALIAS),
    (NotDelete, "_aliases/**", ALIAS),
    (Any, "_mapping/**", Index),
    (Any, "_mappings/**", Index),
    (Any, "_settings/**", Index),
    (Any, "_close", Index),
    (Any, "_open", Index),
    (Any, "_block/*", Index),
    (Post, "_index_template/_simulate/**", Nothing),
    (Post, "_index_template/_simulate_index/*", Nothing),
    (Delete, "_index_template/*", Nothing),
    (Any, "_index_template/*", TEMPLATE),
    (Delete, "_component_template/*", Nothing),
    (Any, "_component_template/*", TEMPLATE),
    (Delete, "_template/*", Nothing),
    (Any, "_template/*", TEMPLATE),
    // Snapshots read, but for what they bring back.
    (Any, "_snapshot/*/*/_restore", Body(BodyKind::Restore)),
    (Any, "_snapshot/*/*/_mount", STRINGS),
    (Any, "_snapshot/**", Nothing),
    (Any, "_slm/**", Nothing),
    (Any, "_remotestore/_restore", Body(BodyKind::Restore)),
    (Post, "_dangling/*", Import),
];

/// What a call can write to that has an index expression before these segments.
pub(super) fn on_an_index(method: &Method, segments: &[&str]) -> Option<Reach> {
    find(ON_AN_INDEX, method, segments)
}

/// What a call with these segments can write to.
pub(super) fn by_itself(method: &Method, segments: &[&str]) -> Option<Reach> {
    find(BY_THEMSELVES, method, segments)
}

fn find(table: &[Line], method: &Method, segments: &[&str]) -> Option<Reach> {
    let line = table
        .iter()
        .find(|(methods, shape, _)| methods.has(method) && fits(shape, segments));
    line.map(|(_, _, reach)| *reach)
}

impl Methods {
    fn has(self, method: &Method) -> bool {
        match self {
            Self::Any => true,
            Self::Post => method == Method::POST,
            Self::Delete => method == Method::DELETE,
            Self::NotDelete => method != Method::DELETE,
        }
    }
}

/// Whether segments have a shape. `type` is a segment that is no API's.
fn fits(shape: &str, segments: &[&str]) -> bool {
    let mut segments = segments.iter();
    for wanted in shape.split('/').filter(|wanted| !wanted.is_empty()) {
        let fits = match (wanted, segments.next()) {
            ("**", _) => return true,
            ("*", segment) => segment.is_some(),
            ("type", segment) => segment.is_some_and(|segment| !segment.starts_with('_')),
            (wanted, segment) => segment == Some(&wanted),
        };
        if !fits {
            return false;
        }
    }
    segments.next().is_none()
}
