//! A client that behaves, and how long it waits for its answers.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::quantile::quantile;
use crate::exchange::{Answer, AnswerFraming, Exchange};
use crate::pattern::{Pattern, Way};
use crate::wire::{Framing, Reader};

/// How many connections it has, as a client with a small pool.
const CONNECTIONS: u64 = 4;

/// The pause between two requests of a connection.
const PAUSE: Duration = Duration::from_millis(2);

/// The length of its bodies and answers: some documents.
const LENGTH: u64 = 2_000;

/// How long its requests took.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample {
    times: Vec<Duration>,
    failed: usize,
}

impl Sample {
    pub(super) fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.failed += other.failed;
    }

    pub(super) fn failed(&self) -> usize {
        self.failed
    }

    pub(super) fn quantile(&self, part: f64) -> Duration {
        quantile(self.times.iter().copied(), part)
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p90, p99, p999] = [0.5, 0.9, 0.99, 0.999].map(|part| self.quantile(part));
        let (count, failed) = (self.times.len(), self.failed);
        write!(
            f,
            "{count} requests, {failed} failed; p50 {p50:?}, p90 {p90:?}, p99 {p99:?}, p99.9 {p999:?}"
        )
    }
}

/// Asks for so long, on a thread's own runtime: nothing else takes its turn.
pub(super) fn ask(gateway: SocketAddr, time: Duration) -> anyhow::Result<Sample> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let until = Instant::now() + time;
        let connections = (0..CONNECTIONS).map(|number| tokio::spawn(keep_asking(gateway, number, until)));
        let mut sample = Sample::default();
        for connection in connections.collect::<Vec<_>>() {
            sample.add(connection.await??);
        }
        ensure!(!sample.times.is_empty(), "nothing was answered");
        Ok(sample)
    })
}

async fn keep_asking(gateway: SocketAddr, number: u64, until: Instant) -> anyhow::Result<Sample> {
    let mut stream = TcpStream::connect(gateway).await?;
    stream.set_nodelay(true)?;
    let mut sample = Sample::default();
    for turn in 0_u64.. {
        let body = if turn % 2 == 0 { LENGTH } else { 0 };
        let answer = Answer {
            framing: AnswerFraming::Sized,
            length: LENGTH,
        };
        let exchange = Exchange {
            id: turn * CONNECTIONS + number,
            body,
            answer,
        };
        let begun = Instant::now();
        if begun >= until {
            break;
        }
        let is_right = ask_once(&mut stream, exchange).await?;
        sample.times.push(begun.elapsed());
        sample.failed += usize::from(!is_right);
        tokio::time::sleep(PAUSE).await;
    }
    Ok(sample)
}

/// Makes one request, and says whether it was answered and every byte was right.
async fn ask_once(stream: &mut TcpStream, exchange: Exchange) -> anyhow::Result<bool> {
    let method = if exchange.body > 0 { "PUT" } else { "GET" };
    let (target, length) = (exchange.target(), exchange.body);
    let head = format!("{method} {target} HTTP/1.1\r\nHost: soak\r\nContent-Length: {length}\r\n\r\n");
    let mut request = head.into_bytes();
    let head_length = request.len();
    request.resize(head_length + usize::try_from(length)?, 0);
    Pattern::of(exchange.id, Way::Up).fill(request.get_mut(head_length..).unwrap_or_default());
    stream.write_all(&request).await?;
    let mut reader = Reader::new(stream);
    let Some(head) = reader.head().await? else {
        anyhow::bail!("an honest client's connection was closed");
    };
    let mut expected = Pattern::of(exchange.id, Way::Down);
    let mut is_right = head.word(1) == "200";
    let framing = head.framing().unwrap_or(Framing::Closing);
    reader
        .body(framing, |bytes| is_right &= expected.matches(bytes))
        .await?;
    Ok(is_right && expected.offset() == exchange.answer.length)
}
