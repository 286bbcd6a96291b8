//! A node that counts what comes of a body, and sees whether its end came.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use super::streaming::FORBIDDEN;
use super::{knows_the_names, protecting};
use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::{ScriptedUpstream, field};
use crate::support::stand_in::with_fields;
use crate::support::wire;

const NO_INDEX: &str = r#"{"error":{"type":"index_not_found_exception","reason":"x"},"status":404}"#;
const PAGE: &str = r#"{"version":{"number":"7.17.29","build_hash":"abc"}}"#;

/// What came of a client's request at the node.
#[derive(Debug, Clone, Default)]
pub struct Arrived {
    pub bytes: usize,
    /// The sum of all bytes, which tells most changes.
    pub sum: u64,
    /// Whether the body's end came.
    pub is_whole: bool,
    pub has_forbidden: bool,
    /// The last bytes, in which a name may have begun.
    tail: Vec<u8>,
}

impl Arrived {
    fn take(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        self.sum += sum(bytes);
        self.tail.extend_from_slice(bytes);
        self.has_forbidden |= memchr::memmem::find(&self.tail, FORBIDDEN.as_bytes()).is_some();
        let old = self.tail.len().saturating_sub(FORBIDDEN.len());
        self.tail.drain(..old);
    }
}

pub fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte)).sum()
}

pub struct Upstream {
    pub upstream: ScriptedUpstream,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Upstream {
    pub fn new() -> Self {
        let arrived: Arc<Mutex<Vec<Arrived>>> = Arc::default();
        let seen = Arc::clone(&arrived);
        let upstream = ScriptedUpstream::new(move |head, stream| {
            let answer = match head.lines().next() {
                Some("GET / HTTP/1.1") => with_fields("200 OK", &[], PAGE),
                Some(line) if line.contains("%2Ddetectors/_alias ") => with_fields("404 Not Found", &[], NO_INDEX),
                _ => {
                    let came = receive(head, stream);
                    let is_whole = came.is_whole;
                    seen.lock().expect("no test thread panicked").push(came);
                    if !is_whole {
                        return;
                    }
                    with_fields("200 OK", &[], "{}")
                }
            };
            let _ = stream.write_all(answer.as_bytes());
        });
        Self { upstream, arrived }
    }

    /// What came since the last question. Waits for it, as the end of a connection is seen a little later.
    pub fn arrived(&self) -> Arrived {
        let mut found = None;
        wire::eventually("the node has seen the request", || {
            found = self.arrived.lock().expect("no test thread panicked").pop();
            found.is_some()
        });
        found.expect("it came about")
    }

    fn forget(&self) {
        self.arrived.lock().expect("no test thread panicked").clear();
    }

    pub fn gateway(&self) -> Gateway {
        let gateway = protecting(&self.upstream.url);
        knows_the_names(&gateway);
        self.forget();
        gateway
    }
}

/// Reads a body to its end, or to that of the connection.
fn receive(head: &str, stream: &mut TcpStream) -> Arrived {
    let mut arrived = Arrived::default();
    let mut stream = BufReader::with_capacity(64 * 1024, stream);
    let came = match field(head, "content-length") {
        Some(length) => receive_bytes(length.parse().expect("a length"), &mut stream, &mut arrived),
        None if field(head, "transfer-encoding").is_none() => Ok(()),
        None => receive_chunks(&mut stream, &mut arrived),
    };
    arrived.is_whole = came.is_ok();
    arrived
}

fn receive_bytes(length: usize, stream: &mut impl BufRead, arrived: &mut Arrived) -> io::Result<()> {
    let mut left = length;
    while left > 0 {
        let come = stream.fill_buf()?;
        if come.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let count = come.len().min(left);
        arrived.take(&come[..count]);
        stream.consume(count);
        left -= count;
    }
    Ok(())
}

fn receive_chunks(stream: &mut impl BufRead, arrived: &mut Arrived) -> io::Result<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim_end(), 16).map_err(io::Error::other)?;
        receive_bytes(size, stream, arrived)?;
        stream.read_exact(&mut [0; 2])?;
        if size == 0 {
            return Ok(());
        }
    }
}
