//! A node that reads by the letter, keeps what it has read, and answers as the target says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use super::answers;
use crate::smuggling::letter;

/// What the gateway's own calls have in their head. They are no part of what is forwarded.
const GATEWAY: &str = "user-agent: anomaly-gateway/";

/// How long the gateway may take to end what it has begun.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request as the node has read it, one character a byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) head: String,
    /// Without its framing.
    pub(super) body: Vec<u8>,
}

#[derive(Default)]
struct Log {
    whole: Vec<Seen>,
    /// How many connections are within a request.
    busy: usize,
    faults: Vec<String>,
}

/// The node, on a free port.
pub(super) struct Node {
    pub(super) url: String,
    log: Arc<(Mutex<Log>, Condvar)>,
}

impl Node {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let log = Arc::new((Mutex::default(), Condvar::new()));
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let log = Arc::clone(&kept);
                thread::spawn(move || serve(stream, &log));
            }
        });
        Self { url, log }
    }

    /// Its host and port.
    pub(super) fn authority(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The whole requests since the last time, once no other is under way.
    pub(super) fn take(&self) -> Vec<Seen> {
        let (log, changed) = &*self.log;
        let log = log.lock().expect("no thread panicked");
        let (mut log, waited) = changed
            .wait_timeout_while(log, PATIENCE, |log| log.busy > 0)
            .expect("no thread panicked");
        assert!(!waited.timed_out(), "the gateway left a request unfinished");
        assert!(log.faults.is_empty(), "{:?}", log.faults);
        std::mem::take(&mut log.whole)
    }
}

fn serve(stream: TcpStream, log: &(Mutex<Log>, Condvar)) {
    let mut answering = stream.try_clone().expect("another handle");
    let mut reading = BufReader::new(stream);
    let _ = answering.set_nodelay(true);
    while reading.fill_buf().is_ok_and(|bytes| !bytes.is_empty()) {
        log.0.lock().expect("no thread panicked").busy += 1;
        let goes_on = one(&mut reading, &mut answering, &log.0);
        log.0.lock().expect("no thread panicked").busy -= 1;
        log.1.notify_all();
        if goes_on.is_none() {
            break;
        }
    }
    let _ = answering.shutdown(Shutdown::Write);
    // Closed with unread bytes the connection would be reset, and the answer lost.
    let _ = std::io::copy(&mut reading, &mut std::io::sink());
}

/// Reads a request and answers it. None when it was cut off, or when the answer ends the connection.
fn one(reading: &mut BufReader<TcpStream>, answering: &mut TcpStream, log: &Mutex<Log>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let count = reading.read_until(b'\n', &mut head).ok()?;
        (count > 0).then_some(())?;
    }
    let text: String = head.iter().copied().map(char::from).collect();
    let target = text.split(' ').nth(1).unwrap_or_default();
    let is_own = text.to_ascii_lowercase().contains(GATEWAY);
    let answer = answers::of(
        if is_own { 0 } else { answers::kind(target) },
        text.starts_with("HEAD "),
    );
    let mut give = || answer.pieces.iter().try_for_each(|piece| answering.write_all(piece));
    if answer.is_early {
        give().ok()?;
    }
    let (raw, body) = read_body(&text, reading)?;
    if !is_own {
        let mut log = log.lock().expect("no thread panicked");
        // It counts characters.
        let bytes = head
            .iter()
            .chain(&raw)
            .map(|byte| if byte.is_ascii() { *byte } else { b'?' });
        if let Err(fault) = letter::check(&bytes.collect::<Vec<_>>()) {
            log.faults.push(format!("{fault} in {text}"));
        }
        log.whole.push(Seen { head: text, body });
    }
    if !answer.is_early {
        give().ok()?;
    }
    (!answer.closes).then_some(())
}

/// The body that a head announces, with its framing and without.
fn read_body(head: &str, reading: &mut BufReader<TcpStream>) -> Option<(Vec<u8>, Vec<u8>)> {
    let value = |name: &str| {
        head.lines().find_map(|line| {
            let (field, value) = line.split_once(": ")?;
            field.eq_ignore_ascii_case(name).then_some(value)
        })
    };
    if let Some(length) = value("content-length") {
        let length: u64 = length.parse().expect("a length");
        let mut body = Vec::new();
        let count = reading.take(length).read_to_end(&mut body).ok()?;
        (count as u64 == length).then_some(())?;
        return Some((body.clone(), body));
    }
    let (mut raw, mut body) = (Vec::new(), Vec::new());
    if value("transfer-encoding").is_none() {
        return Some((raw, body));
    }
    loop {
        let start = raw.len();
        let count = reading.read_until(b'\n', &mut raw).ok()?;
        let line = String::from_utf8_lossy(&raw[start..start + count]).into_owned();
        let size = line.strip_suffix("\r\n")?;
        let size = usize::from_str_radix(size, 16).ok()?;
        let mut chunk = Vec::new();
        let whole = size.checked_add(2)?;
        let count = reading.take(whole as u64).read_to_end(&mut chunk).ok()?;
        (count == whole).then_some(())?;
        raw.extend_from_slice(&chunk);
        body.extend_from_slice(&chunk[..size]);
        if size == 0 {
            return Some((raw, body));
        }
    }
}
