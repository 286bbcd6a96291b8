//! Two validators of JSON Schema that have nothing to do with the product's: Python's jsonschema, and ajv of npm.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cluster::packages;
use serde_json::Value;

/// A validator that runs as a process of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validator {
    /// Python's jsonschema.
    Jsonschema,
    /// ajv.
    Ajv,
}

/// What a validator says of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It fits.
    Valid,
    /// It does not.
    Invalid,
    /// It has an object with a name twice, which the validator tells before it judges.
    NameTwice,
    /// It cannot be read by the validator's reader of JSON.
    Unread,
}

impl Validator {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Jsonschema, Self::Ajv];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jsonschema => "jsonschema",
            Self::Ajv => "ajv",
        }
    }

    /// What it says of bodies, in their order.
    pub fn judge(self, schema: &Value, bodies: &[&[u8]]) -> anyhow::Result<Vec<Verdict>> {
        let folder = tempfile::tempdir().context("no folder can be made for a schema")?;
        let file = folder.path().join("schema.json");
        fs::write(&file, schema.to_string()).context("the schema cannot be written")?;
        let mut command = self.command()?;
        let mut child = command
            .arg(&file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", self.name()))?;
        let mut input = child.stdin.take().context("the validator has no input")?;
        let output = thread::scope(|scope| {
            let writer = scope.spawn(move || -> std::io::Result<()> {
                for body in bodies {
                    writeln!(input, "{}", STANDARD.encode(body))?;
                }
                Ok(())
            });
            let output = child.wait_with_output().context("the validator cannot be waited for");
            match writer.join() {
                Ok(written) => written.context("the validator reads no more").and(output),
                Err(_) => bail!("the writing of bodies panicked"),
            }
        })?;
        if !output.status.success() {
            bail!("{} ended with {}", self.name(), output.status);
        }
        let verdicts: Vec<Verdict> = output.stdout.split(|byte| *byte == b'\n').filter_map(verdict).collect();
        if verdicts.len() != bodies.len() {
            bail!("{} judged {} of {} bodies", self.name(), verdicts.len(), bodies.len());
        }
        Ok(verdicts)
    }

    fn command(self) -> anyhow::Result<Command> {
        let scripts = sources();
        Ok(match self {
            Self::Jsonschema => {
                let pins = scripts.join("requirements.txt");
                let python = packages::python("schema-validator-python", &pins, "the validator of schemas")?;
                let mut command = Command::new(python);
                command
                    .env("PYTHONDONTWRITEBYTECODE", "1")
                    .arg(scripts.join("validate.py"));
                command
            }
            Self::Ajv => node("validate.mjs")?,
        })
    }
}

fn verdict(line: &[u8]) -> Option<Verdict> {
    match line {
        b"v" => Some(Verdict::Valid),
        b"i" => Some(Verdict::Invalid),
        b"d" => Some(Verdict::NameTwice),
        b"u" => Some(Verdict::Unread),
        _ => None,
    }
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("validators")
}

/// Node.js with a script of ours, and what the scripts need from npm.
pub(crate) fn node(script: &str) -> anyhow::Result<Command> {
    let node = packages::node_js("schema-validators", &sources(), "the validators of schemas")?;
    let mut command = Command::new(node.interpreter);
    command.env("VALIDATORS", &node.place).arg(sources().join(script));
    Ok(command)
}
