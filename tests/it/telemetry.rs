//! What `/metrics` shows is what is declared and documented, and the figures that are about the gateway itself are right.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anomaly_gateway::telemetry::families;
use anomaly_gateway::telemetry::family::{Family, Values};

use crate::support::authority::{Authority, Files};
use crate::support::gateway::Gateway;
use crate::support::wire::eventually;

const NOBODY: &str = "http://127.0.0.1:1";

/// A sample: the name of its metric without what a histogram adds, its labels, and its value.
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

fn samples(gateway: &Gateway) -> Vec<Sample> {
    let text = gateway.ask_admin("GET", "/metrics").text();
    let histograms: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" histogram"))
        .map(str::to_owned)
        .collect();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let read = lines.map(|line| {
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let labels = labels.strip_suffix('}').expect("labels end");
        let labels = labels.split("\",").filter(|label| !label.is_empty()).map(|label| {
            let (label, value) = label.split_once("=\"").expect("a label");
            (label.to_owned(), value.trim_end_matches('"').to_owned())
        });
        let base = ["_bucket", "_sum", "_count"]
            .into_iter()
            .filter_map(|suffix| name.strip_suffix(suffix))
            .find(|base| histograms.contains(*base));
        Sample {
            name: base.unwrap_or(name).to_owned(),
            labels: labels.collect(),
            value: value.parse().expect("a number"),
        }
    });
    read.collect()
}

fn check(family: &Family, sample: &Sample) {
    let mut labels = sample.labels.clone();
    labels.remove("le");
    let declared: BTreeSet<_> = family.labels.iter().map(|label| label.name).collect();
    let shown: BTreeSet<_> = labels.keys().map(String::as_str).collect();
    assert_eq!(shown, declared, "{}", family.name);
    for label in family.labels {
        if let Values::Listed(words) = label.values {
            let value = labels[label.name].as_str();
            let is_listed = words().iter().any(|word| word.name == value);
            assert!(is_listed, "{}: {}={value}", family.name, label.name);
        }
    }
}

#[test]
fn metrics_are_those_that_are_declared_and_all_of_them_are_there_from_the_start() {
    let policies = "policies: [{name: small, enforcement: enforce, enforce_after: 2099-01-01, rule: 'true'}]";
    let (files, authority) = (Files::new(), Authority::new("an authority"));
    files.write("policies.yml", policies);
    files.write_identity("gateway", &authority.sign("gateway", &["localhost"]));
    let yaml = format!(
        "admin: {{listen: '127.0.0.1:0'}}\npolicies: {{files: ['{}']}}\ntls: {{certificate: '{}', key: '{}'}}",
        files.text("policies.yml"),
        files.text("gateway.pem"),
        files.text("gateway-key.pem"),
    );
    files.write("gateway.yml", &yaml);
    let gateway = Gateway::with(&[NOBODY], &["--config", &files.text("gateway.yml")]);
    let samples = samples(&gateway);
    let declared: BTreeMap<_, _> = families::all().map(|family| (family.name, family)).collect();
    for sample in &samples {
        let family = declared.get(sample.name.as_str());
        check(
            family.unwrap_or_else(|| panic!("{} is not declared", sample.name)),
            sample,
        );
        // The process has taken time already.
        if sample.name.ends_with("_total") && !sample.name.starts_with("process_") {
            assert!(
                sample.value.abs() < f64::EPSILON,
                "{} before anything has happened",
                sample.name
            );
        }
    }
    let shown: BTreeSet<_> = samples.iter().map(|sample| sample.name.as_str()).collect();
    // Those of scans are there once there was one.
    let expected = declared
        .keys()
        .filter(|name| !name.starts_with("anomaly_gateway_scan_"));
    assert_eq!(shown, expected.copied().collect());
    let enforcements: BTreeSet<_> = samples
        .iter()
        .filter(|sample| sample.name == "anomaly_gateway_policy_violations_total")
        .map(|sample| (sample.labels["policy"].as_str(), sample.labels["enforcement"].as_str()))
        .collect();
    let expected = [("small", "enforce"), ("small", "warn")];
    assert_eq!(enforcements, BTreeSet::from(expected));
}

