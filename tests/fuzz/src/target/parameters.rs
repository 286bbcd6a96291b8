//! The query: every value is what its last spelling means, and separators that separate nothing do not matter.

use anomaly_gateway::es::parameters::{Known, Parameters};
use anomaly_gateway::es::percent::decode_parameter;
use anomaly_gateway::es::version::Version;

const KNOWN: Known = Known {
    times: &["timeout"],
    others: &[("expand_wildcards", Version::new(7, 15, 0))],
};

pub(super) fn check(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    let parsed = Parameters::parse(query);
    assert_eq!(Parameters::parse(&format!("&;{query}")), parsed);
    let (before, _) = query.split_once('#').unwrap_or((query, ""));
    assert_eq!(Parameters::parse(&format!("{before};&#%")), parsed);
    let Ok(parameters) = parsed else { return };
    let mut last = std::collections::BTreeMap::new();
    for pair in before.split(['&', ';']).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = |text| decode_parameter(text).expect("all of the query was read");
        last.insert(decoded(name), decoded(value));
    }
    for (name, value) in &last {
        assert_eq!(parameters.value(name), Some(value.as_str()));
        let is_flag = matches!(value.as_str(), "" | "true" | "false");
        assert_eq!(parameters.flag(name).is_ok(), is_flag);
    }
    for api in [Version::BASE, Version::new(9, 5, 3)] {
        let takes = |name: &str| {
            ["timeout", "pretty", "human", "error_trace", "filter_path", "format"].contains(&name)
                || (api >= Version::new(7, 15, 0) && name == "expand_wildcards")
        };
        let checked = parameters.check(&KNOWN, "/path", api);
        assert!(
            checked.is_err() || last.keys().all(|name| takes(name)),
            "{api}: {last:?}"
        );
    }
}
