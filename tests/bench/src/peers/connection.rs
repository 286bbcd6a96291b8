//! One connection of the load, on which one request follows the answer to the last one.

use std::net::SocketAddr;

use anyhow::{Context, bail, ensure};
use rustls::HandshakeKind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::question::{Question, body_length, head_end};
use super::tls;

/// How many bytes are read or written at once of a large body.
const PIECE: usize = 256 * 1024;

/// How each answer begins.
const OK: &[u8] = b"HTTP/1.1 200 ";

/// How to connect.
#[derive(Clone)]
pub struct Dial {
    /// Where to.
    pub address: SocketAddr,
    /// With which TLS, if with any.
    pub tls: Option<TlsConnector>,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection.
pub struct Connection {
    stream: Stream,
    read: Vec<u8>,
}

impl Dial {
    /// Connects, and sets TLS up where there is some.
    pub async fn connect(&self) -> anyhow::Result<Connection> {
        let stream = TcpStream::connect(self.address).await.context("no connection")?;
        stream.set_nodelay(true)?;
        let stream = match &self.tls {
            None => Stream::Plain(stream),
            Some(tls) => {
                let stream = tls.connect(tls::name()?, stream).await.context("TLS failed")?;
                Stream::Tls(Box::new(stream))
            }
        };
        Ok(Connection {
            stream,
            read: Vec::new(),
        })
    }
}

impl Connection {
    /// Whether its TLS goes on with a session of another connection.
    #[must_use]
    pub fn is_resumed(&self) -> bool {
        match &self.stream {
            Stream::Plain(_) => false,
            Stream::Tls(stream) => stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed),
        }
    }

    /// Asks, and reads the answer to its end, of which it is known how many bytes it has with its head.
    pub async fn ask(&mut self, question: &Question, length: u64) -> anyhow::Result<()> {
        self.send(question).await?;
        self.read.resize(usize::try_from(length).unwrap_or(PIECE).min(PIECE), 0);
        let mut left = length;
        while left > 0 {
            let room = self.read.get_mut(..usize::try_from(left).unwrap_or(PIECE).min(PIECE));
            let count = self.stream.read(room.unwrap_or_default()).await.context("no answer")?;
            ensure!(count > 0, "the connection has ended before the answer had");
            if left == length {
                ensure!(
                    self.read.starts_with(OK),
                    "another answer than 200: {}",
                    shown(&self.read)
                );
            }
            left -= count as u64;
        }
        Ok(())
    }

    /// Asks for the first time, and says how many bytes the answer has with its head.
    pub async fn ask_first(&mut self, question: &Question) -> anyhow::Result<u64> {
        self.send(question).await?;
        let mut answer = Vec::new();
        let end = loop {
            if let Some(end) = head_end(&answer) {
                break end;
            }
            let mut piece = [0; 1024];
            let count = self.stream.read(&mut piece).await.context("no answer")?;
            ensure!(count > 0, "the connection has ended before the answer had");
            answer.extend_from_slice(piece.get(..count).unwrap_or_default());
        };
        ensure!(answer.starts_with(OK), "another answer than 200: {}", shown(&answer));
        let Some(body) = answer.get(..end).and_then(body_length) else {
            bail!("an answer without a length: {}", shown(&answer));
        };
        let length = end as u64 + body;
        let mut left = length.checked_sub(answer.len() as u64).context("more than an answer")?;
        let mut scratch = vec![0; PIECE];
        while left > 0 {
            let count = self.stream.read(&mut scratch).await.context("no answer")?;
            ensure!(count > 0, "the connection has ended before the answer had");
            left = left.checked_sub(count as u64).context("more than an answer")?;
        }
        Ok(length)
    }

    async fn send(&mut self, question: &Question) -> anyhow::Result<()> {
        self.stream
            .write(&question.start)
            .await
            .context("a request cannot be sent")?;
        let mut left = question.rest;
        if left > 0 && self.read.len() < PIECE {
            self.read.resize(PIECE, 0);
        }
        while left > 0 {
            let piece = self.read.get(..usize::try_from(left).unwrap_or(PIECE).min(PIECE));
            let piece = piece.unwrap_or_default();
            self.stream.write(piece).await.context("a body cannot be sent")?;
            left -= piece.len() as u64;
        }
        Ok(())
    }
}

impl Stream {
    async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    async fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(room).await,
            Self::Tls(stream) => stream.read(room).await,
        }
    }
}

fn shown(bytes: &[u8]) -> String {
    let first = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
    String::from_utf8_lossy(first).into_owned()
}
