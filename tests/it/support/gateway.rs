//! The real gateway binary, on a free port, for as long as a test needs it.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use tempfile::NamedTempFile;

use super::wire::{self, Answer};

pub const BINARY: &str = env!("CARGO_BIN_EXE_anomaly-gateway");

/// Where gateways listen, unless a test says otherwise.
pub const ANY_PORT: &str = "127.0.0.1:0";

/// How long a gateway may take to say that it listens.
const START_LIMIT: Duration = Duration::from_secs(20);

/// A running gateway; it ends with this value.
pub struct Gateway {
    child: Child,
    pub address: SocketAddr,
    log: Arc<Mutex<String>>,
    /// Where `/live` and `/ready` are, if they are anywhere.
    admin: Option<SocketAddr>,
    /// A file that it reads, which is there for as long as it is.
    file: Option<NamedTempFile>,
}

impl Gateway {
    /// A gateway in front of these nodes.
    pub fn before(nodes: &[&str]) -> Self {
        Self::with(nodes, &[])
    }

    /// A gateway in front of these nodes through which everything goes by hyper, whatever the environment says of the lane.
    pub fn by_hyper(nodes: &[&str]) -> Self {
        Self::with_environment(nodes, &[], &[("ANOMALY_GATEWAY_LANE", "false")])
    }

    /// A gateway in front of these nodes in which plain requests pass as they are.
    pub fn with_a_lane(nodes: &[&str]) -> Self {
        Self::with_environment(nodes, &[], &[("ANOMALY_GATEWAY_LANE", "true")])
    }

    /// A gateway in front of these nodes with what else its configuration file says.
    pub fn configured(nodes: &[&str], yaml: &str) -> Self {
        let mut config = NamedTempFile::with_suffix(".yml").expect("a file");
        config.write_all(yaml.as_bytes()).expect("it is written");
        let path = config.path().to_str().expect("a plain path").to_owned();
        let mut gateway = Self::with(nodes, &["--config", &path]);
        gateway.file = Some(config);
        gateway
    }

    /// A gateway with further arguments.
    pub fn with(nodes: &[&str], arguments: &[&str]) -> Self {
        Self::with_environment(nodes, arguments, &[])
    }

    /// A gateway with further arguments and variables.
    pub fn with_environment(nodes: &[&str], arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(BINARY);
        command.envs(variables.iter().copied());
        Self::by(command, ANY_PORT, nodes, arguments)
    }

    /// A gateway that listens here, on a machine whose names are those of this text, in the form of `/etc/hosts`.
    /// That takes a mount namespace (`unshare`); where this process may have none the test fails.
    pub fn with_names(names: &str, listen: &str, nodes: &[&str], arguments: &[&str]) -> Self {
        let mut hosts = NamedTempFile::new().expect("a file");
        hosts.write_all(names.as_bytes()).expect("it is written");
        let namespace = |flags: &str, script: &str| {
            let mut command = Command::new("unshare");
            command.args([
                flags,
                "sh",
                "-c",
                &format!("mount --bind \"$0\" /etc/hosts && {script}"),
            ]);
            command.arg(hosts.path());
            command
        };
        let is_possible = |flags: &&str| namespace(flags, "true").status().is_ok_and(|status| status.success());
        let flags = ["-Urm", "-m"]
            .into_iter()
            .find(is_possible)
            .expect("`unshare` makes a mount namespace: it takes util-linux, and root or user namespaces");
        let mut command = namespace(flags, "exec \"$@\"");
        command.arg(BINARY);
        let mut gateway = Self::by(command, listen, nodes, arguments);
        gateway.file = Some(hosts);
        gateway
    }

    /// A gateway that listens here.
    pub fn listening(listen: &str, nodes: &[&str]) -> Self {
        Self::by(Command::new(BINARY), listen, nodes, &[])
    }

    /// Gives other addresses to the names of a gateway that has names of its own.
    pub fn rename(&self, names: &str) {
        let hosts = self.file.as_ref().expect("it has names of its own");
        std::fs::write(hosts.path(), names).expect("it is written");
    }

    /// A gateway that is started by this command, with what else its configuration file says.
    pub fn configured_by(command: Command, listen: &str, nodes: &[&str], yaml: &str) -> Self {
        let mut config = NamedTempFile::with_suffix(".yml").expect("a file");
        config.write_all(yaml.as_bytes()).expect("it is written");
        let path = config.path().to_str().expect("a plain path").to_owned();
        let mut gateway = Self::started_by(command, listen, nodes, &["--config", &path]);
        gateway.file = Some(config);
        gateway
    }

