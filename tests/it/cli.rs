//! The program's command line: exit codes, what people read, and the health check.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use serde_json::json;
use tempfile::TempDir;

use crate::support::wire::eventually;

/// The program, in an environment that says nothing of the gateway or of proxies.
fn gateway(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anomaly-gateway"));
    command.args(arguments).stdin(Stdio::null()).env_clear();
    command
}

/// How long a command may take that starts nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a command to its end: its exit code, and what it has printed and reported. One that goes on, as a gateway that should
/// not have started does, is ended.
fn run(mut command: Command) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    let [stdout, stderr] = ["stdout", "stderr"].map(|name| folder.path().join(name));
    command
        .stdout(File::create(&stdout).unwrap())
        .stderr(File::create(&stderr).unwrap());
    let mut child = command.spawn().unwrap();
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it does not end: {command:?}");
        }
        thread::sleep(Duration::from_millis(2));
    };
    let [stdout, stderr] = [stdout, stderr].map(|path| fs::read_to_string(path).unwrap());
    (status.code(), stdout, stderr)
}

#[test]
fn wrong_configuration_is_told_in_full_and_ends_with_2() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("gateway.yml"), "jobs:\n  indx: x\n  api: 5\n").unwrap();
    let mut command = gateway(&["serve", "--config", "gateway.yml", "--listen", "9280"]);
    command
        .current_dir(folder.path())
        .env("ANOMALY_GATEWAY_UPSTREAM", "https://elastic:secret@node:9200");
    let (code, stdout, stderr) = run(command);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert_snapshot!(stderr, @r"
    error: unknown key `jobs.indx`
     --> gateway.yml:2:3
      |
    2 |   indx: x
      |   ^^^^
      |
      = help: did you mean `jobs.index`?

    error: `jobs.api`: the gateway answers as Elasticsearch 7.0 to 9.5 and as no other version
     --> gateway.yml:3:8
      |
    3 |   api: 5
      |        ^

    error: `upstream.nodes`: a node's URL holds no user name or password
     |
     | ANOMALY_GATEWAY_UPSTREAM=https://***@node:9200
     |                          ^^^^^^^^^^^^^^^^^^^^^
     |
     = note: from the environment
     = help: leave them out: the gateway uses the credentials that each client sends with its request

    error: `listen`: expected an address and port such as `127.0.0.1:9280`
     |
     | --listen 9280
     |          ^^^^
     |
     = note: from the command line

    anomaly-gateway: not started, the configuration has 4 problems
    ");
}

/// It would start with room for no connection at all.
#[test]
fn a_gateway_that_may_open_too_few_files_does_not_start() {
    let binary = env!("CARGO_BIN_EXE_anomaly-gateway");
    let mut command = Command::new("sh");
    let script = r#"ulimit -n 64; exec "$0" serve --listen 127.0.0.1:0"#;
    command.args(["-c", script, binary]).stdin(Stdio::null());
    command.env_remove("ANOMALY_GATEWAY_LOG").env("NO_COLOR", "1");
    let (code, _, stderr) = run(command);
    assert_eq!(code, Some(70), "{stderr}");
    assert!(stderr.contains("may open 64 files, and the gateway needs "), "{stderr}");
    assert!(stderr.contains("LimitNOFILE"), "{stderr}");
}

/// A word that is no level was taken for the name of a module, and nothing was logged at all.
#[test]
fn a_filter_of_logging_that_is_none_is_told_like_every_mistake_and_ends_with_2() {
    for (text, told) in [
        ("inof", "did you mean `info`?"),
        ("verbose", "write a level"),
        ("info;debug", "separated by commas"),
        ("a=b=c", "there is no part of the program `a`"),
        ("anomaly_gateway::proxi=debug", "did you mean `anomaly_gateway::proxy`?"),
        ("info,hyper=loud", "there is no level `loud`"),
    ] {
        let mut command = gateway(&["serve"]);
        command.env("ANOMALY_GATEWAY_LOG", text);
        let (code, _, stderr) = run(command);
        assert_eq!(code, Some(2), "{text}: {stderr}");
        assert!(stderr.contains(told), "{text}: {stderr}");
    }
    let mut command = gateway(&["serve"]);
    command.env("ANOMALY_GATEWAY_LOG", "warning,hyper=dbug");
    let (_, _, stderr) = run(command);
    assert_snapshot!(stderr, @r"
    error: `log.level`: there is no level `dbug`
     |
     | ANOMALY_GATEWAY_LOG=warning,hyper=dbug
     |                             ^^^^^^^^^^
     |
     = note: from the environment
     = help: did you mean `debug`?

    anomaly-gateway: not started, the configuration has 1 problem
    ");
}

/// `warning` is another word for `warn`: it is understood, and what it chooses is logged.
#[test]
fn a_gateway_told_to_log_warnings_logs_them() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = gateway(&[
        "serve",
        "--listen",
        &free.to_string(),
        "--upstream",
        "http://127.0.0.1:1",
    ]);
    command.env("ANOMALY_GATEWAY_LOG", "warning").stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut log = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut connected = None;
    eventually("that the gateway listens", || {
        connected = TcpStream::connect(free).ok();
        connected.is_some()
    });
    let mut stream = connected.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut log, &mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.contains("WARN") && line.contains("127.0.0.1:1"), "{line}");
}

