//! The datafeed that a job may come with, from 7.15 on: typed, with what the client left out left out (jobs-api.md §5).
//!
//! `clauses` looks at the form of its query and aggregations, `aggregation` finds the histogram by which data is
//! aggregated, `interval` says how long its buckets are, `defaults` fills in what is missing, `document` writes the datafeed,
//! and `companion` makes of it what is stored.

pub(super) mod aggregation;
pub(super) mod clauses;
pub(super) mod companion;
pub(super) mod defaults;
pub(super) mod document;
pub(super) mod interval;
mod random;

use super::texts::{Text, Texts};
use crate::es::index_options::IndexOptions;
use crate::es::time_value::TimeValue;
use crate::xcontent::json::Node;

/// `datafeed_config` (jobs-api.md §5.1).
#[allow(
    clippy::struct_field_names,
    reason = "the fields have the names that the call gives them"
)]
#[derive(Debug, Clone, Default)]
pub(super) struct Datafeed<'a> {
    pub(super) datafeed_id: Option<Text<'a>>,
    pub(super) job_id: Option<Text<'a>>,
    pub(super) indices: Texts<'a>,
    pub(super) query: Option<Node<'a>>,
    pub(super) aggregations: Option<Node<'a>>,
    pub(super) query_delay: Option<TimeValue>,
    pub(super) frequency: Option<TimeValue>,
    pub(super) scroll_size: Option<i64>,
    /// Never -1, which means no limit.
    pub(super) max_empty_searches: Option<i64>,
    pub(super) chunking: Option<Chunking>,
    pub(super) delayed_data_check: Option<DelayedDataCheck>,
    pub(super) index_options: Option<IndexOptions>,
    pub(super) script_fields: Option<Vec<ScriptField<'a>>>,
    pub(super) runtime_mappings: Option<Node<'a>>,
    pub(super) has_project_routing: bool,
}

impl Datafeed<'_> {
    /// Its id, of a datafeed of a job with this id.
    pub(super) fn id<'d>(&'d self, job_id: &'d str) -> &'d str {
        self.datafeed_id.as_deref().unwrap_or(job_id)
    }
}

/// `chunking_config`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunking {
    Auto,
    Off,
    /// Chunks of this length.
    Manual(TimeValue),
}

/// `delayed_data_check_config`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DelayedDataCheck {
    pub(super) is_enabled: bool,
    pub(super) check_window: Option<TimeValue>,
}

/// One of `script_fields`.
#[derive(Debug, Clone)]
pub(super) struct ScriptField<'a> {
    pub(super) name: Text<'a>,
    pub(super) script: Option<Script<'a>>,
    pub(super) ignores_failure: bool,
}

/// A script.
#[derive(Debug, Clone)]
pub(super) struct Script<'a> {
    pub(super) code: Code<'a>,
    /// Nothing for the default one.
    pub(super) lang: Option<Text<'a>>,
    pub(super) content_type: Option<Text<'a>>,
    pub(super) params: Option<Node<'a>>,
}

/// Where the code of a script is.
#[derive(Debug, Clone)]
pub(super) enum Code<'a> {
    /// Here.
    Source(Text<'a>),
    /// Here, as an object: a template.
    Template(Node<'a>),
    /// In the cluster, under this id.
    Stored(Text<'a>),
}
