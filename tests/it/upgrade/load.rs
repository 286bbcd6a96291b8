//! Clients that ask all the time, while something else is done, and look at every answer.

use std::env;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::wire::{PATIENCE, eventually};

/// How many requests are made at least, and how many gateways take over, unless the environment says otherwise.
const REQUESTS: u64 = 3000;
const HAND_OVERS: u64 = 3;

/// How many clients keep their connections, and how many make one for each request.
const KEEPING: usize = 6;
const FRESH: usize = 2;

/// How long a client may be idle before it has to expect that its connection was closed. A gateway that stops closes those that
/// are idle after half a second.
const IDLE_LIMIT: Duration = Duration::from_millis(400);

/// What the clients have seen.
#[derive(Debug, Default)]
struct Seen {
    answered: AtomicU64,
    failed: AtomicU64,
    /// Connections that were closed while the client was held up, before it had sent anything or while it sent.
    stale: AtomicU64,
    is_over: AtomicBool,
}

/// A client that asks until it is over.
struct Client {
    address: SocketAddr,
    keeps: bool,
    kept: Option<TcpStream>,
}

/// What became of one request.
enum Outcome {
    Answered,
    /// The connection had been idle for too long, and was closed: the request is made again.
    Stale,
    Failed(String),
}

impl Client {
    fn run(mut self, seen: &Seen) {
        let mut count = 0;
        while !seen.is_over.load(Ordering::Relaxed) {
            count += 1;
            let counter = match self.ask(count) {
                Outcome::Answered => &seen.answered,
                Outcome::Stale => &seen.stale,
                Outcome::Failed(why) => {
                    eprintln!("failed: {why}");
                    &seen.failed
                }
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn ask(&mut self, count: u64) -> Outcome {
        let idle_since = Instant::now();
        let kept = self.kept.take();
        let was_kept = kept.is_some();
        let mut stream = match kept.map_or_else(|| TcpStream::connect(self.address), Ok) {
            Ok(stream) => stream,
            Err(error) => return Outcome::Failed(format!("no connection: {error}")),
        };
        let (method, body) = match count % 4 {
            0 => ("POST", "{\"a\":1}"),
            1 => ("PUT", "{\"a\":1}"),
            _ => ("GET", ""),
        };
        let request = format!(
            "{method} /{count} HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let sent = stream
            .set_read_timeout(Some(PATIENCE))
            .and_then(|()| stream.write_all(request.as_bytes()));
        let was_late = idle_since.elapsed() > IDLE_LIMIT;
        let answer = sent.and_then(|()| read_answer(&mut stream));
        match answer {
            Ok(answer) if answer.starts_with("http/1.1 200 ") && answer.ends_with("\r\n\r\nok") => {
                if self.keeps && !answer.contains("\r\nconnection: close\r\n") {
                    self.kept = Some(stream);
                }
                Outcome::Answered
            }
            Ok(answer) if answer.is_empty() && was_late => Outcome::Stale,
            Err(_) if was_late => Outcome::Stale,
            Ok(answer) => Outcome::Failed(format!("request {count}, kept {was_kept}: {answer:?}")),
            Err(error) => Outcome::Failed(format!("request {count}, kept {was_kept}: {error}")),
        }
    }
}

/// All of an answer, in small letters; nothing where the connection ends before it.
fn read_answer(stream: &mut TcpStream) -> std::io::Result<String> {
    let (mut answer, mut buffer) = (String::new(), [0; 1024]);
    while !answer.ends_with("\r\n\r\nok") {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        answer += &String::from_utf8_lossy(&buffer[..length]).to_ascii_lowercase();
    }
    Ok(answer)
}

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |text| text.parse().expect("a number"))
}

/// Has clients ask at this address while one exchange after the other is made, and says how many requests failed.
pub(super) fn ask_during(address: SocketAddr, exchange: impl FnMut()) -> u64 {
    ask_at_least(REQUESTS, address, exchange)
}

/// The same with so many requests at least, unless the environment says otherwise.
pub(super) fn ask_at_least(requests: u64, address: SocketAddr, mut exchange: impl FnMut()) -> u64 {
    let [requests, exchanges] = [("UPGRADE_REQUESTS", requests), ("UPGRADE_HAND_OVERS", HAND_OVERS)]
        .map(|(variable, default)| number(variable, default));
    let seen = Arc::<Seen>::default();
    let clients: Vec<_> = (0..KEEPING + FRESH)
        .map(|client| {
            let seen = Arc::clone(&seen);
            let client = Client {
                address,
                keeps: client < KEEPING,
                kept: None,
            };
            thread::spawn(move || client.run(&seen))
        })
        .collect();
    let begun = Instant::now();
    let answered = || seen.answered.load(Ordering::Relaxed);
    let await_some = || {
        let before = answered();
        eventually("some answers", || answered() > before + 50);
    };
    let mut made = 0;
    while made < exchanges || answered() < requests {
        await_some();
        exchange();
        made += 1;
    }
    await_some();
    seen.is_over.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().expect("a client does not panic");
    }
    let [answered, failed, stale] =
        [&seen.answered, &seen.failed, &seen.stale].map(|count| count.load(Ordering::Relaxed));
    eprintln!(
        "{answered} requests answered, {failed} failed, {stale} repeated as the client was held up, {made} exchanges, in {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    failed
}