#[test]
fn wrong_usage_ends_with_2_and_help_and_version_with_0() {
    for arguments in [
        &[][..],
        &["serv"],
        &["serve", "--lisen", "x"],
        &["serve", "--listen", "a", "--listen", "b"],
    ] {
        let (code, stdout, stderr) = run(gateway(arguments));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(stderr.contains("Usage: anomaly-gateway"), "{stderr}");
    }
    for arguments in [&["--help"][..], &["-h"], &["serve", "--help"], &["health", "-h"]] {
        let (code, stdout, stderr) = run(gateway(arguments));
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(stdout.contains("Usage: anomaly-gateway"), "{stdout}");
    }
    let (code, stdout, _) = run(gateway(&["--version"]));
    assert_eq!(
        (code, stdout),
        (Some(0), format!("anomaly-gateway {}\n", env!("CARGO_PKG_VERSION")))
    );
}

#[test]
fn the_flags_of_serve_are_what_the_keys_say_of_themselves() {
    let (_, stdout, _) = run(gateway(&["serve", "-h"]));
    assert_snapshot!(stdout, @r"
    Run the gateway

    Usage: anomaly-gateway serve [OPTIONS]

    Options:
          --config <FILE>             The configuration file, in YAML
          --listen <HOST:PORT>        Where clients connect to the gateway [default: 127.0.0.1:9280]
          --reuse-port <SWITCH>       Whether another process may listen at `listen` and `admin.listen`
                                      as well (`SO_REUSEPORT`), such as the next version of the gateway
                                      [default: false]
          --lane <SWITCH>             Whether requests that everybody reads in the same way are
                                      forwarded as the bytes that they came in, when nobody claims them
                                      [default: false]
          --tls-certificate <FILE>    The certificate that clients are shown, and its chain; with one,
                                      the gateway speaks TLS and nothing else [default: none]
          --tls-key <FILE>            The key of that certificate [default: none]
          --upstream <URL>            The nodes of the cluster; may be repeated [default:
                                      http://127.0.0.1:9200]
          --upstream-tls-ca <FILE>    The authorities that have to have signed the certificates of nodes
                                      [default: system]
          --access-mode <MODE>        With whose credentials jobs are stored: the `caller`'s, or those
                                      of an account of the gateway's own (`service`) [default: caller]
          --jobs-index <INDEX>        The index that jobs are stored in [default: anomaly-detectors]
          --jobs-api <VERSION>        The version of Elasticsearch to answer as; `auto` is the cluster's
                                      own [default: auto]
          --jobs-commit <MODE>        Who keeps jobs: the gateway (`store`), the cluster's own machine
                                      learning (`forward`), or `both` [default: store]
          --jobs-serve <CALLS>        Which calls about jobs the gateway answers: their creation
                                      (`create`), or all that need no machine learning (`all`) [default:
                                      create]
          --admin-listen <HOST:PORT>  Where `GET /live`, `GET /ready` and `GET /metrics` are answered
                                      [default: none]
          --log <LEVEL>               What is logged: a level (`error`, `warn`, `info`, `debug`,
                                      `trace`, `off`), levels for parts of the program, or both, as in
                                      `info,anomaly_gateway::proxy=debug` [default: info]
          --log-format <FORMAT>       How a line of the log is written: as `text`, or as `json` with ECS
                                      field names [default: text]
      -h, --help                      Print help (see more with '--help')
    ");
}

#[test]
fn schema_prints_the_schema_of_a_version_without_a_cluster() {
    let (code, stdout, stderr) = run(gateway(&["schema", "--api", "8"]));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let schema: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let head: Vec<&str> = stdout.lines().take(5).collect();
    assert_snapshot!(head.join("\n"), @r#"
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "$id": "urn:anomaly-gateway:schema:ml.put_job:8.19",
      "title": "Create anomaly detection job, Elasticsearch 8.19",
      "description": "The body of the call as Elasticsearch 8.19 reads it. A body that does not fit is refused. One that fits can still break a rule that a schema cannot say; those are listed at the end.",
    "#);
    let limits = &schema["$defs"]["analysis_limits"]["properties"]["categorization_examples_limit"];
    assert_eq!(
        (&limits["default"], &limits["exclusiveMinimum"]),
        (&json!(4), &json!(-1))
    );
    assert_eq!(limits["description"], "How many examples of each category are kept.");
    let (_, of_7_0, _) = run(gateway(&["schema", "--api", "7.0"]));
    assert_ne!(of_7_0, stdout);
}

/// Each is JSON Schema or, for the call, `OpenAPI`, and says what it is of.
#[test]
fn schema_prints_other_schemas_too() {
    for (arguments, title) in [
        (&["schema", "--api", "9.5", "--stored"][..], "/title"),
        (&["schema", "--api", "7.0", "--openapi"], "/info/title"),
        (&["schema", "policies"], "/title"),
        (&["schema", "config"], "/title"),
    ] {
        let (code, stdout, stderr) = run(gateway(arguments));
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{arguments:?}");
        let schema: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        assert!(
            schema.pointer(title).is_some_and(serde_json::Value::is_string),
            "{arguments:?}"
        );
    }
    let (code, page, _) = run(gateway(&["schema", "rules"]));
    assert_eq!(code, Some(0));
    assert!(page.contains("| `detector.field_name_needed` |"), "{page}");
}

#[test]
fn schema_of_no_or_an_unknown_version_is_wrong_usage() {
    for (arguments, told) in [
        (&["schema"][..], "--api <VERSION>"),
        (&["schema", "--api", "6.8"], "answers as Elasticsearch 7.0 to 9.5"),
        (&["schema", "--api", "auto"], "no cluster is asked for its version"),
        (&["schema", "config", "--api", "8"], "cannot be used with"),
    ] {
        let (code, stdout, stderr) = run(gateway(arguments));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(stderr.contains(told), "{stderr}");
    }
}

/// Answers one request with these bytes, or keeps its connection open until the client is gone. Returns what it read.
fn answer_once(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let request = read_head(&mut stream);
        stream.write_all(answer.as_bytes()).unwrap();
        if answer.is_empty() {
            while !matches!(stream.read(&mut [0; 64]), Ok(0) | Err(_)) {}
        }
        request
    });
    (url, server)
}

fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        head.extend(byte);
    }
    String::from_utf8(head).unwrap()
}

