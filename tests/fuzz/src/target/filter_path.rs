//! `filter_path`: what is left of an answer is JSON, is part of it, and stays as it is when filtered again.

use anomaly_gateway::es::version::Version;
use anomaly_gateway::xcontent::filter_path::filter;
use serde_json::Value;

const VERSIONS: [Version; 2] = [Version::new(7, 17, 28), Version::new(9, 5, 3)];

/// The first line is the filter, the rest the answer.
pub(super) fn check(bytes: &[u8]) {
    let (paths, document) = super::first_line(bytes);
    let (Ok(paths), Ok(document)) = (std::str::from_utf8(paths), std::str::from_utf8(document)) else {
        return;
    };
    // Answers are what the gateway wrote: objects on one line, without duplicate names.
    let Ok(value @ Value::Object(_)) = serde_json::from_str::<Value>(document) else {
        return;
    };
    let document = value.to_string();
    for api in VERSIONS {
        let kept = filter(document.clone(), paths, api);
        let part: Value = serde_json::from_str(&kept).unwrap_or_else(|error| panic!("{kept} is no JSON: {error}"));
        assert!(is_part(&part, &value), "{kept} is no part of {document}");
        assert_eq!(filter(kept.clone(), paths, api), kept, "filtered again");
        if paths.split(',').all(str::is_empty) {
            assert_eq!(kept, document, "nothing was to be filtered");
        }
    }
}

fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(name, part)| whole.get(name).is_some_and(|whole| is_part(part, whole))),
        (Value::Array(part), Value::Array(whole)) => {
            let mut rest = whole.iter();
            part.iter().all(|part| rest.any(|whole| is_part(part, whole)))
        }
        _ => part == whole,
    }
}
