//! The call as a document of `OpenAPI` 3.1, with one path item: its parameters, its body, its answers and its errors.

use serde_json::{Value, json};

use crate::es::version::Version;

/// The document, with the schemas of the body and of the answer.
pub(in super::super) fn document(request: &Value, answer: &Value, parameters: &[&str], api: Version) -> Value {
    let version = format!("{}.{}", api.major, api.minor);
    let of_query = parameters.iter().map(|name| {
        json!({
            "name": name,
            "in": "query",
            "description": meaning(name),
            "schema": {"type": "string"},
        })
    });
    let id = json!({
        "name": "job_id",
        "in": "path",
        "required": true,
        "description": "The id of the job.",
        "schema": request.pointer("/$defs/job_details/properties/job_id"),
    });
    let all_parameters: Vec<Value> = std::iter::once(id).chain(of_query).collect();
    let refusal = |description: &str| {
        json!({
            "description": description,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}},
        })
    };
    let put = json!({
        "operationId": "ml.put_job",
        "summary": "Create an anomaly detection job",
        "parameters": all_parameters,
        "requestBody": {
            "required": true,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/job"}}},
        },
        "responses": {
            "200": {
                "description": "The job is created; the answer is the job with its defaults.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/answer"}}},
            },
            "400": refusal("The body or a parameter is wrong, a policy refuses the job, or a job or group of that name exists."),
            "401": refusal("Nobody has authenticated."),
            "403": refusal("The caller may not create jobs."),
            "406": refusal("The body is of a media type that the call does not read."),
            "409": refusal("There are documents left of a job of that id that was deleted."),
            "413": refusal("The body is too long."),
            "429": refusal("The gateway or the cluster has too much to do; the request may be sent again."),
            "500": refusal("The gateway or the cluster failed."),
            "503": refusal("No node answers, or it is not known whether the job was created."),
            "504": refusal("A node took too long to answer."),
        },
    });
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Create anomaly detection job", "version": version},
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "paths": {"/_ml/anomaly_detectors/{job_id}": {"put": put}},
        "components": {"schemas": {"job": request, "answer": answer, "error": error()}},
    })
}

fn meaning(parameter: &str) -> &'static str {
    match parameter {
        "timeout" => "How long the cluster may take to acknowledge the job, such as 30s.",
        "master_timeout" => "How long to wait for the master node, such as 30s.",
        "dry_run" => "Whether only to say what would happen.",
        _ => "An option for the indices of a datafeed.",
    }
}

/// The envelope of errors (create-job.md §2.1).
fn error() -> Value {
    json!({
        "$id": "urn:anomaly-gateway:schema:error",
        "type": "object",
        "required": ["error", "status"],
        "properties": {
            "status": {"type": "integer", "description": "The status of the answer."},
            "error": {
                "oneOf": [
                    {"type": "string", "description": "What is wrong, of a request that has no handler."},
                    {"$ref": "#/$defs/exception"},
                ],
            },
        },
        "$defs": {
            "exception": {
                "type": "object",
                "required": ["type", "reason"],
                "properties": {
                    "type": {"type": "string", "description": "The type of the exception, such as x_content_parse_exception."},
                    "reason": {"type": ["string", "null"], "description": "What is wrong, for people."},
                    "root_cause": {"type": "array", "items": {"$ref": "#/$defs/exception"}},
                    "caused_by": {"$ref": "#/$defs/exception"},
                },
            },
        },
    })
}
