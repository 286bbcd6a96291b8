//! What is released: an archive, a package for Debian, the bill of materials, and the checksums of all of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{cargo, checks, installation, tools};

const PACKAGE: &str = "anomaly-gateway";

/// The versions of what makes the package and the bill of materials.
const CARGO_DEB: &str = "3.8.0";
const CARGO_CYCLONEDX: &str = "0.5.9";

/// What goes into the archive beside the program, from the top of the project.
const BESIDE: [&str; 7] = [
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "SECURITY.md",
    "docs",
    "deploy",
    "schemas",
];

/// Writes everything to `target/dist`, and tries the package and the archive.
pub fn run() -> anyhow::Result<()> {
    let program = checks::released()?;
    let dist = emptied(cargo::target().join("dist"))?;
    generate(&program)?;
    let (version, target) = (version(&program)?, target()?);
    let name = format!("{PACKAGE}-{version}-{target}");
    let time = time_of_the_last_commit()?;

    let bill = bill_of_materials(&target, &time)?;
    fs::write(dist.join(format!("{name}.cdx.json")), bill)?;
    let archive = archive(&dist, &name, &program, &time)?;
    let package = debian_package(&dist, &time)?;
    checksums(&dist)?;

    unpacked(&archive, &name)?;
    println!("== the gateway in the archive takes the configuration in it");
    installation::try_out(&package, &version)?;
    println!("\n== {}", dist.display());
    Ok(())
}

/// Runs a program, which has to end well, and gives what it prints.
fn output(command: &mut Command) -> anyhow::Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("`{name}` cannot be started"))?;
    ensure!(output.status.success(), "`{name}` failed");
    String::from_utf8(output.stdout).with_context(|| format!("what `{name}` prints is no text"))
}

/// The folder, with nothing in it.
fn emptied(folder: PathBuf) -> anyhow::Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder).context("what was made before cannot be removed")?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The version that the program says it has.
fn version(program: &Path) -> anyhow::Result<String> {
    let said = output(Command::new(program).arg("--version"))?;
    let version = said.split_whitespace().last().context("the program says no version")?;
    Ok(version.to_owned())
}

/// What the compiler builds for.
fn target() -> anyhow::Result<String> {
    let said = output(Command::new("rustc").arg("-vV"))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc says no host")?.to_owned())
}

/// In seconds since 1970: what is made bears it, so that the same sources make the same files.
fn time_of_the_last_commit() -> anyhow::Result<String> {
    let git = ["log", "-1", "--format=%ct"];
    let time = output(Command::new("git").args(git).current_dir(cargo::workspace()))?;
    Ok(time.trim().to_owned())
}

/// Where the manual pages and completions are, which the program prints. `Cargo.toml` names it as well.
fn generated() -> PathBuf {
    cargo::workspace().join("target/generated")
}

fn generate(program: &Path) -> anyhow::Result<()> {
    let folder = emptied(generated())?;
    let completions = folder.join("completions");
    fs::create_dir_all(&completions)?;
    output(Command::new(program).arg("man").arg(folder.join("man")))?;
    for shell in ["bash", "fish", "zsh"] {
        let text = output(Command::new(program).args(["completions", shell]))?;
        fs::write(completions.join(format!("{PACKAGE}.{shell}")), text)?;
    }
    Ok(())
}

/// The crates that the program is built from, as `CycloneDX`, by cargo-cyclonedx. It writes a file beside the manifest of
/// each member of the workspace, of which the gateway's is wanted.
fn bill_of_materials(target: &str, time: &str) -> anyhow::Result<String> {
    let cyclonedx = tools::installed("cargo-cyclonedx", CARGO_CYCLONEDX)?;
    let file = format!("{PACKAGE}.cdx");
    let mut command = Command::new(cyclonedx);
    command
        .args(["cyclonedx", "--format", "json", "--spec-version", "1.5"])
        .args(["--no-build-deps", "--target", target, "--override-filename", &file])
        .env("SOURCE_DATE_EPOCH", time)
        .current_dir(cargo::workspace());
    let made = output(&mut command);
    let written = members()?.into_iter().map(|folder| folder.join(format!("{file}.json")));
    let written: Vec<_> = written.filter(|file| file.is_file()).collect();
    let of_gateway = cargo::workspace().join(format!("{file}.json"));
    let bill = fs::read_to_string(&of_gateway).context("cargo-cyclonedx has written no bill of materials");
    for file in &written {
        fs::remove_file(file)?;
    }
    made?;
    // Where the project was built is nobody's concern.
    let bill = bill?.replace(&format!("file://{}", cargo::workspace().display()), "file://.");
    let parsed: Value = serde_json::from_str(&bill).context("the bill of materials is no JSON")?;
    let has = |name: &str| {
        let components = parsed["components"].as_array();
        components.is_some_and(|all| all.iter().any(|component| component["name"] == name))
    };
    ensure!(
        has("hyper") && has("rustls") && !has("insta"),
        "the bill of materials has others than the gateway's crates"
    );
    Ok(bill)
}

