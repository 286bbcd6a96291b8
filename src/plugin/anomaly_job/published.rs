//! What is published of the call: its schemas, its description as `OpenAPI`, and its rules, each of any version.

use super::printed::stored::Document;
use super::{AnomalyJob, PARAMETERS, RuleRow, printed, rulebook};
use crate::admission::schema::SchemaError;
use crate::admission::{Candidate, Verdict};
use crate::es::version::Version;
use crate::xcontent::format::Format;

/// A job with no more in it than a job has to have, and that gets the fewest defaults.
const LEAST_JOB: &[u8] = br#"{"analysis_config":{"detectors":[{"function":"count"}]},"data_description":{},"model_snapshot_retention_days":0}"#;

impl AnomalyJob {
    /// The schema of a version in plain JSON Schema, which says all that a schema can say.
    pub fn printed_schema(&self, api: Version) -> Result<serde_json::Value, SchemaError> {
        let edition = self.edition(api)?;
        let rows = self.rules()?;
        let in_force = rows.iter().filter(|row| row.is_in_force(api));
        Ok(printed::printed(&edition.schema, &edition.rules, in_force))
    }

    /// The schema of a job as a version stores it.
    pub fn stored_schema(&self, api: Version) -> Result<serde_json::Value, SchemaError> {
        self.schema_of(Document::Stored, api)
    }

    /// The schema of a job as a version answers it, with the datafeed that it came with.
    pub fn answered_schema(&self, api: Version) -> Result<serde_json::Value, SchemaError> {
        self.schema_of(Document::Answered, api)
    }

    /// The call of a version as a document of `OpenAPI` 3.1.
    pub fn openapi(&self, api: Version) -> Result<serde_json::Value, SchemaError> {
        let answer = self.answered_schema(api)?;
        let others = PARAMETERS.others.iter();
        let known = others.filter(|(name, since)| *name != "job_id" && *since <= api);
        let parameters = PARAMETERS.times.iter().copied().chain(known.map(|(name, _)| *name));
        let parameters: Vec<&str> = parameters.collect();
        let request = self.printed_schema(api)?;
        Ok(printed::openapi::document(&request, &answer, &parameters, api))
    }

    /// The schema of a document of a job. Its required members are those of the job with the least in it.
    fn schema_of(&self, document: Document, api: Version) -> Result<serde_json::Value, SchemaError> {
        let edition = self.edition(api)?;
        let verdict = self.admit(&Candidate {
            id: "j",
            query: "",
            path: "",
            body: LEAST_JOB,
            format: Format::Json,
            api,
            now_millis: 0,
            current: None,
        });
        let Verdict::Admitted(admitted) = verdict else {
            return Err(SchemaError::Rules("the least job is refused".to_owned()));
        };
        let plain = match document {
            Document::Stored => serde_json::from_str(&admitted.stored())?,
            Document::Answered => serde_json::from_str(admitted.effective())?,
        };
        Ok(printed::stored::schema(&edition.schema, document, &plain))
    }

    /// The page that tells of every rule, in Markdown.
    pub fn page_of_rules(&self) -> Result<String, SchemaError> {
        Ok(printed::page::page(&self.rules()?))
    }

    /// Every rule of every version.
    pub fn rules(&self) -> Result<Vec<RuleRow>, SchemaError> {
        rulebook::rows(self.rule_source).map_err(|error| SchemaError::Rules(error.to_string()))
    }
}
