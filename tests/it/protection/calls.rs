//! Every call that writes, at the index that a test chooses: by its path, by its query and by its body.

use serde_json::json;

use super::bodies;
use super::specification::{Route, segments};

/// The names of an index that calls are aimed at.
#[derive(Clone)]
pub struct Aim {
    pub index: String,
    pub aliases: Vec<String>,
    /// Another index, which may be read.
    pub other: String,
    /// Whether forms may be used that name all indices.
    pub all: bool,
}

/// What follows the path.
#[derive(Clone, PartialEq, Eq)]
pub enum Payload {
    Nothing,
    Document(String),
    Lines(String),
}

/// One call.
#[derive(Clone)]
pub struct Call {
    /// The API, and by what it is aimed at the index.
    pub kind: String,
    pub method: String,
    /// Decoded, each with whether more of it may be encoded than has to be.
    pub segments: Vec<(String, bool)>,
    pub query: Vec<(String, String)>,
    pub payload: Payload,
}

/// APIs that write to no index, or change nothing of one. With those that are written below these are all.
const HARMLESS: [&str; 52] = [
    "clear_scroll",
    "cluster.allocation_explain",
    "cluster.delete_component_template",
    "cluster.delete_decommission_awareness",
    "cluster.delete_voting_config_exclusions",
    "cluster.delete_weighted_routing",
    "cluster.post_voting_config_exclusions",
    "cluster.put_decommission_awareness",
    "cluster.put_settings",
    "cluster.put_weighted_routing",
    "count",
    "create_pit",
    "dangling_indices.delete_dangling_index",
    "delete_all_pits",
    "delete_by_query_rethrottle",
    "delete_pit",
    "delete_script",
    "explain",
    "field_caps",
    "indices.analyze",
    "indices.clear_cache",
    "indices.delete_index_template",
    "indices.delete_template",
    "indices.flush",
    "indices.flush_synced",
    "indices.forcemerge",
    "indices.refresh",
    "indices.simulate_index_template",
    "indices.simulate_template",
    "indices.upgrade",
    "indices.validate_query",
    "ingest.delete_pipeline",
    "ingest.simulate",
    "mget",
    "msearch",
    "msearch_template",
    "mtermvectors",
    "nodes.reload_secure_settings",
    "put_script",
    "rank_eval",
    "reindex_rethrottle",
    "render_search_template",
    "scripts_painless_execute",
    "scroll",
    "search",
    "search_pipeline.delete",
    "search_pipeline.put",
    "search_shards",
    "search_template",
    "tasks.cancel",
    "termvectors",
    "update_by_query_rethrottle",
];

/// Those of snapshots, of which only a restore writes.
fn is_harmless(api: &str) -> bool {
    HARMLESS.contains(&api) || (api.starts_with("snapshot.") && api != "snapshot.restore")
}

/// Index expressions that name the index, each with its form.
pub fn expressions(aim: &Aim) -> Vec<(&'static str, String)> {
    let Aim {
        index,
        aliases,
        other,
        all,
    } = aim;
    let (stem, tail) = index.split_once('-').expect("a name of two words");
    let mut forms = vec![
        ("name", index.clone()),
        ("prefix", format!("{stem}-*")),
        ("suffix", format!("{}*{tail}", &stem[..1])),
        ("middle", format!("{}*{}", &index[..3], &index[index.len() - 3..])),
        (
            "two wildcards",
            format!("{}*-*{}", &index[..2], &index[index.len() - 2..]),
        ),
        ("list", format!("{other},{index}")),
        ("list", format!("{index},{other}")),
        ("exclusion", format!("{stem}*,-{other}")),
        ("exclusion in order", format!("{stem}-*,-{index},{index}")),
        ("date math", format!("<{index}>")),
        ("date math", format!("<{stem}-{{now{{'{tail}'}}}}>")),
        (
            "date math with a zone",
            format!("<{stem}-{{now/d{{'{tail}'|+12:00}}}}>"),
        ),
        ("date math with a wildcard", format!("<{stem}-*{{now{{''}}}}>")),
    ];
    for alias in aliases {
        forms.push(("alias", alias.clone()));
        forms.push(("alias in a list", format!("{alias},{other}")));
        forms.push(("alias with a wildcard", format!("{}*", &alias[..alias.len() - 1])));
    }
    if *all {
        forms.extend([
            ("all", "_all".to_owned()),
            ("all", "*".to_owned()),
            ("all", "**".to_owned()),
            ("all but another", format!("*,-{other}")),
            ("only an exclusion", format!("-{other}")),
            ("cluster", format!("*:{index}")),
            ("selector", format!("{index}::data")),
            ("legacy sign", format!("+{index}")),
            ("blanks", format!(" {index} ")),
        ]);
    }
    forms
}

/// Every call of these routes that writes to the index. Fails for an API that this file does not know.
pub fn all(routes: &[Route], aim: &Aim) -> Vec<Call> {
    let mut calls = Vec::new();
    for route in routes.iter().chain(&further_routes()) {
        if is_harmless(&route.api) {
            continue;
        }
        by_path(route, aim, &mut calls);
        by_query(route, aim, &mut calls);
        bodies::by_body(route, aim, &mut calls);
    }
    calls
}

