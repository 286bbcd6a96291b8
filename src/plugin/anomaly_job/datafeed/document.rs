//! A datafeed as answers show it (jobs-api.md §5.3).

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;

use super::{Chunking, Code, Datafeed, DelayedDataCheck, Script, ScriptField};
use crate::admission::hash_order::{InOrder, to_value};
use crate::es::version::Version;
use crate::xcontent::json::Node;

/// From this version on the content type of a template is written without a space and in lower case.
const SHORT_CONTENT_TYPE: Version = Version::new(8, 0, 0);

/// A datafeed that is filled in, of the job with this id.
#[derive(Clone, Copy)]
pub(in super::super) struct DatafeedDocument<'d> {
    pub(in super::super) datafeed: &'d Datafeed<'d>,
    pub(in super::super) job_id: &'d str,
    pub(in super::super) api: Version,
    /// Called when its two ids have been written, which it begins with.
    pub(in super::super) after_ids: &'d dyn Fn(),
}

impl Serialize for DatafeedDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            datafeed,
            job_id,
            api,
            after_ids,
        } = *self;
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("datafeed_id", datafeed.id(job_id))?;
        members.serialize_entry("job_id", job_id)?;
        after_ids();
        add(&mut members, "query_delay", datafeed.query_delay)?;
        add(&mut members, "chunking_config", datafeed.chunking)?;
        let options = datafeed.index_options.map(|options| options.printed(api));
        add(&mut members, "indices_options", options)?;
        match datafeed.query {
            Some(query) => members.serialize_entry("query", &InOrder(query))?,
            None => members.serialize_entry("query", &json!({"match_all": {}}))?,
        }
        add(&mut members, "frequency", datafeed.frequency)?;
        members.serialize_entry("indices", &datafeed.indices)?;
        add(&mut members, "aggregations", datafeed.aggregations.map(InOrder))?;
        let fields = datafeed.script_fields.as_deref();
        add(
            &mut members,
            "script_fields",
            fields.map(|fields| ScriptFields(fields, api)),
        )?;
        add(&mut members, "scroll_size", datafeed.scroll_size)?;
        add(&mut members, "delayed_data_check_config", datafeed.delayed_data_check)?;
        add(&mut members, "max_empty_searches", datafeed.max_empty_searches)?;
        let mappings = datafeed.runtime_mappings;
        let mappings = mappings.filter(|mappings| mappings.members().next().is_some());
        add(&mut members, "runtime_mappings", mappings.map(to_value))?;
        members.end()
    }
}

fn add<M: SerializeMap>(members: &mut M, key: &'static str, value: Option<impl Serialize>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| members.serialize_entry(key, &value))
}

impl Serialize for Chunking {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (mode, span) = match self {
            Self::Auto => ("auto", None),
            Self::Off => ("off", None),
            Self::Manual(span) => ("manual", Some(*span)),
        };
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("mode", mode)?;
        add(&mut members, "time_span", span)?;
        members.end()
    }
}

impl Serialize for DelayedDataCheck {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("enabled", &self.is_enabled)?;
        add(&mut members, "check_window", self.check_window)?;
        members.end()
    }
}

/// In their order.
struct ScriptFields<'d>(&'d [ScriptField<'d>], Version);

impl Serialize for ScriptFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(fields, api) = self;
        serializer.collect_map(
            fields
                .iter()
                .map(|field| (&field.name, ScriptFieldDocument(field, *api))),
        )
    }
}

struct ScriptFieldDocument<'d>(&'d ScriptField<'d>, Version);

impl Serialize for ScriptFieldDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(field, api) = self;
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry(
            "script",
            &field.script.as_ref().map(|script| ScriptDocument(script, *api)),
        )?;
        members.serialize_entry("ignore_failure", &field.ignores_failure)?;
        members.end()
    }
}

struct ScriptDocument<'d>(&'d Script<'d>, Version);

impl Serialize for ScriptDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(script, api) = self;
        let mut members = serializer.serialize_map(None)?;
        let content_type = match &script.code {
            Code::Source(source) => {
                members.serialize_entry("source", source)?;
                script.content_type.as_deref()
            }
            Code::Template(source) => {
                members.serialize_entry("source", &InOrder(*source))?;
                Some(if *api >= SHORT_CONTENT_TYPE {
                    "application/json;charset=utf-8"
                } else {
                    "application/json; charset=UTF-8"
                })
            }
            Code::Stored(id) => {
                members.serialize_entry("id", id)?;
                None
            }
        };
        if !matches!(script.code, Code::Stored(_)) {
            members.serialize_entry("lang", script.lang.as_deref().unwrap_or("painless"))?;
        }
        add(
            &mut members,
            "options",
            content_type.map(|content_type| json!({"content_type": content_type})),
        )?;
        let params = script
            .params
            .filter(|params: &Node<'_>| params.members().next().is_some());
        add(&mut members, "params", params.map(to_value))?;
        members.end()
    }
}