    /// A gateway that is started by this command, to which its arguments are added.
    pub fn by(mut command: Command, listen: &str, nodes: &[&str], arguments: &[&str]) -> Self {
        command.stdin(Stdio::null());
        Self::started_by(command, listen, nodes, arguments)
    }

    /// The same by a command whose standard input is its own.
    pub fn started_by(mut command: Command, listen: &str, nodes: &[&str], arguments: &[&str]) -> Self {
        command.args(["serve", "--listen", listen]);
        for node in nodes {
            command.args(["--upstream", node]);
        }
        let mut child = command
            .args(arguments)
            .env("NO_COLOR", "1")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the gateway's binary starts");
        let lines = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let log = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&log);
        let (found, listening) = mpsc::channel();
        thread::spawn(move || {
            let mut admin = None;
            for line in lines.lines().map_while(Result::ok) {
                *written.lock().expect("no test thread panicked") += &format!("{line}\n");
                admin = admin.or_else(|| address_after("/metrics", &line));
                if let Some(address) = address_after("listening", &line) {
                    let _ = found.send((address, admin));
                }
                eprintln!("gateway: {line}"); // Shown when the test fails.
            }
        });
        let (address, admin) = listening
            .recv_timeout(START_LIMIT)
            .expect("the gateway says where it listens");
        Self {
            child,
            address,
            log,
            admin,
            file: None,
        }
    }

    /// Asks the listener for those who run the gateway.
    pub fn ask_admin(&self, method: &str, target: &str) -> Answer {
        wire::call(self.admin(), method, target, &[], "")
    }

    /// The figure of a metric, named with its labels, as that listener shows it.
    pub fn metric(&self, series: &str) -> u64 {
        let text = self.ask_admin("GET", "/metrics").text();
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        let value = value.unwrap_or_else(|| panic!("there is no {series} in {text}"));
        value.parse().expect("a whole number")
    }

    /// Where that listener is.
    pub fn admin(&self) -> SocketAddr {
        self.admin.expect("it is configured")
    }

    /// Tells it to stop.
    pub fn terminate(&self) {
        let told = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status();
        assert!(told.expect("kill runs").success());
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard error so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("no test thread panicked").clone()
    }

    /// The first line of what it writes to standard error that has all of these words, once it is there: it comes through
    /// a pipe, and may come after the answer that it is about.
    pub fn logged(&self, words: &[&str]) -> String {
        let mut found = None;
        wire::eventually(&format!("a log line with {words:?}"), || {
            let log = self.log();
            let line = log.lines().find(|line| words.iter().all(|word| line.contains(word)));
            found = line.map(str::to_owned);
            found.is_some()
        });
        found.expect("it has come about")
    }

    /// What it writes to standard output, if that is a pipe.
    pub fn take_output(&mut self) -> ChildStdout {
        self.child.stdout.take().expect("it is a pipe, and nobody reads it yet")
    }

    /// Makes one request on a connection of its own.
    pub fn call(&self, method: &str, target: &str, body: &str) -> Answer {
        wire::call(
            self.address,
            method,
            target,
            &[("content-type", "application/json")],
            body,
        )
    }

    /// Creates a job.
    pub fn create_job(&self, id: &str, body: &str) -> Answer {
        self.call("PUT", &format!("/_ml/anomaly_detectors/{id}"), body)
    }

    /// A figure of the process in bytes, such as `VmHWM`, from Linux's accounting.
    pub fn memory(&self, figure: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("Linux shows the process");
        let line = status
            .lines()
            .find(|line| line.starts_with(figure))
            .expect("the figure is among those shown");
        let kibibytes: u64 = line
            .split_whitespace()
            .nth(1)
            .expect("a number")
            .parse()
            .expect("a number");
        kibibytes * 1024
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it can be waited for");
    }

    /// Waits for the process to end and gives its exit code.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().expect("the gateway can be waited for").code()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        drop(self.file.take());
    }
}

/// The address in a line whose message ends so, whether the log is text or JSON.
fn address_after(words: &str, line: &str) -> Option<SocketAddr> {
    if let Ok(line) = serde_json::from_str::<serde_json::Value>(line) {
        let says_it = line["message"].as_str()?.ends_with(words);
        return line["anomaly_gateway"]["address"]
            .as_str()
            .filter(|_| says_it)?
            .parse()
            .ok();
    }
    let (_, after) = line.split_once(&format!("{words} address="))?;
    after.split_whitespace().next()?.parse().ok()
}
