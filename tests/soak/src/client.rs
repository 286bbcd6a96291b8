//! A client: one request after the other on connections that it keeps, each answer looked at byte by byte.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::exchange::{self, AnswerFraming, Exchange};
use crate::ledger::{Asked, Ledger, Told};
use crate::pattern::{Pattern, Way};
use crate::wire::{Framing, Head, Reader};

/// No request of a run takes as long: whoever waits longer waits for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// How much of a body is written at a time.
const PIECE: usize = 16 * 1024;

/// The longest pause between two requests, in milliseconds.
const LONGEST_PAUSE: u64 = 30;

/// Stands for the claimed call among the methods.
const CREATE: &str = "create-job";

/// A job that every version admits.
const JOB: &str = r#"{"analysis_config":{"detectors":[{"function":"count"}]},"data_description":{}}"#;

/// What all clients have in common.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) ledger: Ledger,
    pub(crate) next_id: Arc<AtomicU64>,
    pub(crate) stop: Arc<AtomicBool>,
}

/// What a client does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It waits for the whole answer.
    Patient,
    /// It leaves in the middle of its own body.
    LeavesInBody,
    /// It leaves as soon as the answer has begun.
    LeavesInAnswer,
}

/// A request, ready to be sent.
struct Request {
    asked: Asked,
    method: &'static str,
    manner: Manner,
    is_chunked: bool,
    exchange: Exchange,
}

/// What came of a request, and the connection, if it can be used again.
type Outcome = (Told, Option<TcpStream>);

/// Asks this gateway until told to stop.
pub(crate) async fn run(gateway: SocketAddr, shared: Shared, mut rng: Rng) {
    let mut kept = None;
    while !shared.stop.load(Ordering::Relaxed) {
        let request = Request::draw(shared.next_id.fetch_add(1, Ordering::Relaxed), &mut rng);
        let begun = Instant::now();
        let (told, connection) = match timeout(PATIENCE, request.make(gateway, kept.take())).await {
            Ok(outcome) => outcome,
            Err(_) => (Told::Nothing("no answer within a minute".to_owned()), None),
        };
        shared.ledger.enter(request.asked, begun, told);
        kept = connection;
        sleep(Duration::from_millis(rng.u64(..LONGEST_PAUSE))).await;
    }
}

impl Request {
    fn draw(id: u64, rng: &mut Rng) -> Self {
        let (method, is_safe) = match rng.u8(..100) {
            0..35 => ("GET", true),
            35..60 => ("PUT", false),
            60..80 => ("POST", false),
            80..85 => ("DELETE", false),
            85..88 => ("HEAD", true),
            _ => (CREATE, false),
        };
        let body = match method {
            CREATE => JOB.len() as u64,
            "PUT" | "POST" => exchange::length(rng),
            _ => 0,
        };
        let exchange = Exchange::draw(id, body, rng);
        let manner = match rng.u8(..100) {
            _ if method == CREATE => Manner::Patient,
            0 if body > 1 => Manner::LeavesInBody,
            1 => Manner::LeavesInAnswer,
            _ => Manner::Patient,
        };
        Self {
            asked: Asked { id, is_safe },
            method,
            manner,
            is_chunked: body > 0 && method != CREATE && rng.bool(),
            exchange,
        }
    }

    async fn make(&self, gateway: SocketAddr, kept: Option<TcpStream>) -> Outcome {
        let connected = match kept {
            Some(stream) => Ok(stream),
            None => TcpStream::connect(gateway).await,
        };
        let mut stream = match connected {
            Ok(stream) => stream,
            Err(error) => return (Told::Nothing(format!("no connection: {error}")), None),
        };
        let _ = stream.set_nodelay(true);
        if self.manner == Manner::LeavesInBody {
            let _ = self.send(&mut stream, self.exchange.body / 2).await;
            return (Told::Left, None);
        }
        let (reading, mut writing) = stream.split();
        let mut reader = Reader::new(reading);
        let told = {
            let mut sending = std::pin::pin!(self.send(&mut writing, u64::MAX));
            let mut reading = std::pin::pin!(self.read(&mut reader));
            // Whether all was sent. An answer may come before; a server that has answered and closed is heard out.
            let mut is_sent = None;
            loop {
                tokio::select! {
                    biased;
                    sent = sending.as_mut(), if is_sent.is_none() => is_sent = Some(sent.is_ok()),
                    read = reading.as_mut() => break read.map(|(told, keeps)| (told, keeps && is_sent == Some(true))),
                }
            }
        };
        match told {
            Ok((_, true)) if reader.has_more() => (Told::WrongBytes("more than one answer".to_owned()), None),
            Ok((told, true)) => (told, Some(stream)),
            Ok((told, false)) => (told, None),
            Err(error) => (Told::Nothing(error.to_string()), None),
        }
    }

