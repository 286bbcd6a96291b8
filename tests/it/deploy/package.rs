//! The package for Debian: that what `Cargo.toml` puts into it is there, goes where the units look for it, and is kept where it is the
//! operator's. `cargo xtask dist` makes the package, installs it and removes it again.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::deployed;
use super::systemd::{unit, value};

/// What the program prints when the package is made.
const GENERATED: &str = "target/generated/";

fn metadata() -> Value {
    let mut command = Command::new(env!("CARGO"));
    command
        .args([
            "metadata",
            "--no-deps",
            "--locked",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().expect("cargo starts");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let gateway = packages.iter().find(|package| package["name"] == "anomaly-gateway");
    gateway.expect("the gateway")["metadata"]["deb"].clone()
}

/// The files of the package, each with its absolute place once it is installed. A place that ends in `/` is a folder.
fn assets(deb: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let assets = deb["assets"].as_array().expect("a list").iter().map(|asset| {
        let (from, to) = (text(&asset[0]), format!("/{}", text(&asset[1])));
        let name = from
            .rsplit('/')
            .next()
            .filter(|_| to.ends_with('/') && !from.contains('*'));
        let to = name.map_or(to.clone(), |name| format!("{to}{name}"));
        (from, to)
    });
    assets.collect()
}

fn installed(assets: &[(String, String)], from: &str) -> String {
    let asset = assets.iter().find(|(source, _)| source == from);
    let (_, to) = asset.unwrap_or_else(|| panic!("{from} is not in the package"));
    to.clone()
}

#[test]
fn what_goes_into_the_package_is_there() {
    let deb = metadata();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for (from, _) in assets(&deb) {
        count += 1;
        if from == "target/release/anomaly-gateway" || from.starts_with(GENERATED) {
            continue;
        }
        let paths = glob::glob(&root.join(&from).to_string_lossy()).expect("a glob");
        assert!(paths.filter_map(Result::ok).any(|path| path.is_file()), "{from}");
    }
    assert!(count > 10, "{count}");
    let licence = deb["license-file"][0].as_str().expect("a file");
    assert!(root.join(licence).is_file());
}

#[test]
fn the_units_find_the_program_and_its_configuration_where_the_package_puts_them() {
    let assets = assets(&metadata());
    let service = unit("anomaly-gateway.service");
    let started = value(&service, "Service", "ExecStart");
    let program = installed(&assets, "target/release/anomaly-gateway");
    let config = installed(&assets, "deploy/package/gateway.yml");
    assert_eq!(started, format!("{program} serve --config {config}"));
    assert_eq!(installed(&assets, "deploy/systemd/*"), "/usr/lib/systemd/system/");
    let users = installed(&assets, "deploy/sysusers.d/anomaly-gateway.conf");
    let script = std::fs::read_to_string(deployed("debian/postinst")).expect("a script");
    assert!(script.contains(&format!("systemd-sysusers {users}\n")));
    let made = std::fs::read_to_string(deployed("sysusers.d/anomaly-gateway.conf")).expect("a file");
    let user = value(&service, "Service", "User");
    assert!(made.contains(&format!("\nu {user} ")), "{made}");
    assert!(script.contains(&format!("chown root:{user} /etc/anomaly-gateway\n")));
}

#[test]
fn every_file_in_etc_is_kept_as_the_operator_has_changed_it() {
    let deb = metadata();
    let in_etc: BTreeSet<_> = assets(&deb).into_iter().map(|(_, to)| to).collect();
    let in_etc: BTreeSet<_> = in_etc.into_iter().filter(|to| to.starts_with("/etc/")).collect();
    let kept = deb["conf-files"].as_array().expect("a list").iter();
    let kept: BTreeSet<_> = kept.map(|file| file.as_str().expect("a text").to_owned()).collect();
    assert_eq!(kept, in_etc);
    assert!(!kept.is_empty());
}

#[test]
fn the_scripts_of_the_package_are_programs_that_a_shell_reads() {
    assert_eq!(metadata()["maintainer-scripts"], "deploy/debian/");
    for script in ["postinst", "prerm", "postrm"] {
        let path = deployed("debian").join(script);
        let mode = path.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{script}");
        let read = Command::new("sh").arg("-n").arg(&path).status();
        assert!(read.expect("a shell").success(), "{script}");
    }
}
