//! The printed schemas: compared with Elasticsearch's own parser, and published.

use std::fs;
use std::process::Command;

use anyhow::{Context, bail};

use crate::cargo;

/// The versions whose schemas are published.
const PUBLISHED: [&str; 4] = ["7.0", "7.17", "8.19", "9.5"];

/// The versions whose parsers judge them: 7.0 itself is not published, and lies between the first two.
const JUDGES: &str = "6.8.23,7.8.1,7.17.28,8.19.21,9.5.3";

/// Puts so many jobs a version, that Elasticsearch takes, to the schemas.
pub fn compare(cases: usize) -> anyhow::Result<()> {
    let cases = cases.to_string();
    let run = ["run", "--release", "--locked", "--package", "conformance", "--"];
    let flags = ["--schema", "--seed", "2", "--versions", JUDGES, "--cases", &cases];
    cargo::run(&[run.as_slice(), &flags].concat(), &[])
}

/// Writes the published schemas, and the pages that the program prints.
pub fn publish() -> anyhow::Result<()> {
    cargo::run(&["build", "--locked", "--package", "anomaly-gateway"], &[])?;
    let root = cargo::workspace();
    fs::create_dir_all(root.join("schemas/published")).context("the folder cannot be made")?;
    for version in PUBLISHED {
        let file = root.join(format!("schemas/published/put_job-{version}.schema.json"));
        fs::write(&file, printed(&["--api", version])?).with_context(|| format!("{}", file.display()))?;
    }
    let pages = [
        ("docs/rules.md", "rules"),
        ("docs/reference/configuration.md", "keys"),
        ("docs/reference/policies.md", "policy-keys"),
        ("schemas/gateway/policies.schema.json", "policies"),
        ("docs/reference/command-line.md", "commands"),
        ("docs/reference/telemetry.md", "telemetry"),
        ("deploy/prometheus/anomaly-gateway.rules.yml", "alerts"),
        ("deploy/grafana/anomaly-gateway.json", "dashboard"),
    ];
    for folder in ["deploy/prometheus", "deploy/grafana"] {
        fs::create_dir_all(root.join(folder)).context("the folder cannot be made")?;
    }
    for (page, what) in pages {
        fs::write(root.join(page), printed(&[what])?).context(page)?;
    }
    Ok(())
}

/// What `anomaly-gateway schema` prints.
fn printed(arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
    let gateway = cargo::target().join("debug/anomaly-gateway");
    let mut command = Command::new(&gateway);
    let output = command.arg("schema").args(arguments).output();
    let output = output.with_context(|| format!("{} cannot be started", gateway.display()))?;
    if !output.status.success() {
        bail!("`schema {}` failed", arguments.join(" "));
    }
    Ok(output.stdout)
}
