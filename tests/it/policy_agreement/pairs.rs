//! Made-up jobs, each with a made-up policy that concerns it, or nearly. A seed makes the same ones each time.

use proptest::prelude::{Rng, RngExt as _};
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Map, Value, json};

const SEED: [u8; 32] = *b"what every command says is alike";

/// A job, and the policy that is tried on it.
pub struct Pair {
    pub job_id: String,
    pub job: Value,
    pub policy: Value,
}

/// So many pairs. Of each the policy has the job's id as its name.
pub fn pairs(count: usize) -> Vec<Pair> {
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    (0..count)
        .map(|number| Pair {
            job_id: format!("job-{number:05}"),
            job: job(&mut random, number),
            policy: policy(&mut random, number),
        })
        .collect()
}

fn one_of<T: Clone>(random: &mut impl Rng, values: &[T]) -> T {
    values[random.random_range(0..values.len())].clone()
}

fn group(number: usize) -> String {
    format!("group-{number:05}")
}

/// Some of these members.
fn some(members: Vec<(&str, Value)>, share: f64, random: &mut impl Rng) -> Map<String, Value> {
    let chosen = members.into_iter().filter(|_| random.random_bool(share));
    chosen.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn job(random: &mut impl Rng, number: usize) -> Value {
    let detector = |random: &mut _| {
        let function = one_of(
            random,
            &["count", "mean", "sum", "high_count", "rare", "no_such_function"],
        );
        match function {
            "count" | "high_count" | "no_such_function" => json!({"function": function}),
            "rare" => json!({"function": function, "by_field_name": one_of(random, &["host", "user"])}),
            _ => json!({"function": function, "field_name": one_of(random, &["bytes", "time taken", "größe"])}),
        }
    };
    let detectors: Vec<Value> = (0..random.random_range(1..4)).map(|_| detector(random)).collect();
    let mut analysis = json!({"detectors": detectors});
    if random.random_bool(0.7) {
        analysis["bucket_span"] = json!(one_of(random, &["1m", "300s", "5m", "1h", "7m", "1d"]));
    }
    let memory = one_of(
        random,
        &[json!("11mb"), json!("256mb"), json!("1gb"), json!(512), json!("lots")],
    );
    let mut job = some(
        vec![
            (
                "description",
                json!(one_of(random, &["d", "", "a \"longer\" one, 100 %"])),
            ),
            ("analysis_limits", json!({ "model_memory_limit": memory })),
            ("custom_settings", json!({"owner": "ada", "tags": [1, 2.50, null]})),
            ("results_retention_days", json!(30)),
            ("model_snapshot_retention_days", json!(20)),
        ],
        0.4,
        random,
    );
    if random.random_bool(0.6) {
        job.insert("groups".to_owned(), json!([group(number), "all"]));
    }
    job.insert("analysis_config".to_owned(), analysis);
    job.insert("data_description".to_owned(), json!({}));
    if random.random_bool(0.03) {
        job.insert("no_such_field".to_owned(), json!(1));
    }
    job.into()
}

fn policy(random: &mut impl Rng, number: usize) -> Value {
    let enforcement = one_of(random, &["enforce", "enforce", "enforce", "warn", "audit", "off"]);
    let mut policy = Map::new();
    policy.insert("name".to_owned(), json!(format!("job-{number:05}")));
    policy.insert("enforcement".to_owned(), json!(enforcement));
    if enforcement == "enforce" && random.random_bool(0.2) {
        let day = one_of(random, &["2020-01-01", "2200-01-01"]);
        policy.insert("enforce_after".to_owned(), json!(day));
    }
    let scope = match random.random_range(0..4) {
        0 => json!({"job_id": [format!("job-{number:05}")]}),
        1 => json!({"job_id": [format!("*-{number:05}"), "none"]}),
        2 => json!({"groups": ["none", group(number)]}),
        _ => json!({"job_id": [format!("?ob-{number:05}")], "users": ["*"]}),
    };
    policy.insert("match".to_owned(), scope);
    let mut asked = some(
        vec![
            ("defaults", defaults(random).into()),
            ("schema", schema(random)),
            ("rule", json!(rule(random))),
        ],
        0.5,
        random,
    );
    if asked.is_empty() {
        asked.insert("rule".to_owned(), json!("false"));
    }
    policy.append(&mut asked);
    policy.append(&mut some(
        vec![
            ("message", json!("Ask \"us\" about 100 % of it, or ü.")),
            ("link", json!("https://example.org/why")),
            ("on_error", json!(one_of(random, &["refuse", "admit"]))),
        ],
        0.4,
        random,
    ));
    if random.random_bool(0.2) {
        let mut exception = json!({"job_id": ["job-*"], "owner": "me", "reason": "testing"});
        if random.random_bool(0.7) {
            exception["expires"] = json!(one_of(random, &["2020-01-01", "2200-01-01"]));
        }
        policy.insert("exceptions".to_owned(), json!([exception]));
    }
    policy.into()
}

fn defaults(random: &mut impl Rng) -> Map<String, Value> {
    let mut defaults = some(
        vec![
            ("description", json!("from a policy")),
            ("analysis_limits", json!({"model_memory_limit": "128mb"})),
            ("analysis_config", json!({"bucket_span": "15m"})),
            ("results_retention_days", json!(60)),
            ("custom_settings", json!({"owner": "nobody", "cost": {"center": 7}})),
        ],
        0.4,
        random,
    );
    if defaults.is_empty() || random.random_bool(0.1) {
        defaults.insert("model_snapshot_retention_days".to_owned(), json!(-1));
    }
    defaults
}

fn schema(random: &mut impl Rng) -> Value {
    let of = |name: &str, schema: Value| json!({"properties": {name: schema}});
    let memory = |schema: Value| of("analysis_limits", of("model_memory_limit", schema));
    let span = |schema: Value| of("analysis_config", of("bucket_span", schema));
    let asked = [
        memory(json!({"x-max-bytes": "512mb"})),
        memory(json!({"x-min-bytes": "100mb", "x-max-bytes": "1gb"})),
        span(json!({"x-min-duration": "5m"})),
        span(json!({"x-max-duration": "1h"})),
        json!({"required": ["description", "groups"]}),
        of(
            "custom_settings",
            json!({"required": ["owner"], "properties": {"owner": {"not": {"const": "nobody"}}}}),
        ),
        of(
            "analysis_config",
            of(
                "detectors",
                json!({"maxItems": 2, "items": of("function", json!({"enum": ["count", "mean"]}))}),
            ),
        ),
        of("groups", json!({"contains": {"const": "all"}})),
        of(
            "description",
            json!({"minLength": 1, "maxLength": 12, "pattern": "^[a-z ]*$"}),
        ),
        of("results_retention_days", json!({"maximum": 45})),
    ];
    json!({"allOf": [one_of(random, &asked), one_of(random, &asked)]})
}

fn rule(random: &mut impl Rng) -> &'static str {
    one_of(
        random,
        &[
            "true",
            "false",
            "size(job.analysis_config.detectors) <= 2",
            "has(job.description) && job.description != ''",
            "job.results_retention_days < 45",
            "job.analysis_config.detectors.all(d, d.function != 'sum')",
            "job.analysis_config.detectors.exists(d, has(d.field_name) && d.field_name.matches('^gr'))",
            "job.groups.exists(g, g == 'all')",
            "'owner' in job.custom_settings",
            "job.job_id.endsWith('1') || job.model_snapshot_retention_days == 10",
        ],
    )
}
