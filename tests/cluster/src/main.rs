//! `cluster-node`: starts nodes from a shell and ends with whoever started it.

#![expect(
    clippy::print_stdout,
    reason = "the one line on standard output is what this program is for"
)]

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Parser;
use cluster::{Kind, Node};

/// Starts OpenSearch or Elasticsearch nodes and prints `ready URL…` when they answer.
///
/// Runs until standard input ends. Takes `stop N` and `start N` there, which stop and start one node of several.
#[derive(Parser)]
struct Arguments {
    /// The kind of node, as opensearch-3 or elasticsearch-8; without it the default for this machine.
    kind: Option<Kind>,
    /// Keep the data in this folder; without it the data goes when the node does.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// The first node's HTTP port, the others have those after it; 0 takes free ones.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The number of nodes, all in one JVM.
    #[arg(long, default_value_t = 1)]
    nodes: u32,
    /// A setting as in the server's configuration file; may be repeated.
    #[arg(long = "setting", value_name = "KEY=VALUE", value_parser = key_and_value)]
    settings: Vec<(String, String)>,
    /// Users and roles, but plain HTTP; for the secured kinds.
    #[arg(long)]
    without_tls: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let kind = arguments.kind.map_or_else(Kind::default_for_this_machine, Ok)?;
    let mut builder = Node::builder(kind).port(arguments.port).nodes(arguments.nodes);
    if let Some(folder) = arguments.data_dir {
        builder = builder.data_dir(folder);
    }
    if arguments.without_tls {
        builder = builder.without_tls();
    }
    for (key, value) in arguments.settings {
        builder = builder.setting(key, value);
    }
    let mut node = builder.start()?;
    writeln!(io::stderr(), "jvm {}", node.pid())?;
    println!("ready {}", node.urls().join(" "));
    for command in io::stdin().lines() {
        match obey(&mut node, &command?) {
            Ok(answer) => println!("{answer}"),
            Err(error) => println!("failed: {error}"),
        }
    }
    node.stop()?;
    Ok(())
}

fn obey(node: &mut Node, command: &str) -> anyhow::Result<String> {
    match command.split_once(' ') {
        Some(("stop", number)) => {
            let number = number.parse()?;
            node.stop_one(number)?;
            Ok(format!("stopped {number}"))
        }
        Some(("start", number)) => {
            node.start_one(number.parse()?)?;
            Ok(format!("ready {}", node.urls().join(" ")))
        }
        _ => anyhow::bail!("there is only `stop N` and `start N`"),
    }
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a setting is KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
