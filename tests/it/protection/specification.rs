//! The routes that a node's vendor publishes in its REST specification.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// One method and path of an API, such as `PUT /{index}/_doc/{id}`.
#[derive(Clone)]
pub struct Route {
    /// The API's name, such as `indices.create`.
    pub api: String,
    pub method: String,
    /// Each segment, with whether it is the name of an argument.
    pub segments: Vec<(String, bool)>,
}

/// Every route with a method that may write, in a fixed order.
pub fn routes(folder: &Path) -> Vec<Route> {
    let entries = fs::read_dir(folder).expect("the folder of the specification");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let mut routes = Vec::new();
    for file in files.iter().filter(|file| !file.ends_with("_common.json")) {
        let text = fs::read_to_string(file).expect("a description");
        let description: Value = serde_json::from_str(&text).expect("JSON");
        for (api, described) in description.as_object().expect("an object") {
            let paths = described.pointer("/url/paths").and_then(Value::as_array);
            for path in paths.into_iter().flatten() {
                for method in path["methods"].as_array().expect("methods") {
                    let method = method.as_str().expect("a method");
                    if !matches!(method, "GET" | "HEAD") {
                        routes.push(Route {
                            api: api.clone(),
                            method: method.to_owned(),
                            segments: segments(path["path"].as_str().expect("a path")),
                        });
                    }
                }
            }
        }
    }
    routes
}

/// The segments of a template such as `/{index}/_doc`.
pub fn segments(template: &str) -> Vec<(String, bool)> {
    let segments = template.split('/').filter(|segment| !segment.is_empty());
    segments
        .map(|segment| {
            let variable = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
            (variable.unwrap_or(segment).to_owned(), variable.is_some())
        })
        .collect()
}
