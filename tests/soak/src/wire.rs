//! Reads HTTP/1.1 from a socket, strictly: what is cut off is told as cut off.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncRead, AsyncReadExt};

/// No head of a run is as long.
const LONGEST_HEAD: usize = 64 * 1024;

/// How many bytes are asked of a socket at a time.
const PIECE: usize = 16 * 1024;

/// The head of a request or an answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    lines: Vec<String>,
}

/// Where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Sized(u64),
    Chunked,
    /// With the connection.
    Closing,
}

impl Head {
    /// The request line or status line.
    pub(crate) fn start(&self) -> &str {
        self.lines.first().map_or("", String::as_str)
    }

    /// The word of the start line at this place.
    pub(crate) fn word(&self, place: usize) -> &str {
        self.start().split(' ').nth(place).unwrap_or_default()
    }

    /// The value of a field, by its name in lower case.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.lines.iter().skip(1).find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// How the body behind it is framed, if it says so.
    pub(crate) fn framing(&self) -> Option<Framing> {
        if self.field("transfer-encoding").is_some() {
            return Some(Framing::Chunked);
        }
        let length = self.field("content-length")?.parse().ok()?;
        Some(Framing::Sized(length))
    }
}

/// A socket's bytes, and those read ahead.
pub(crate) struct Reader<S> {
    stream: S,
    ahead: Vec<u8>,
    taken: usize,
}

impl<S: AsyncRead + Unpin> Reader<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            ahead: Vec::new(),
            taken: 0,
        }
    }

    /// Whether bytes have come that nobody has asked for yet.
    pub(crate) fn has_more(&self) -> bool {
        self.taken < self.ahead.len()
    }

    /// The next head; none when the peer has ended the connection before one.
    pub(crate) async fn head(&mut self) -> Result<Option<Head>> {
        let mut head = Head::default();
        let mut length = 0;
        loop {
            let Some(line) = self.line().await? else {
                return if head.lines.is_empty() {
                    Ok(None)
                } else {
                    Err(cut_off())
                };
            };
            length += line.len();
            if line.is_empty() {
                return Ok(Some(head));
            }
            if length > LONGEST_HEAD {
                return Err(Error::new(ErrorKind::InvalidData, "a head without an end"));
            }
            head.lines.push(line);
        }
    }

    /// Reads a body to its end, and shows each piece.
    pub(crate) async fn body(&mut self, framing: Framing, mut show: impl FnMut(&[u8])) -> Result<()> {
        match framing {
            Framing::Sized(length) => self.pieces(length, &mut show).await,
            Framing::Closing => {
                while self.more().await? {
                    show(self.ahead.get(self.taken..).unwrap_or_default());
                    self.taken = self.ahead.len();
                }
                Ok(())
            }
            Framing::Chunked => loop {
                let line = self.line().await?.ok_or_else(cut_off)?;
                let size = u64::from_str_radix(&line, 16)
                    .map_err(|_| Error::new(ErrorKind::InvalidData, format!("[{line}] is no size of a chunk")))?;
                self.pieces(size, &mut show).await?;
                if !self.line().await?.ok_or_else(cut_off)?.is_empty() {
                    return Err(Error::new(ErrorKind::InvalidData, "a chunk is longer than it says"));
                }
                if size == 0 {
                    return Ok(());
                }
            },
        }
    }

    async fn pieces(&mut self, mut left: u64, show: &mut impl FnMut(&[u8])) -> Result<()> {
        while left > 0 {
            if !self.more().await? {
                return Err(cut_off());
            }
            let ready = self.ahead.get(self.taken..).unwrap_or_default();
            let now = ready.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            show(ready.get(..now).unwrap_or_default());
            self.taken += now;
            left -= now as u64;
        }
        Ok(())
    }

    /// The next line without its end; none when there are no more bytes at all.
    async fn line(&mut self) -> Result<Option<String>> {
        let mut line = Vec::new();
        while self.more().await? {
            let ready = self.ahead.get(self.taken..).unwrap_or_default();
            let end = ready.iter().position(|byte| *byte == b'\n');
            let now = end.map_or(ready.len(), |end| end + 1);
            line.extend_from_slice(ready.get(..now).unwrap_or_default());
            self.taken += now;
            if line.len() > LONGEST_HEAD {
                return Err(Error::new(ErrorKind::InvalidData, "a line without an end"));
            }
            if end.is_some() {
                let text = line.strip_suffix(b"\r\n").ok_or(ErrorKind::InvalidData)?;
                return Ok(Some(String::from_utf8_lossy(text).into_owned()));
            }
        }
        if line.is_empty() { Ok(None) } else { Err(cut_off()) }
    }

    /// Sees to it that a byte is there, and says whether one came.
    async fn more(&mut self) -> Result<bool> {
        if self.has_more() {
            return Ok(true);
        }
        self.ahead.clear();
        self.ahead.reserve(PIECE);
        self.taken = 0;
        Ok(self.stream.read_buf(&mut self.ahead).await? > 0)
    }
}

fn cut_off() -> Error {
    ErrorKind::UnexpectedEof.into()
}