#[test]
fn health_believes_every_answer_but_those_of_a_gateway_without_a_cluster() {
    for (answer, code) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 0),
        ("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n", 0),
        (
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            0,
        ),
        ("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n", 0),
        ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", 1),
        ("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n", 1),
        ("HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 0\r\n\r\n", 1),
        ("this is not HTTP\r\n\r\n", 1),
    ] {
        let (url, server) = answer_once(answer);
        let mut command = gateway(&["health", "--url", &url]);
        // A proxy would answer for itself.
        command
            .env("http_proxy", "http://127.0.0.1:1")
            .env("HTTP_PROXY", "http://127.0.0.1:1");
        let (exit, stdout, stderr) = run(command);
        assert_eq!(
            (exit, stdout.as_str(), stderr.is_empty()),
            (Some(code), "", code == 0),
            "{answer}{stderr}"
        );
        assert!(server.join().unwrap().starts_with("GET / HTTP/1.1\r\n"));
    }
}

#[test]
fn health_says_why_a_gateway_is_not_healthy() {
    let (url, server) = answer_once("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
    let (_, _, stderr) = run(gateway(&["health", "--url", &url]));
    assert_eq!(
        stderr,
        format!("anomaly-gateway: {url} answers 503 Service Unavailable\n")
    );
    server.join().unwrap();

    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, _, stderr) = run(gateway(&["health", "--url", &format!("http://{free}")]));
    assert_eq!(code, Some(1));
    assert!(
        stderr.starts_with(&format!("anomaly-gateway: http://{free} does not answer\n")),
        "{stderr}"
    );
    assert!(stderr.contains("Connection refused"), "{stderr}");
}

#[test]
fn health_waits_for_two_seconds_and_no_longer() {
    let (url, server) = answer_once("");
    let started = Instant::now();
    let (code, _, stderr) = run(gateway(&["health", "--url", &url]));
    let waited = started.elapsed();
    assert_eq!(code, Some(1));
    assert!(stderr.contains("timed out"), "{stderr}");
    assert!(
        waited >= Duration::from_secs(2) && waited < Duration::from_secs(10),
        "{waited:?}"
    );
    server.join().unwrap();
}

#[test]
fn health_refuses_an_address_with_a_password_and_does_not_repeat_it() {
    let (code, _, stderr) = run(gateway(&["health", "--url", "http://elastic:secret@127.0.0.1:9280"]));
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("holds no user name or password") && !stderr.contains("secret"),
        "{stderr}"
    );
}
