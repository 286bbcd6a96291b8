//! How a call of an API, such as `indices.create`, becomes a request: by the vendor's own description of it.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::Path,
};

use anyhow::{Context, ensure};
use serde_json::{Map, Value};

use crate::{
    request::{Body, Request, Segment, Target},
    stash::plain,
};

/// Every API of a version.
#[derive(Debug, Default)]
pub struct Apis {
    apis: HashMap<String, Api>,
    /// The parameters that every API takes.
    common: BTreeSet<String>,
}

#[derive(Debug)]
struct Api {
    routes: Vec<Route>,
    parameters: BTreeSet<String>,
    /// Whether the body is one document a line.
    takes_lines: bool,
}

#[derive(Debug)]
struct Route {
    /// Each with whether it is the name of an argument.
    segments: Vec<(String, bool)>,
    methods: Vec<String>,
}

impl Route {
    fn arguments(&self) -> impl Iterator<Item = &str> {
        let variable = self.segments.iter().filter(|(_, is_variable)| *is_variable);
        variable.map(|(name, _)| name.as_str())
    }
}

impl Apis {
    /// Reads the descriptions, one file an API.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut read = Self::default();
        for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
            let path = entry?.path();
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            let description: Value = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
            if path.file_stem().is_some_and(|name| name == "_common") {
                read.common = names(&description, "/params");
                continue;
            }
            read.add(&description)?;
        }
        Ok(read)
    }

    /// Adds what is described, by its names.
    pub(crate) fn add(&mut self, descriptions: &Value) -> anyhow::Result<()> {
        for (name, api) in descriptions.as_object().into_iter().flatten() {
            let api = Api::read(api).with_context(|| name.clone())?;
            self.apis.insert(name.clone(), api);
        }
        Ok(())
    }

    /// The request of a call. Fails as an official client does: for an argument that the API does not have, and for
    /// want of one. Where there are several methods, `turn` says which is taken.
    pub(crate) fn request(&self, name: &str, arguments: &Map<String, Value>, turn: u64) -> anyhow::Result<Request> {
        let api = self.apis.get(name).with_context(|| format!("there is no API {name}"))?;
        let known: BTreeSet<&str> = api.routes.iter().flat_map(Route::arguments).collect();
        let mut query = Vec::new();
        for (argument, value) in arguments.iter().filter(|(argument, _)| *argument != "body") {
            if known.contains(argument.as_str()) {
                continue;
            }
            let is_known = api.parameters.contains(argument) || self.common.contains(argument);
            ensure!(is_known, "{name} has no parameter {argument}");
            query.push((argument.clone(), plain(value)));
        }
        let given = |route: &&Route| route.arguments().all(|argument| arguments.contains_key(argument));
        let route = api
            .routes
            .iter()
            .filter(given)
            .max_by_key(|route| route.arguments().count());
        let route = route.with_context(|| format!("{name} wants more arguments"))?;
        let unused = known
            .iter()
            .find(|argument| arguments.contains_key(**argument) && !route.arguments().any(|used| used == **argument));
        ensure!(unused.is_none(), "{name} has no route with {unused:?} and the others");
        let segments = route.segments.iter().map(|(segment, is_variable)| {
            let value = arguments.get(segment).filter(|_| *is_variable);
            value.map_or_else(
                || Segment::Literal(segment.clone()),
                |value| Segment::Variable(plain(value)),
            )
        });
        let body = arguments
            .get("body")
            .map(|body| Body::of(body, api.takes_lines))
            .transpose()?;
        Ok(Request {
            method: pick(&route.methods, turn),
            target: Target::Parts {
                path: segments.collect(),
                query,
            },
            fields: Vec::new(),
            body,
        })
    }
}

impl Api {
    fn read(api: &Value) -> anyhow::Result<Self> {
        let paths = api
            .pointer("/url/paths")
            .and_then(Value::as_array)
            .context("no paths")?;
        Ok(Self {
            routes: paths.iter().map(Route::read).collect::<Result<_, _>>()?,
            parameters: names(api, "/params"),
            takes_lines: api.pointer("/body/serialize").is_some_and(|how| how == "bulk"),
        })
    }
}

impl Route {
    fn read(path: &Value) -> anyhow::Result<Self> {
        let template = path.get("path").and_then(Value::as_str).context("no path")?;
        let segments = template.split('/').filter(|segment| !segment.is_empty());
        let segments = segments.map(|segment| {
            let variable = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
            (variable.unwrap_or(segment).to_owned(), variable.is_some())
        });
        let methods = path.get("methods").and_then(Value::as_array).context("no methods")?;
        ensure!(!methods.is_empty(), "no method for {template}");
        Ok(Self {
            segments: segments.collect(),
            methods: methods.iter().map(plain).collect(),
        })
    }
}

fn names(description: &Value, at: &str) -> BTreeSet<String> {
    let members = description.pointer(at).and_then(Value::as_object);
    members.into_iter().flat_map(Map::keys).cloned().collect()
}

fn pick(methods: &[String], turn: u64) -> String {
    let count = methods.len().max(1) as u64;
    let chosen = usize::try_from(turn % count).unwrap_or_default();
    methods.get(chosen).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn get() -> Apis {
        let api = json!({
            "url": {"paths": [
                {"path": "/{index}/_doc", "methods": ["POST"]},
                {"path": "/{index}/_doc/{id}", "methods": ["PUT", "POST"]}
            ]},
            "params": {"refresh": {}}
        });
        Apis {
            apis: HashMap::from([("index".to_owned(), Api::read(&api).unwrap())]),
            common: BTreeSet::from(["pretty".to_owned()]),
        }
    }

    fn request(arguments: &Value, turn: u64) -> anyhow::Result<Request> {
        get().request("index", arguments.as_object().unwrap(), turn)
    }

    #[test]
    fn the_longest_route_whose_arguments_are_there_is_taken() {
        let written = |arguments, turn| {
            let request = request(&arguments, turn).unwrap();
            format!("{} {}", request.method, request.target.usual())
        };
        assert_eq!(
            written(json!({"index": ["a", "b"], "pretty": true}), 0),
            "POST /a,b/_doc?pretty=true"
        );
        assert_eq!(
            written(json!({"index": "a", "id": "x/y", "refresh": ""}), 0),
            "PUT /a/_doc/x%2Fy?refresh="
        );
        assert_eq!(written(json!({"index": "a", "id": 1}), 1), "POST /a/_doc/1");
    }

    #[test]
    fn an_argument_too_many_or_too_few_is_the_callers_mistake() {
        assert!(request(&json!({"index": "a", "other": 1}), 0).is_err());
        assert!(request(&json!({"id": "1"}), 0).is_err());
    }
}