/// The folders of the members of the workspace.
fn members() -> anyhow::Result<Vec<PathBuf>> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(["metadata", "--no-deps", "--locked", "--format-version", "1"])
        .current_dir(cargo::workspace());
    let metadata: Value = serde_json::from_str(&output(&mut command)?).context("cargo's metadata is no JSON")?;
    let packages = metadata["packages"].as_array().context("there are no packages")?;
    let manifests = packages.iter().filter_map(|package| package["manifest_path"].as_str());
    Ok(manifests
        .filter_map(|manifest| Path::new(manifest).parent())
        .map(Path::to_owned)
        .collect())
}

/// The archive, in which everything belongs to nobody in particular.
fn archive(dist: &Path, name: &str, program: &Path, time: &str) -> anyhow::Result<PathBuf> {
    let stage = tempfile::tempdir()?;
    let top = stage.path().join(name);
    fs::create_dir_all(top.join("bin"))?;
    fs::copy(program, top.join("bin").join(PACKAGE))?;
    let beside = BESIDE.map(|each| cargo::workspace().join(each));
    let printed = ["man", "completions"].map(|each| generated().join(each));
    for from in beside.iter().chain(&printed) {
        output(Command::new("cp").arg("-R").arg(from).arg(&top))?;
    }
    let archive = dist.join(format!("{name}.tar.gz"));
    let mut tar = Command::new("tar");
    tar.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner"])
        .args(["--mode=u+rw,go+r,go-w", &format!("--mtime=@{time}")])
        .args(["--use-compress-program", "gzip -n", "-cf"])
        .arg(&archive)
        .arg("-C")
        .arg(stage.path())
        .arg(name);
    output(&mut tar)?;
    Ok(archive)
}

/// The package, by cargo-deb from what `Cargo.toml` says of it. The program is built already.
fn debian_package(dist: &Path, time: &str) -> anyhow::Result<PathBuf> {
    let cargo_deb = tools::installed("cargo-deb", CARGO_DEB)?;
    let mut command = Command::new(cargo_deb);
    command
        .args([
            "--no-build",
            "--locked",
            "--package",
            PACKAGE,
            "--no-dbgsym",
            "--output",
        ])
        .arg(dist)
        .env("SOURCE_DATE_EPOCH", time)
        .current_dir(cargo::workspace());
    output(&mut command)?;
    let made = fs::read_dir(dist)?.filter_map(Result::ok).map(|entry| entry.path());
    let mut made = made.filter(|path| path.extension().is_some_and(|extension| extension == "deb"));
    made.next().context("cargo-deb has made no package")
}

/// Unpacks the archive and has the program in it check the configuration in it.
fn unpacked(archive: &Path, name: &str) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let into = folder.path();
    output(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(into))?;
    let top = into.join(name);
    let config = top.join("deploy/package/gateway.yml");
    let mut check = Command::new(top.join("bin").join(PACKAGE));
    output(check.args(["check", "--config"]).arg(config))?;
    Ok(())
}

/// Writes `SHA256SUMS`, as `sha256sum --check` reads it.
fn checksums(dist: &Path) -> anyhow::Result<()> {
    let files = fs::read_dir(dist)?.filter_map(Result::ok);
    let mut files: Vec<_> = files.map(|entry| entry.path()).collect();
    files.sort();
    let mut lines = String::new();
    for file in files {
        let sum = Sha256::digest(fs::read(&file)?);
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        lines += &format!("{sum}  {name}\n");
    }
    fs::write(dist.join("SHA256SUMS"), &lines)?;
    println!("{}", lines.trim_end());
    let check = ["--check", "--quiet", "SHA256SUMS"];
    output(Command::new("sha256sum").args(check).current_dir(dist))?;
    Ok(())
}
