//! What an index is like, as `GET /<name>` shows it, and whether documents can be kept in it.

use serde_json::Value;

use super::error::UntrustedIndex;

/// The settings by which an index names the pipelines that every document runs through. A write can switch the first one
/// off for itself, but not the second.
const PIPELINES: [&str; 2] = ["default_pipeline", "final_pipeline"];

/// What they say where there is no pipeline.
const NO_PIPELINE: &str = "_none";

/// What the description of an alias has, where it does not lead to all of its index.
const LIMITS_OF_ALIASES: [&str; 4] = ["filter", "routing", "index_routing", "search_routing"];

/// An index that was just there, with whatever mapping.
#[derive(Debug)]
pub struct FoundIndex {
    /// The path by which it is called, without a slash at the end.
    pub(super) path: String,
    /// Its own name, by which the cluster speaks of it.
    pub(super) index: String,
    /// The revision of its mapping, if the gateway has made it.
    pub(super) revision: Option<u64>,
    /// What the gateway has made it for, where it has said so.
    pub(super) contents: Option<String>,
}

impl FoundIndex {
    /// What `page`, the cluster's description, says of the index of this name; none if it says nothing.
    pub(super) fn read(path: String, name: &str, page: &Value) -> Result<Option<Self>, UntrustedIndex> {
        let Some(indices) = page.as_object().filter(|indices| !indices.is_empty()) else {
            return Ok(None);
        };
        let alias = || UntrustedIndex::Alias {
            alias: name.to_owned(),
            indices: indices.keys().cloned().collect(),
        };
        let mut described = indices.iter();
        let (Some((index, description)), None) = (described.next(), described.next()) else {
            return Err(alias());
        };
        let revision = description
            .pointer("/mappings/_meta/anomaly_gateway/revision")
            .and_then(Value::as_u64);
        let contents = description
            .pointer("/mappings/_meta/anomaly_gateway/contents")
            .and_then(Value::as_str)
            .map(str::to_owned);
        if index != name {
            let by_this_name = description.get("aliases").and_then(|aliases| aliases.get(name));
            let leads_to_all = |alias: &Value| LIMITS_OF_ALIASES.iter().all(|limit| alias.get(limit).is_none());
            if revision.is_none() || !by_this_name.is_some_and(leads_to_all) {
                return Err(alias());
            }
        }
        for setting in PIPELINES {
            let value = description.pointer(&format!("/settings/index/{setting}"));
            match value.map(|value| (value, value.as_str())) {
                None | Some((_, Some(NO_PIPELINE))) => {}
                Some((value, pipeline)) => {
                    return Err(UntrustedIndex::Pipeline {
                        index: index.clone(),
                        setting: if setting == PIPELINES[0] {
                            "index.default_pipeline"
                        } else {
                            "index.final_pipeline"
                        },
                        pipeline: pipeline.map_or_else(|| value.to_string(), str::to_owned),
                    });
                }
            }
        }
        Ok(Some(Self {
            path,
            index: index.clone(),
            revision,
            contents,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(page: &Value) -> Result<Option<FoundIndex>, UntrustedIndex> {
        FoundIndex::read("/jobs".to_owned(), "jobs", page)
    }

    fn index(settings: &Value, aliases: &Value) -> Value {
        let mappings = json!({"_meta": {"anomaly_gateway": {"revision": 2}}});
        json!({"aliases": aliases, "mappings": mappings, "settings": {"index": settings}})
    }

    #[test]
    fn an_index_is_found_with_its_revision() {
        let own = index(
            &json!({"default_pipeline": "_none", "final_pipeline": "_none"}),
            &json!({}),
        );
        let found = read(&json!({"jobs": own})).expect("trusted").expect("found");
        assert_eq!((found.index.as_str(), found.revision), ("jobs", Some(2)));
        let somebodys = json!({"jobs": {"aliases": {}, "mappings": {}, "settings": {"index": {}}}});
        assert_eq!(read(&somebodys).expect("trusted").expect("found").revision, None);
    }

    #[test]
    fn what_describes_no_index_is_no_index() {
        for page in [json!({}), json!([]), Value::Null, json!("jobs")] {
            assert!(read(&page).expect("no reason to distrust").is_none(), "{page}");
        }
    }

    #[test]
    fn an_index_with_a_pipeline_is_not_trusted() {
        for (name, value) in [
            ("default_pipeline", json!("p")),
            ("final_pipeline", json!("p")),
            ("final_pipeline", json!("")),
            ("final_pipeline", json!(null)),
        ] {
            let page = json!({"jobs": index(&json!({name: value}), &json!({}))});
            let error = read(&page).expect_err("it is not trusted");
            assert!(error.to_string().contains(name), "{error}");
        }
    }

    #[test]
    fn an_alias_is_trusted_if_it_leads_to_all_of_one_index_of_the_gateways() {
        let settings = json!({});
        let page = json!({"jobs-1": index(&settings, &json!({"jobs": {}}))});
        assert_eq!(read(&page).expect("trusted").expect("found").index, "jobs-1");
        let unmarked = json!({"aliases": {"jobs": {}}, "mappings": {}, "settings": {"index": {}}});
        for page in [
            json!({ "other": unmarked }),
            json!({"a": index(&settings, &json!({"jobs": {}})), "b": index(&settings, &json!({"jobs": {}}))}),
            json!({"a": index(&settings, &json!({"jobs": {"filter": {"term": {"a": 1}}}}))}),
            json!({"a": index(&settings, &json!({"jobs": {"index_routing": "1", "search_routing": "1"}}))}),
            json!({"a": index(&settings, &json!({}))}),
        ] {
            assert!(matches!(read(&page), Err(UntrustedIndex::Alias { .. })), "{page}");
        }
    }
}
