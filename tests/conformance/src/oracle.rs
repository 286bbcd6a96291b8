//! A JVM with the server's own REST layer and job parser of one version in it, which answers cases.

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Seek, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
};

use anyhow::{Context, bail};
use cluster::{guarded, jdk::Jdk};

use crate::{
    answer::Answer,
    case::Case,
    classes,
    release::{OLDEST_JDK, Release},
    timing::Timing,
};

const MAIN_CLASS: &str = "conformance.Oracle";

/// Few cases are put to an oracle often enough to be worth the better compiler.
const STARTS_QUICKLY: &str = "-XX:TieredStopAtLevel=1";

/// A running oracle. Its JVM ends with this value, and with this process however that ends, as it then has no more
/// input.
#[derive(Debug)]
pub struct Oracle {
    release: Release,
    jvm: Child,
    questions: BufWriter<ChildStdin>,
    answers: BufReader<ChildStdout>,
    log: File,
}

impl Oracle {
    /// Starts a version's oracle, and fetches and compiles what that takes when it is the first time.
    pub fn start(release: Release) -> anyhow::Result<Self> {
        Self::start_with(release, &[STARTS_QUICKLY])
    }

    /// As [`Self::start`], with the JVM as a server has it: what is asked often is compiled as well as it can be.
    pub fn start_for_timing(release: Release) -> anyhow::Result<Self> {
        Self::start_with(release, &[])
    }

    fn start_with(release: Release, flags: &[&str]) -> anyhow::Result<Self> {
        cluster::end_with_xtask();
        let jdk = Jdk::find(OLDEST_JDK)?;
        let class_path = classes::joined(&classes::class_path(release, &jdk)?)?;
        let log = tempfile::tempfile().context("no file can be made for the oracle's log")?;
        let mut jvm = Command::new(jdk.java())
            .args(release.jvm_flags(jdk.release))
            .args(flags)
            .arg("-cp")
            .arg(class_path)
            .arg(MAIN_CLASS)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.try_clone()?)
            .spawn()
            .with_context(|| format!("{} cannot be started", jdk.java().display()))?;
        let questions = jvm.stdin.take().context("the oracle has no input")?;
        let answers = jvm.stdout.take().context("the oracle has no output")?;
        let mut oracle = Self {
            release,
            jvm,
            questions: BufWriter::new(questions),
            answers: BufReader::new(answers),
            log,
        };
        if oracle.line()?.trim_end() != "ready" {
            bail!("the oracle of {release} said something else than that it is ready");
        }
        Ok(oracle)
    }

    /// The version that answers.
    #[must_use]
    pub fn release(&self) -> Release {
        self.release
    }

    /// The JVM's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.jvm.id()
    }

    /// The answers to cases, in their order.
    pub fn ask(&mut self, cases: &[Case]) -> anyhow::Result<Vec<Answer>> {
        let api = self.release.profile();
        let questions = &mut self.questions;
        let write = move || -> std::io::Result<()> {
            for case in cases {
                questions.write_all(case.line().as_bytes())?;
            }
            questions.flush()
        };
        let (answers, log, jvm) = (&mut self.answers, &mut self.log, &mut self.jvm);
        // Both pipes have to move, or both ends wait for each other.
        thread::scope(|scope| {
            let writer = scope.spawn(write);
            let read: anyhow::Result<Vec<Answer>> = cases
                .iter()
                .map(|_| Answer::from_line(&line(answers, jvm, log)?, api))
                .collect();
            let read = read?;
            match writer.join() {
                Ok(written) => written.context("the oracle reads no more")?,
                Err(_) => bail!("the writing of cases panicked"),
            }
            Ok(read)
        })
    }

    /// How long it takes to answer a case so many times, one after the other.
    pub fn time(&mut self, case: &Case, times: u32) -> anyhow::Result<Timing> {
        writeln!(self.questions, "{}\t{times}", case.line().trim_end()).context("the oracle reads no more")?;
        self.questions.flush().context("the oracle reads no more")?;
        Timing::from_line(&self.line()?, times)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        line(&mut self.answers, &mut self.jvm, &mut self.log)
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // A drop has nobody to give an error to.
        let _ = self.jvm.kill();
        let _ = self.jvm.wait();
    }
}

/// The next line, or why there is none.
fn line(answers: &mut BufReader<ChildStdout>, jvm: &mut Child, log: &mut File) -> anyhow::Result<String> {
    let mut line = String::new();
    if answers.read_line(&mut line).context("the oracle cannot be read")? > 0 {
        return Ok(line);
    }
    let status = jvm.wait().context("the oracle cannot be waited for")?;
    log.rewind()?;
    bail!(
        "the oracle ended with {status}; it said last:\n{}",
        guarded::last_lines(log)
    )
}
