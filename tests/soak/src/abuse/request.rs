//! One request on a connection of its own, of which the answer is read and dropped.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, ensure};

/// How long the gateway may say nothing.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a gateway answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// How long the body was, in bytes.
    pub length: u64,
}

/// Makes a request with these fields besides `Host` and `Content-Length`.
pub fn ask(
    gateway: SocketAddr,
    method: &str,
    target: &str,
    fields: &[(&str, &str)],
    body: &[u8],
) -> anyhow::Result<Answered> {
    let mut stream = TcpStream::connect(gateway)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: hostile\r\nContent-Length: {length}\r\n");
    for (name, value) in fields {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    // One who is refused before all is sent may be answered at once.
    let _ = stream.write_all(body);
    read(BufReader::new(stream))
}

/// Reads an answer of a stated length.
pub fn read(mut stream: impl BufRead) -> anyhow::Result<Answered> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line.split(' ').nth(1).context("no answer")?.parse()?;
    let mut length = 0;
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
    }
    let read = std::io::copy(&mut stream.take(length), &mut std::io::sink())?;
    ensure!(read == length, "the answer was cut off after {read} of {length} bytes");
    Ok(Answered { status, length })
}
