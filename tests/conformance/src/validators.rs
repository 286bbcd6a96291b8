//! Two validators of JSON Schema that have nothing to do with the product's: Python's jsonschema, and ajv of npm.

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cluster::{
    Doing as _,
    cache::Entry,
    guarded::{self, Output},
    progress,
};
use serde_json::Value;

const PYTHON: &str = "Python 3.10 or newer with pip (packages python3 and python3-pip)";
const NODE: &str = "Node.js 20 or newer with npm (packages nodejs and npm)";
const PINS: [&str; 2] = ["package.json", "package-lock.json"];

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
                let mut command = Command::new(python()?);
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

/// An interpreter of Python with what the script needs from pip.
fn python() -> anyhow::Result<PathBuf> {
    let pins = sources().join("requirements.txt");
    let text = fs::read_to_string(&pins).context("requirements.txt cannot be read")?;
    let interpreter = |environment: &Path| environment.join("bin/python");
    let entry = Entry {
        name: "schema-validator-python",
        made_from: &[&text],
        // It refers to the interpreter that it was made with.
        is_usable: &|place| interpreter(place).exists(),
    };
    let place = entry.or_fill(|folder| {
        let python = guarded::find_program("python3", PYTHON, None)?;
        let run = |arguments: &[&OsStr]| guarded::run(&python, arguments.to_vec(), &[], Output::KeptForTheError);
        progress::step("installing the validator of schemas with pip", || {
            let [module, venv, pip] = ["-m", "venv", "pip"].map(OsStr::new);
            run(&[module, venv, OsStr::new("--without-pip"), folder.as_os_str()])?;
            let quiet = ["--quiet", "--disable-pip-version-check", "--python"].map(OsStr::new);
            let target = interpreter(folder);
            let install = ["install", "--no-deps", "--requirement"].map(OsStr::new);
            let pip = [
                &[module, pip],
                &quiet[..],
                &[target.as_os_str()],
                &install[..],
                &[pins.as_os_str()],
            ];
            run(&pip.concat())
        })
    })?;
    Ok(interpreter(&place))
}

/// Node.js with a script of ours, and what the scripts need from npm.
pub(crate) fn node(script: &str) -> anyhow::Result<Command> {
    let node = guarded::find_program("node", NODE, None)?;
    let read = |name: &str| fs::read_to_string(sources().join(name)).with_context(|| format!("{name} cannot be read"));
    let [manifest, lock] = PINS.map(read);
    let entry = Entry {
        name: "schema-validators",
        made_from: &[&manifest?, &lock?],
        is_usable: &|place| place.join("node_modules").is_dir(),
    };
    let place = entry.or_fill(|folder| {
        let npm = guarded::find_program("npm", NODE, None)?;
        for name in PINS {
            fs::copy(sources().join(name), folder.join(name)).doing(|| format!("copying {name}"))?;
        }
        let clean = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"].map(OsString::from);
        progress::step("installing the validators of schemas with npm", || {
            guarded::run(
                &npm,
                [&clean[..], &[folder.into()]].concat(),
                &[],
                Output::KeptForTheError,
            )
        })
    })?;
    let mut command = Command::new(node);
    command.env("VALIDATORS", &place).arg(sources().join(script));
    Ok(command)
}