#[test]
fn the_expiry_of_certificates_is_shown_and_follows_the_files() {
    let (files, authority) = (Files::new(), Authority::new("an authority"));
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let (near, far) = (now + 3600, now + 90 * 86_400);
    files.write_identity("gateway", &authority.sign_until("gateway", &["localhost"], near));
    let yaml = format!(
        "admin: {{listen: '127.0.0.1:0'}}\ntls: {{certificate: '{}', key: '{}'}}",
        files.text("gateway.pem"),
        files.text("gateway-key.pem"),
    );
    files.write("gateway.yml", &yaml);
    let gateway = Gateway::with(&[NOBODY], &["--config", &files.text("gateway.yml")]);
    let metric = |series: &str| {
        let text = gateway.ask_admin("GET", "/metrics").text();
        let value = text.lines().find_map(|line| line.strip_prefix(series));
        value
            .unwrap_or_else(|| panic!("there is no {series}"))
            .trim()
            .parse::<u64>()
            .expect("a number")
    };
    let not_after = || metric("anomaly_gateway_certificate_not_after_seconds{side=\"tls\"}");
    let reloads = |outcome: &str| {
        metric(&format!(
            "anomaly_gateway_certificate_reloads_total{{side=\"tls\",outcome=\"{outcome}\"}}"
        ))
    };
    assert_eq!((not_after(), reloads("used"), reloads("refused")), (near, 0, 0));
    files.write_identity("gateway", &authority.sign_until("gateway", &["localhost"], far));
    eventually("that the next certificate is in use", || not_after() == far);
    assert_eq!(reloads("used"), 1);
    // What cannot be used changes nothing.
    files.write("gateway.pem", "nothing");
    eventually("that it was refused", || reloads("refused") == 1);
    assert_eq!(not_after(), far);
    gateway.logged(&[
        "ERROR anomaly_gateway::server",
        "certificates could not be reloaded",
        "side=\"tls\"",
        "cause=\"change\"",
    ]);
}

#[test]
fn a_chain_expires_with_the_first_of_its_certificates() {
    let (files, authority) = (Files::new(), Authority::new("an authority"));
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let own = authority.sign_until("gateway", &["localhost"], now + 7200);
    let other = authority.sign_until("another", &["localhost"], now + 3600);
    files.write("gateway.pem", &format!("{}{}", own.certificate, other.certificate));
    files.write("gateway-key.pem", &own.key);
    let identity = anomaly_gateway::tls::IdentityFiles {
        certificate: files.path("gateway.pem"),
        key: files.path("gateway-key.pem"),
    };
    assert_eq!(identity.not_after(), Some(now + 3600));
}

#[test]
fn every_worker_measures_its_lag() {
    let gateway = Gateway::configured(&[NOBODY], "admin: {listen: '127.0.0.1:0'}");
    let workers = std::thread::available_parallelism().expect("a number").get();
    eventually("a measurement", || {
        let count = |sample: &&Sample| sample.name == "anomaly_gateway_worker_lag_seconds" && sample.value > 0.0;
        samples(&gateway).iter().filter(count).count() > 0
    });
    let overdue: BTreeSet<_> = samples(&gateway)
        .into_iter()
        .filter(|sample| sample.name == "anomaly_gateway_worker_overdue_seconds")
        .map(|sample| sample.labels["worker"].clone())
        .collect();
    assert_eq!(overdue, (0..workers).map(|number| number.to_string()).collect());
}

/// Whoever adds a line that operators see declares it, and so it is on the page.
#[test]
fn no_line_of_info_or_above_is_written_but_by_an_event_that_is_declared() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/**/*.rs");
    let sources = glob::glob(sources.to_str().expect("a path in UTF-8")).expect("a glob");
    let mut undeclared = Vec::new();
    for source in sources.map(|source| source.expect("a file")) {
        let text = fs::read_to_string(&source).expect("a text");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let is_written = |macro_name: &&str| code.contains(&format!("tracing::{macro_name}!"));
        if let Some(level) = ["error", "warn", "info"].iter().find(|level| is_written(level)) {
            undeclared.push(format!("{}: {level}", source.display()));
        }
    }
    assert!(
        undeclared.is_empty(),
        "declare them in src/telemetry/events: {undeclared:#?}"
    );
}
