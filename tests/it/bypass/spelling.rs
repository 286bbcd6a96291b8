//! Spellings of the call's target, and which of them Elasticsearch would take for the call.

/// One spelling.
#[derive(Debug, Clone)]
pub(super) struct Spelling {
    /// What is odd about it.
    pub(super) kind: &'static str,
    pub(super) target: String,
    /// It is of an update, and not of a create.
    pub(super) is_update: bool,
}

/// What comes before the id. The plain ones stand here several times, so that they are met with every field and body.
const PREFIXES: &[(&str, &str)] = &[
    ("plain", "/_ml/anomaly_detectors/"),
    ("plain", "/_ml/anomaly_detectors/"),
    ("plain", "/_ml/anomaly_detectors/"),
    ("plain", "/_ml/anomaly_detectors/"),
    ("plain", "/_xpack/ml/anomaly_detectors/"),
    ("plain", "/_xpack/ml/anomaly_detectors/"),
    ("plain", "/_xpack/ml/anomaly_detectors/"),
    ("plain", "/_xpack/ml/anomaly_detectors/"),
    ("no slash", "_ml/anomaly_detectors/"),
    ("no slash", "_xpack/ml/anomaly_detectors/"),
    ("absolute", "http://h:9200/_ml/anomaly_detectors/"),
    ("absolute", "HTTP://h/_xpack/ml/anomaly_detectors/"),
    ("absolute", "https://u:p@h/_ml/anomaly_detectors/"),
    ("double slash", "//_ml/anomaly_detectors/"),
    ("double slash", "/_ml//anomaly_detectors/"),
    ("double slash", "/_ml/anomaly_detectors//"),
    ("double slash", "/_xpack//ml/anomaly_detectors/"),
    ("dots", "/x/../_ml/anomaly_detectors/"),
    ("dots", "/./_ml/anomaly_detectors/"),
    ("dots", "/%2e/_ml/anomaly_detectors/"),
    ("dots", "/_ml/./anomaly_detectors/"),
    ("dots", "/_xpack/./ml/anomaly_detectors/"),
    ("backslash", "/_ml\\anomaly_detectors\\"),
    ("backslash", "\\_ml/anomaly_detectors/"),
    ("encoded", "/%5Fml/anomaly_detectors/"),
    ("encoded", "/_ml/%61nomaly_detectors/"),
    ("encoded", "/_ml%2Fanomaly_detectors/"),
    ("encoded", "/_xpack/%6dl/anomaly_detectors/"),
    ("case", "/_ML/anomaly_detectors/"),
    ("case", "/_ml/Anomaly_Detectors/"),
    ("parameter", "/_ml;v=1/anomaly_detectors/"),
    ("parameter", "/_ml/anomaly_detectors;v=1/"),
    ("other", "/_xpack/_ml/anomaly_detectors/"),
    ("other", "/?/_ml/anomaly_detectors/"),
    ("other", "/#/_ml/anomaly_detectors/"),
    ("other", "/\u{ff3f}ml/anomaly_detectors/"),
    ("other", "/_ml/anomaly_detectors\u{0}/"),
];

const IDS: &[&str] = &["job", "%6Aob", "jo%62", "j%6f%62"];

const SUFFIXES: &[&str] = &[
    "",
    "/",
    "///",
    "?pretty",
    "/?timeout=1s&master_timeout=1s",
    "??",
    "?a=b#c",
    "#x",
    "%23",
    ";v=1",
    "/.",
    "/..",
    "/%2e",
    "?filter_path=*",
    "?job_id=other",
    "?dry_run=false",
    "?",
];

/// All of them.
pub(super) fn all() -> Vec<Spelling> {
    let mut all = Vec::new();
    for (kind, prefix) in PREFIXES {
        for id in IDS {
            for suffix in SUFFIXES {
                for (call, is_update) in [("", false), ("/_update", true)] {
                    let target = format!("{prefix}{id}{call}{suffix}");
                    all.push(Spelling {
                        kind,
                        target,
                        is_update,
                    });
                }
            }
        }
    }
    all
}

/// Whether some version of Elasticsearch would take a request with this target, as it arrives at the node, for the call
/// (http.md §1.1, §1.2): literal segments are compared raw, one empty segment at the start and any at the end do
/// not count, and the query begins at the first `?`.
pub(super) fn is_routed(method: &str, target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let mut segments: Vec<&str> = path.split('/').collect();
    while segments.last() == Some(&"") {
        segments.pop();
    }
    if segments.first() == Some(&"") {
        segments.remove(0);
    }
    if let ["_ml", "anomaly_detectors", _, "_update"] | ["_xpack", "ml", "anomaly_detectors", _, "_update"] =
        segments.as_slice()
    {
        return method == "POST";
    }
    let id = match segments.as_slice() {
        ["_ml", "anomaly_detectors", id] | ["_xpack", "ml", "anomaly_detectors", id] => *id,
        _ => return false,
    };
    method == "PUT" && !id.is_empty() && !["_stats", "_validate", "_estimate_model_memory"].contains(&id)
}