    /// Sends the head, and the body up to this many bytes.
    async fn send(&self, stream: &mut (impl AsyncWrite + Unpin), limit: u64) -> io::Result<()> {
        stream.write_all(self.head().as_bytes()).await?;
        if self.method == CREATE {
            return stream.write_all(JOB.as_bytes()).await;
        }
        let mut pattern = Pattern::of(self.exchange.id, Way::Up);
        let end = self.exchange.body.min(limit);
        while pattern.offset() < end {
            let left = usize::try_from(end - pattern.offset()).unwrap_or(PIECE);
            let mut piece = vec![0; left.min(PIECE)];
            pattern.fill(&mut piece);
            if self.is_chunked {
                exchange::chunk(&mut piece);
            }
            stream.write_all(&piece).await?;
        }
        if self.is_chunked && end == self.exchange.body {
            stream.write_all(exchange::LAST_CHUNK).await?;
        }
        Ok(())
    }

    fn head(&self) -> String {
        let framing = match (self.is_chunked, self.exchange.body) {
            (true, _) => "Transfer-Encoding: chunked\r\n".to_owned(),
            (false, 0) => String::new(),
            (false, length) => format!("Content-Length: {length}\r\n"),
        };
        let (method, target) = if self.method == CREATE {
            ("PUT", format!("/_ml/anomaly_detectors/soak-{}", self.exchange.id))
        } else {
            (self.method, self.exchange.target())
        };
        let opaque_id = exchange::opaque_id(self.exchange.id);
        format!(
            "{method} {target} HTTP/1.1\r\nHost: soak\r\nContent-Type: application/json\r\n\
             X-Opaque-Id: {opaque_id}\r\n{framing}\r\n"
        )
    }

    /// Reads the answer, and says whether the connection goes on.
    async fn read<S: tokio::io::AsyncRead + Unpin>(&self, reader: &mut Reader<S>) -> io::Result<(Told, bool)> {
        let Some(head) = reader.head().await? else {
            return Ok((Told::Nothing("the connection was closed".to_owned()), false));
        };
        if self.manner == Manner::LeavesInAnswer {
            return Ok((Told::Left, false));
        }
        let closes = head
            .field("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let framing = match head.framing() {
            _ if self.method == "HEAD" => Framing::Sized(0),
            Some(framing) => framing,
            None => Framing::Closing,
        };
        let keeps = !closes && framing != Framing::Closing;
        if head.word(1) != "200" {
            let mut text = Vec::new();
            reader.body(framing, |bytes| text.extend_from_slice(bytes)).await?;
            return Ok((self.refusal(&head, &text), keeps));
        }
        if self.method == CREATE {
            return self.read_job(reader, framing).await.map(|told| (told, keeps));
        }
        if head.field("x-soak") != Some(&self.exchange.id.to_string()) {
            return Ok((Told::WrongBytes("the answer to another request".to_owned()), false));
        }
        let mut expected = Pattern::of(self.exchange.id, Way::Down);
        let mut is_right = true;
        let read = reader.body(framing, |bytes| is_right &= expected.matches(bytes)).await;
        let length = if self.method == "HEAD" {
            0
        } else {
            self.exchange.answer.length
        };
        let told = if !is_right || expected.offset() > length {
            Told::WrongBytes(format!("wrong bytes among {}", expected.offset()))
        } else if read.is_err() {
            Told::CutOff
        } else if expected.offset() < length {
            // Of a body that ends with its node's connection nobody can tell it from a whole one.
            let can_be_seen = self.exchange.answer.framing != AnswerFraming::Closing;
            if can_be_seen { Told::Short } else { Told::CutOff }
        } else {
            Told::Done
        };
        Ok((told, keeps && read.is_ok()))
    }

    async fn read_job<S: tokio::io::AsyncRead + Unpin>(
        &self,
        reader: &mut Reader<S>,
        framing: Framing,
    ) -> io::Result<Told> {
        let mut text = Vec::new();
        reader.body(framing, |bytes| text.extend_from_slice(bytes)).await?;
        let job: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
        let id = format!("soak-{}", self.exchange.id);
        Ok(if job.get("job_id").and_then(|job| job.as_str()) == Some(&id) {
            Told::Done
        } else {
            Told::WrongBytes(format!(
                "a job that was not asked for: {}",
                String::from_utf8_lossy(&text)
            ))
        })
    }

    /// An answer of the gateway's own: it says the same in its head and its body, and repeats the opaque id.
    fn refusal(&self, head: &Head, text: &[u8]) -> Told {
        let body: serde_json::Value = serde_json::from_slice(text).unwrap_or_default();
        let status: u16 = head.word(1).parse().unwrap_or_default();
        let named = body.pointer("/error/type").and_then(|name| name.as_str());
        let is_ours = body.get("status").and_then(serde_json::Value::as_u64) == Some(status.into())
            && head.field("x-opaque-id") == Some(&exchange::opaque_id(self.exchange.id));
        match named {
            _ if self.method == "HEAD" => Told::Refused(status, String::new()),
            Some(name) if is_ours => Told::Refused(status, name.to_owned()),
            _ => Told::WrongBytes(format!(
                "no refusal of the gateway's: {}",
                String::from_utf8_lossy(text)
            )),
        }
    }
}
