//! `cargo xtask demo`: a real node, the gateway before it, and a tour of the main job.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::Context;
use cluster::{Kind, Node};

use crate::{cargo, tour};

/// Builds and starts everything, gives the tour and, unless `once`, stays up until Ctrl-C.
pub fn run(once: bool) -> anyhow::Result<()> {
    cargo::run(&["build", "--locked", "--package", "anomaly-gateway"], &[])?;
    give(once)
}

/// The same with the gateway that was built last.
pub fn give(once: bool) -> anyhow::Result<()> {
    let kind = Kind::default_for_this_machine()?;
    let data = cargo::target().join("demo").join(kind.name());
    fs::create_dir_all(&data)?;
    println!("\n== starting {kind}; its data is kept in {}", data.display());
    let started = Instant::now();
    let node = Node::builder(kind).data_dir(&data).port(usual_or_free(9200)).start()?;
    println!(
        "== {} is up at {} after {:.1} s",
        kind,
        node.url(),
        started.elapsed().as_secs_f64()
    );

    let gateway = Gateway::start(node.url(), usual_or_free(9280))?;
    println!("== the gateway is up at {}\n", gateway.url);

    // The tour's client is built with TLS, as the gateway's is, and without a provider of its own.
    let provider = rustls::crypto::ring::default_provider();
    provider
        .install_default()
        .map_err(|_| anyhow::anyhow!("there is a provider of cryptography already"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let unexpected = runtime.block_on(tour::give(&gateway.url, node.url()))?;
    if once {
        anyhow::ensure!(unexpected == 0, "{unexpected} of the tour's steps were not as expected");
        return Ok(());
    }
    println!("Both stay up until Ctrl-C. Try:");
    println!("  curl {}/_cat/indices?v", gateway.url);
    println!("  curl '{}/anomaly-detectors/_search?pretty'", gateway.url);
    println!(
        "  curl -X PUT -H 'Content-Type: application/json' '{}/_ml/anomaly_detectors/my-job?pretty' \\\n    -d '{{\"analysis_config\":{{\"detectors\":[{{\"function\":\"count\"}}]}},\"data_description\":{{}}}}'",
        gateway.url
    );
    println!("The node itself is at {}.", node.url());
    runtime
        .block_on(tokio::signal::ctrl_c())
        .context("Ctrl-C cannot be waited for")?;
    println!("\n== stopping");
    Ok(())
}

/// The usual port, or 0, which stands for any free one, when something has it.
fn usual_or_free(port: u16) -> u16 {
    if TcpListener::bind(("127.0.0.1", port)).is_ok() {
        port
    } else {
        0
    }
}

/// The gateway's process.
struct Gateway {
    child: Child,
    url: String,
}

impl Gateway {
    fn start(node: &str, port: u16) -> anyhow::Result<Self> {
        let program = cargo::target().join("debug").join("anomaly-gateway");
        let mut child = Command::new(&program)
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--upstream", node])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let log = child.stderr.take().context("the gateway has no log")?;
        let mut lines = BufReader::new(log).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .inspect(|line| eprintln!("{line}"))
            .find_map(|line| {
                Some(
                    line.split_once("listening address=")?
                        .1
                        .split_whitespace()
                        .next()?
                        .to_owned(),
                )
            })
            .context("the gateway did not start")?;
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| eprintln!("{line}")));
        Ok(Self {
            child,
            url: format!("http://{address}"),
        })
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
