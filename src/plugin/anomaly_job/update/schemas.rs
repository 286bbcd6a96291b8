//! The schemas of an update: that of its body, and that by which a stored job is read.
//!
//! Both are made of the schema of the call that creates jobs. Elasticsearch reads what it has stored more leniently: it passes
//! over what it does not know, and takes what only the server sets (jobs-api.md §1.3).

use serde_json::{Map, Value};

use super::super::rulebook::Rulebook;
use super::super::{SCHEMA, put_functions};
use crate::admission::schema::{Schema, SchemaError};
use crate::es::version::Version;

/// The body of an update, as an addition to the definitions of the call that creates jobs.
const UPDATE: &str = include_str!("../../../../schemas/elasticsearch/7/update_job.schema.json");

/// Where a schema has the definition of a job's members.
const JOB_MEMBERS: &str = "/$defs/job_details/properties";
/// Where it has those of the description of data.
const DATA_MEMBERS: &str = "/$defs/data_description/properties";

/// From this version on what creates a job may no longer have what only the server sets; what is stored has it.
const INTERNAL_UNTIL: &str = "8.14";
/// From this version on these are passed over.
const DELIMITED_UNTIL: Version = Version::new(8, 0, 0);
const DELIMITED: [&str; 3] = ["format", "field_delimiter", "quote_character"];

/// The schema of an update's body.
pub(super) fn of_update(rules: &Rulebook) -> Result<Schema, SchemaError> {
    let mut schema: Value = serde_json::from_str(UPDATE)?;
    let mut job = SCHEMA.read()?;
    put_functions(&mut job, rules);
    if let (Some(definitions), Some(Value::Object(of_job))) = (definitions(&mut schema), job.get_mut("$defs")) {
        definitions.extend(std::mem::take(of_job));
    }
    Schema::of(schema, SCHEMA.readers, rules.api)
}

/// The schema of a stored job, as far as what is in it is looked at.
pub(super) fn of_stored(rules: &Rulebook) -> Result<Schema, SchemaError> {
    let mut schema = SCHEMA.read()?;
    put_functions(&mut schema, rules);
    take_anything(&mut schema);
    if let Some(Value::Object(members)) = schema.pointer_mut(JOB_MEMBERS) {
        // The datafeed has a document of its own.
        members.shift_remove("datafeed_config");
        for member in members.values_mut().filter_map(Value::as_object_mut) {
            if member.get("x-until").and_then(Value::as_str) == Some(INTERNAL_UNTIL) {
                member.shift_remove("x-until");
            }
        }
    }
    if rules.api >= DELIMITED_UNTIL
        && let Some(Value::Object(members)) = schema.pointer_mut(DATA_MEMBERS)
    {
        members.retain(|name, _| !DELIMITED.contains(&name.as_str()));
    }
    Schema::of(schema, SCHEMA.readers, rules.api)
}

fn definitions(schema: &mut Value) -> Option<&mut Map<String, Value>> {
    schema.get_mut("$defs")?.as_object_mut()
}

/// Takes members that are not known.
fn take_anything(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("additionalProperties") == Some(&Value::Bool(false)) {
                members.shift_remove("additionalProperties");
            }
            members.values_mut().for_each(take_anything);
        }
        Value::Array(elements) => elements.iter_mut().for_each(take_anything),
        _ => {}
    }
}
