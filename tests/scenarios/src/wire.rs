//! A client that keeps every byte of an answer's head: the case of names, their order, the values, the reason.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context, bail, ensure};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// A connection that is kept between requests, and made anew only after an answer that said it would be closed.
pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// An answer as it came; the body without its framing but in its coding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status_line: Vec<u8>,
    /// The lines of the head, and those after a chunked body.
    pub(crate) fields: Vec<Vec<u8>>,
    pub(crate) trailers: Vec<Vec<u8>>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The status code.
    pub(crate) fn status(&self) -> anyhow::Result<u16> {
        let code = self.status_line.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        let code = std::str::from_utf8(code).ok().and_then(|code| code.parse().ok());
        code.with_context(|| format!("no status in {:?}", String::from_utf8_lossy(&self.status_line)))
    }

    /// The values of a field, by name in any case.
    pub(crate) fn values(&self, name: &str) -> Vec<String> {
        let named = self.fields.iter().filter_map(move |line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (field, value) = line.split_at(colon);
            field.eq_ignore_ascii_case(name.as_bytes()).then_some(value)
        });
        let text = |value: &[u8]| String::from_utf8_lossy(value).trim_start_matches(':').trim().to_owned();
        named.map(text).collect()
    }

    fn has(&self, name: &str, token: &str) -> bool {
        self.values(name).iter().any(|value| value.eq_ignore_ascii_case(token))
    }
}

impl Connection {
    pub(crate) fn to(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Sends the bytes of one request and reads its answer. A connection that was closed without a word about it is
    /// an error: a client would have seen one too.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connected(self.address)?,
        };
        stream.get_mut().write_all(request).context("sending the request")?;
        let is_head = request.starts_with(b"HEAD ");
        let (answer, is_reusable) = answer(&mut stream, is_head)?;
        if is_reusable {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

fn connected(address: SocketAddr) -> anyhow::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address).with_context(|| format!("connecting to {address}"))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(BufReader::new(stream))
}

/// Reads one answer, and says whether another can follow.
fn answer(stream: &mut BufReader<TcpStream>, is_head: bool) -> anyhow::Result<(Answer, bool)> {
    let mut answer = Answer {
        status_line: line(stream).context("reading the status line")?,
        fields: lines(stream)?,
        ..Answer::default()
    };
    let closes = answer.has("connection", "close");
    let status = answer.status()?;
    if is_head || matches!(status, 204 | 304) {
        return Ok((answer, !closes));
    }
    if answer.has("transfer-encoding", "chunked") {
        answer.body = chunks(stream)?;
        answer.trailers = lines(stream)?;
    } else if let Some(length) = answer.values("content-length").first() {
        answer.body = vec![0; length.parse().context("a length that is no number")?];
        stream.read_exact(&mut answer.body).context("a body that was cut off")?;
    } else {
        stream
            .read_to_end(&mut answer.body)
            .context("a body that was cut off")?;
        return Ok((answer, false));
    }
    Ok((answer, !closes))
}

/// The lines up to an empty one.
fn lines(stream: &mut BufReader<TcpStream>) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            return Ok(lines);
        }
        lines.push(line);
    }
}

fn line(stream: &mut BufReader<TcpStream>) -> anyhow::Result<Vec<u8>> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line)?;
    if line.is_empty() {
        bail!("the connection was closed before an answer");
    }
    ensure!(
        line.ends_with(b"\r\n"),
        "a line that was cut off: {:?}",
        String::from_utf8_lossy(&line)
    );
    line.truncate(line.len() - 2);
    Ok(line)
}

fn chunks(stream: &mut BufReader<TcpStream>) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let head = String::from_utf8(line(stream)?)?;
        let size = head.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).with_context(|| format!("{head:?} is no chunk's size"))?;
        if size == 0 {
            return Ok(body);
        }
        let read = stream.take(size).read_to_end(&mut body)?;
        ensure!(read as u64 == size, "a chunk that was cut off");
        ensure!(line(stream)?.is_empty(), "a chunk that is longer than it says");
    }
}