/// What the specification of the server alone does not list.
fn further_routes() -> Vec<Route> {
    let lines = [
        "unlisted POST /{index}/_freeze",
        "unlisted POST /{index}/_scale",
        "unlisted PUT /{index}/_settings/",
        "unlisted POST /{index}/_no_such_api",
        "unlisted POST /_create_from/x/{index}",
        "unlisted POST /_plugins/_ism/add/{index}",
        "unlisted POST /_ilm/move/{index}",
        "unlisted PATCH /{index}/_doc/1",
    ];
    let read = |line: &str| {
        let mut words = line.split(' ');
        let mut word = || words.next().expect("three words");
        Route {
            api: word().to_owned(),
            method: word().to_owned(),
            segments: segments(word()),
        }
    };
    lines.into_iter().map(read).collect()
}

/// The value of an argument that is not the index.
fn argument(name: &str, aim: &Aim) -> String {
    match name {
        "id" => "anomaly_detector-stored".to_owned(),
        "type" => "_doc".to_owned(),
        "block" => "write".to_owned(),
        "index" | "alias" => aim.other.clone(),
        "repository" => "repository".to_owned(),
        "snapshot" => "snapshot".to_owned(),
        _ => format!("made-of-{}", aim.index),
    }
}

pub fn call(route: &Route, how: &str, aim: &Aim, given: &[(&str, &str)], payload: Payload) -> Call {
    let segments = route.segments.iter().map(|(segment, is_variable)| {
        let given = given.iter().find(|(name, _)| *is_variable && name == segment);
        match given {
            Some((_, value)) => ((*value).to_owned(), true),
            None if *is_variable => (argument(segment, aim), true),
            None => (segment.clone(), false),
        }
    });
    Call {
        kind: format!("{} by {how}", route.api),
        method: route.method.clone(),
        segments: segments.collect(),
        query: Vec::new(),
        payload,
    }
}

/// A body with which the call would do something, if it is aimed by its path.
fn usual_body(route: &Route) -> Payload {
    let body = match route.api.as_str() {
        "bulk" => {
            let delete = json!({"delete": {"_id": "anomaly_detector-stored"}});
            let index = json!({"index": {"_id": "forbidden"}});
            return Payload::Lines(format!("{delete}\n{index}\n{}\n", json!({"job_id": "forbidden"})));
        }
        "create" | "index" | "unlisted" => json!({"job_id": "forbidden"}),
        "update" => json!({"doc": {"job_id": "forbidden"}}),
        "delete_by_query" | "update_by_query" => json!({"query": {"match_all": {}}}),
        "indices.put_mapping" => json!({"properties": {"forbidden": {"type": "keyword"}}}),
        "indices.put_settings" => json!({"index": {"refresh_interval": "61s"}}),
        "indices.clone" | "indices.split" | "indices.shrink" | "indices.rollover" | "indices.create" => json!({}),
        _ => return Payload::Nothing,
    };
    Payload::Document(body.to_string())
}

/// Arguments that name an index that is written to, with whether they take patterns.
const AIMED: [(&str, bool); 5] = [
    ("index", true),
    ("alias", true),
    ("new_index", false),
    ("target", false),
    ("name", false),
];

fn by_path(route: &Route, aim: &Aim, calls: &mut Vec<Call>) {
    // Names of templates, scripts and repositories are no names of indices.
    let names_index = |name: &str| {
        name != "name"
            || matches!(
                route.api.as_str(),
                "indices.put_alias" | "indices.create_data_stream" | "indices.delete_data_stream"
            )
    };
    for (name, takes_patterns) in AIMED {
        let has = route
            .segments
            .iter()
            .any(|(segment, is_variable)| *is_variable && segment == name);
        // An alias without an index is one of all indices.
        let is_of_all = name == "name" && !route.segments.iter().any(|(segment, _)| segment == "index");
        let is_alias = route.api == "indices.put_alias";
        if !has || !names_index(name) || (is_alias && is_of_all && !aim.all) {
            continue;
        }
        for (form, expression) in expressions(aim) {
            if takes_patterns || matches!(form, "name" | "alias") {
                let how = format!("path, {form}");
                calls.push(call(route, &how, aim, &[(name, &expression)], usual_body(route)));
            }
        }
    }
}

/// The index in the query, where the path has none.
fn by_query(route: &Route, aim: &Aim, calls: &mut Vec<Call>) {
    let has_index = route.segments.iter().any(|(_, is_variable)| *is_variable);
    let takes_index = matches!(
        route.api.as_str(),
        "bulk" | "indices.put_settings" | "indices.put_mapping" | "indices.put_alias"
    );
    if has_index || !takes_index {
        return;
    }
    for (form, expression) in expressions(aim) {
        let mut aimed = call(route, &format!("query, {form}"), aim, &[], usual_body(route));
        aimed.query.push(("index".to_owned(), expression));
        if route.api == "indices.put_alias" {
            aimed.query.push(("name".to_owned(), format!("made-of-{}", aim.index)));
        }
        calls.push(aimed);
    }
}
