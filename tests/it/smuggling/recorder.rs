//! An upstream that answers every request which it reads by the letter, and keeps every byte.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use super::reader::READERS;

/// What all of its answers have in their status line, and no answer of the gateway's own.
pub(super) const STATUS: &str = " 201 Seen";

/// What the gateway's own calls have in their head. They are no part of what is forwarded.
const GATEWAY: &str = "user-agent: anomaly-gateway/";

/// How long the gateway may take to end what it has begun.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Connection {
    bytes: Vec<u8>,
    /// It was closed, or stands between two requests.
    is_at_rest: bool,
}

type Log = (Mutex<Vec<Connection>>, Condvar);

/// The upstream, on a free port.
pub(super) struct Recorder {
    pub(super) url: String,
    log: Arc<Log>,
}

impl Recorder {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let log = Arc::new(Log::default());
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let log = Arc::clone(&kept);
                let place = {
                    let mut connections = log.0.lock().expect("no thread panicked");
                    connections.push(Connection::default());
                    connections.len() - 1
                };
                thread::spawn(move || keep(stream, place, &log));
            }
        });
        Self { url, log }
    }

    /// All that was forwarded, connection by connection, once nothing is under way any more.
    pub(super) fn finished(&self) -> Vec<Vec<u8>> {
        let (connections, changed) = &*self.log;
        let connections = connections.lock().expect("no thread panicked");
        let is_busy = |connections: &mut Vec<Connection>| connections.iter().any(|connection| !connection.is_at_rest);
        let (connections, waited) = changed
            .wait_timeout_while(connections, PATIENCE, is_busy)
            .expect("no thread panicked");
        assert!(!waited.timed_out(), "the gateway left a request unfinished");
        let all = connections.iter().map(|connection| connection.bytes.clone());
        all.filter(|bytes| !String::from_utf8_lossy(bytes).contains(GATEWAY))
            .collect()
    }
}

fn keep(mut stream: TcpStream, place: usize, log: &Log) {
    let (connections, changed) = log;
    let mut answered = 0;
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).unwrap_or(0);
        let due = {
            let mut connections = connections.lock().expect("no thread panicked");
            let connection = &mut connections[place];
            connection.bytes.extend_from_slice(&buffer[..count]);
            let seen = READERS[0].read(&connection.bytes);
            let complete = seen.iter().filter(|seen| seen.is_complete).count();
            connection.is_at_rest = count == 0 || complete == seen.len();
            complete - answered
        };
        changed.notify_all();
        if count == 0 {
            return;
        }
        for _ in 0..due {
            let answer = format!("HTTP/1.1{STATUS}\r\ncontent-length: 0\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
        }
        answered += due;
    }
}
