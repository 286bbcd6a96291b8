//! The upstream: a thread that answers every request at once, those of the load with bytes that are there already.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::sync::oneshot;

use super::own_calls;
use super::question::{BULK, SIZED, SMALL, SMALL_TARGET, body_length, head_end};
use crate::core::keep_to;

/// How many bytes are read or written at once of a large body.
const PIECE: usize = 256 * 1024;

/// An upstream. It ends with this value, and so do its connections.
#[derive(Debug)]
pub struct Upstream {
    /// Where it listens.
    pub address: SocketAddr,
    _running: oneshot::Sender<()>,
}

impl Upstream {
    /// Starts one on this core.
    pub fn start(core: usize) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (running, ended) = oneshot::channel();
        let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
        thread::spawn(move || {
            keep_to(&[core]);
            runtime.block_on(async {
                tokio::select! {
                    _ = accept(listener) => {}
                    _ = ended => {}
                }
            });
        });
        Ok(Self {
            address,
            _running: running,
        })
    }
}

async fn accept(listener: std::net::TcpListener) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let answers = Arc::new(Answers::new());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // A proxy that goes away is no concern of the upstream's.
        tokio::spawn(serve(stream, Arc::clone(&answers)));
    }
}

/// What is answered.
struct Answers {
    small: Vec<u8>,
    piece: Vec<u8>,
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// How many bytes its body has.
    body: u64,
    answer: Answer,
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Small,
    /// One whose body has so many bytes.
    Sized(u64),
    /// One to a call of the gateway's own.
    Own(Vec<u8>),
}

impl Asked {
    fn by(head: &[u8]) -> Self {
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let line = std::str::from_utf8(line).unwrap_or_default();
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let size = target.strip_prefix(SIZED).and_then(|size| size.parse().ok());
        let answer = match size {
            Some(size) => Answer::Sized(size),
            None if matches!(target, SMALL_TARGET | BULK) => Answer::Small,
            None => Answer::Own(own_answer(method, target)),
        };
        Self {
            body: body_length(head).unwrap_or(0),
            answer,
        }
    }
}

impl Answers {
    fn new() -> Self {
        let mut small = answer_head("200 OK", SMALL as u64);
        let body = format!("{{\"a\":\"{}\"}}", "x".repeat(SMALL - 8));
        small.extend_from_slice(body.as_bytes());
        Self {
            small,
            piece: vec![b'x'; PIECE],
        }
    }

    async fn write(&self, stream: &mut TcpStream, answer: &Answer) -> io::Result<()> {
        let size = match answer {
            Answer::Small => return stream.write_all(&self.small).await,
            Answer::Own(answer) => return stream.write_all(answer).await,
            Answer::Sized(size) => *size,
        };
        stream.write_all(&answer_head("200 OK", size)).await?;
        let mut left = size;
        while left > 0 {
            let count = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            stream.write_all(self.piece.get(..count).unwrap_or_default()).await?;
            left -= count as u64;
        }
        Ok(())
    }
}

fn own_answer(method: &str, target: &str) -> Vec<u8> {
    let (status, body) = own_calls::answer(method, target);
    let mut answer = answer_head(status, body.len() as u64);
    answer.extend_from_slice(body.as_bytes());
    answer
}

fn answer_head(status: &str, length: u64) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nX-elastic-product: Elasticsearch\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    head.into_bytes()
}

/// Answers the requests of a connection, one after the other.
async fn serve(mut stream: TcpStream, answers: Arc<Answers>) -> io::Result<()> {
    let mut read = Vec::with_capacity(4096);
    let mut scratch = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = head_end(&read) {
                break end;
            }
            if stream.read_buf(&mut read).await? == 0 {
                return Ok(());
            }
        };
        let asked = Asked::by(read.get(..end).unwrap_or_default());
        read.drain(..end);
        let here = usize::try_from(asked.body).unwrap_or(usize::MAX).min(read.len());
        read.drain(..here);
        let mut left = asked.body - here as u64;
        while left > 0 {
            scratch.resize(usize::try_from(left).unwrap_or(PIECE).min(PIECE), 0);
            let count = stream.read(&mut scratch).await?;
            if count == 0 {
                return Ok(());
            }
            left -= count as u64;
        }
        answers.write(&mut stream, &asked.answer).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_in_the_head() {
        let asked = |head: &str| Asked::by(head.as_bytes());
        let sized = asked("GET /sized/1048576 HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!((sized.body, sized.answer), (0, Answer::Sized(1 << 20)));
        let bulk = asked("POST /_bulk HTTP/1.1\r\nHost: a\r\ncontent-length: 3\r\n\r\n");
        assert_eq!((bulk.body, bulk.answer), (3, Answer::Small));
        let Answer::Own(answer) = asked("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").answer else {
            panic!("a probe is no request of the load");
        };
        assert_eq!(head_end(&answer), Some(answer.len()));
    }

    #[test]
    fn a_small_answer_has_the_length_that_it_says() {
        let small = Answers::new().small;
        let end = head_end(&small).expect("a head");
        assert_eq!(body_length(&small[..end]), Some(SMALL as u64));
        assert_eq!(small.len() - end, SMALL);
    }
}
