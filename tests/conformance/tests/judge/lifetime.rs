//! An oracle's JVM ends with whoever started it, however that ends.

use std::{
    env,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use conformance::{Oracle, Release};

/// In the environment of a second process of this program: start an oracle, say its process id, and wait.
const ROLE: &str = "CONFORMANCE_HOLDS_AN_ORACLE";

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
#[ignore = "not a test: the second process of the one below"]
fn the_holder() {
    if env::var_os(ROLE).is_none() {
        return;
    }
    let release = *Release::pinned().first().expect("a version");
    let oracle = Oracle::start(release).expect("an oracle");
    eprintln_pid(oracle.pid());
    thread::sleep(PATIENCE * 10);
}

#[test]
fn a_jvm_ends_when_its_starter_is_killed() {
    let mut holder = Command::new(env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", "lifetime::the_holder", "--nocapture"])
        .env(ROLE, "1")
        // It has no input, and would take that for the end of the one who runs the tests.
        .env_remove("XTASK_LIFELINE")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a second process");
    let said = BufReader::new(holder.stderr.take().expect("its output"));
    let pid = said
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("oracle ")?.parse::<u32>().ok())
        .expect("the oracle's process id");
    let jvm = PathBuf::from(format!("/proc/{pid}"));
    assert!(jvm.exists(), "the JVM runs");

    holder.kill().expect("killing the holder");
    holder.wait().expect("its end");

    let deadline = Instant::now() + PATIENCE;
    while jvm.exists() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(20));
    }
    assert!(!jvm.exists(), "the JVM outlived its starter");
}

fn eprintln_pid(pid: u32) {
    use std::io::Write;
    writeln!(std::io::stderr(), "oracle {pid}").expect("a reader");
}
