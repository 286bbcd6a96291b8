//! Nothing outlives whoever started it, in whatever way that ends.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

#[test]
fn the_jvm_ends_when_its_parent_is_killed_and_takes_its_data_along() {
    let temporary = tempfile::tempdir().unwrap();
    let mut parent = cluster_node()
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let announced = wait_for_line(parent.stderr.take().unwrap(), "jvm ");
    let ready = wait_for_line(parent.stdout.take().unwrap(), "ready ");
    let jvm: u32 = announced.trim_start_matches("jvm ").parse().unwrap();
    assert!(command_line(jvm).contains("cluster.Launcher"));
    assert!(ready.starts_with("ready http://127.0.0.1:"), "{ready}");

    parent.kill().unwrap();
    parent.wait().unwrap();
    until("the JVM is gone", || command_line(jvm).is_empty());
    until("its data is gone", || {
        fs::read_dir(temporary.path()).unwrap().next().is_none()
    });
}

#[test]
fn maven_ends_when_its_parent_is_killed() {
    let empty_cache = tempfile::tempdir().unwrap();
    let mut parent = resolving(empty_cache.path(), &[]);
    parent.kill().unwrap();
    parent.wait().unwrap();
    until("nothing runs there", || java_programs_in(empty_cache.path()) == 0);
}

#[test]
fn whoever_has_a_lifeline_ends_with_it() {
    let empty_cache = tempfile::tempdir().unwrap();
    let mut parent = resolving(empty_cache.path(), &[("XTASK_LIFELINE", "stdin")]);
    drop(parent.stdin.take());
    assert_eq!(parent.wait().unwrap().code(), Some(1));
    until("nothing runs there", || java_programs_in(empty_cache.path()) == 0);
}

/// A `cluster-node` that has Maven running, as its cache has nothing in it.
fn resolving(cache: &Path, environment: &[(&str, &str)]) -> Child {
    let mut parent = cluster_node();
    let mut parent = parent
        .env("CARGO_TARGET_DIR", cache)
        .envs(environment.iter().copied())
        .spawn()
        .unwrap();
    let mut errors = parent.stderr.take().unwrap();
    until("Maven runs", || {
        // Without this a failure would look like a slow start.
        if parent.try_wait().unwrap().is_some() {
            let mut said = String::new();
            std::io::Read::read_to_string(&mut errors, &mut said).unwrap();
            panic!("it ended early: {said}");
        }
        java_programs_in(cache) > 0
    });
    parent
}

fn cluster_node() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cluster-node"));
    command
        .env_remove("XTASK_LIFELINE")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

fn wait_for_line(stream: impl std::io::Read, start: &str) -> String {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    lines
        .find(|line| line.starts_with(start))
        .unwrap_or_else(|| panic!("it ended without a line `{start}…`"))
}

fn java_programs_in(folder: &Path) -> usize {
    let folder = folder.to_str().unwrap();
    let ids = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.map(command_line)
        .filter(|line| line.contains("java") && line.contains(folder))
        .count()
}

/// Empty for a program that is gone, and for one whose status nobody has fetched yet.
fn command_line(id: u32) -> String {
    fs::read(format!("/proc/{id}/cmdline"))
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .unwrap_or_default()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
