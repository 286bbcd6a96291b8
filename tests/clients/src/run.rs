//! Has a client go through its script, and gives the transcript.

use std::{
    fs::File,
    io::{Read, Seek},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use crate::{catalogue::Client, install, transcript::Transcript};

/// Many times what a script takes.
const PATIENCE: Duration = Duration::from_secs(180);

/// Where a script is run.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The cluster, or the gateway before it.
    pub url: &'a str,
    /// An upstream that is unavailable at first, or the gateway before it.
    pub unavailable: &'a str,
}

/// A client's transcript. Fetches the client first, when it is the first time.
pub fn run(client: &Client, run: Run<'_>) -> anyhow::Result<Transcript> {
    let mut script = install::program(client)?;
    script.args([run.url, run.unavailable]).arg(jobs());
    heard(client, script)
}

/// The same of what a client in Python does with jobs, and with nothing else.
pub fn run_jobs(client: &Client, url: &str) -> anyhow::Result<Transcript> {
    let mut script = install::jobs_program(client)?;
    script.arg(url).arg(jobs());
    heard(client, script)
}

/// The same of what a client does with a job from its creation to its deletion.
pub fn run_life(client: &Client, url: &str) -> anyhow::Result<Transcript> {
    let mut script = install::life_program(client)?;
    script.arg(url).arg(jobs());
    heard(client, script)
}

/// The file with the jobs that are created.
fn jobs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs.json")
}

/// What a script writes.
fn heard(client: &Client, mut script: Command) -> anyhow::Result<Transcript> {
    let (mut output, mut log) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let mut child = script
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(log.try_clone()?)
        .spawn()
        .with_context(|| format!("the script of {client} cannot be started"))?;
    let status = ended(&mut child)?;
    let (output, log) = (text(&mut output)?, text(&mut log)?);
    if !status.success() {
        bail!("the script of {client} ended with {status}; it said:\n{log}\nand wrote:\n{output}");
    }
    Transcript::read(&output).with_context(|| format!("{client} said:\n{log}"))
}

fn ended(child: &mut Child) -> anyhow::Result<ExitStatus> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill()?;
    child.wait()?;
    bail!("a script has not ended in {} s", PATIENCE.as_secs())
}

fn text(file: &mut File) -> anyhow::Result<String> {
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(text)
}
