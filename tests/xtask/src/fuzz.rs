//! Runs the fuzz targets: by libFuzzer, guided by coverage, where there is a C++ compiler to build it with; else by the
//! engine of the crate `fuzz`, which is blind and needs nothing.
//!
//! The instrumentation is a pass of the compiler's own LLVM, which stable Rust lets one ask for; no nightly toolchain
//! and no other program takes part.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, bail};

use crate::cargo;

/// What makes the compiler count which branches are taken, and note what is compared.
const INSTRUMENTATION: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// The longest input in bytes, the longest time for one in seconds, and the most memory in MiB.
const LIMITS: [&str; 3] = ["-max_len=16384", "-timeout=10", "-rss_limit_mb=2048"];

/// Runs one target, or each of them, for so many minutes.
pub fn run(target: Option<&str>, minutes: f64) -> anyhow::Result<()> {
    let build = ["build", "--profile", "fuzz", "--locked", "--package", "fuzz"];
    cargo::run(&[&build[..], &["--bin", "fuzz"]].concat(), &[])?;
    let command = cargo::target().join("fuzz/fuzz");
    let named = match target {
        Some(target) => vec![target.to_owned()],
        None => targets(&command)?,
    };
    let guided = if has_cpp_compiler() {
        Some(instrumented(&build)?)
    } else {
        println!("There is no C++ compiler: the targets are run without the guidance of coverage.");
        None
    };
    for target in named {
        let place = cargo::target().join("fuzzing").join(&target);
        fs::create_dir_all(place.join("findings"))?;
        match &guided {
            Some(program) => by_coverage(&command, program, &target, &place, minutes)?,
            None => blindly(&command, &target, &place, minutes)?,
        }
    }
    Ok(())
}

fn targets(command: &Path) -> anyhow::Result<Vec<String>> {
    let output = Command::new(command).arg("targets").output()?;
    let names = String::from_utf8(output.stdout).context("the names of the targets are no text")?;
    Ok(names.lines().map(str::to_owned).collect())
}

fn has_cpp_compiler() -> bool {
    let compiler = env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let mut ask = Command::new(compiler);
    ask.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    ask.status().is_ok_and(|status| status.success())
}

/// Builds libFuzzer's program. The flags are for the target only, not for what runs while it is built, and to tell the
/// two apart cargo wants the target to be named.
fn instrumented(build: &[&str]) -> anyhow::Result<std::path::PathBuf> {
    let host = host()?;
    let flags = format!("CARGO_TARGET_{}_RUSTFLAGS", host.to_uppercase().replace('-', "_"));
    let arguments = [
        build,
        &["--bin", "coverage", "--features", "coverage", "--target", &host],
    ]
    .concat();
    cargo::run(&arguments, &[(&flags, INSTRUMENTATION)])?;
    Ok(cargo::target().join(host).join("fuzz/coverage"))
}

/// The name of this machine as the compiler has it.
fn host() -> anyhow::Result<String> {
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler)
        .arg("-vV")
        .output()
        .context("rustc cannot be started")?;
    let told = String::from_utf8(output.stdout).context("rustc says no text")?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say what machine this is")?.to_owned())
}

/// What was reached before is where the next run starts.
fn by_coverage(command: &Path, program: &Path, target: &str, place: &Path, minutes: f64) -> anyhow::Result<()> {
    let (corpus, seeds, words) = (place.join("corpus"), place.join("seeds"), place.join("words"));
    fs::create_dir_all(&corpus)?;
    let mut write = Command::new(command);
    must_succeed(write.args(["seeds", target]).arg(&seeds).arg(&words), target)?;
    let mut run = Command::new(program);
    run.env("FUZZ_TARGET", target).arg(&corpus).arg(&seeds).args(LIMITS);
    run.arg(format!("-max_total_time={:.0}", minutes * 60.0));
    run.arg(format!("-artifact_prefix={}/findings/", place.display()));
    if fs::metadata(&words).is_ok_and(|words| words.len() > 0) {
        run.arg(format!("-dict={}", words.display()));
    }
    println!("\n== {target}, guided by coverage, for {minutes} minutes");
    must_succeed(run.arg("-print_final_stats=1"), target)
}

fn blindly(command: &Path, target: &str, place: &Path, minutes: f64) -> anyhow::Result<()> {
    println!("\n== {target}, for {minutes} minutes");
    let mut run = Command::new(command);
    run.args(["run", target, "--minutes", &minutes.to_string(), "--findings"]);
    must_succeed(run.arg(place.join("findings")), target)
}

fn must_succeed(command: &mut Command, target: &str) -> anyhow::Result<()> {
    if command.status()?.success() {
        return Ok(());
    }
    bail!("{target} does not hold; what for is in target/fuzzing/{target}/findings, and `fuzz repeat` runs it again")
}
