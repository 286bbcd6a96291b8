//! Clients that misbehave: slow ones, idle ones, and those that vanish.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, anyhow};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::exchange::{Answer, AnswerFraming, Exchange};
use crate::wire::{Framing, Reader};

/// How many send the head of a request byte by byte.
const SLOW: usize = 1_000;

/// How many have a connection and do nothing with it; every second one has made a request before.
const IDLE: usize = 1_000;

/// How many are, at any time, within a body that they will not end.
const VANISHING: usize = 200;

/// The length that a vanishing client announces, in bytes. It sends half of it.
const ANNOUNCED: usize = 100_000;

/// The pause of a slow client between two bytes, and the life of a vanishing one.
const PAUSE: Duration = Duration::from_secs(1);

/// How long all of them may take to be there.
const START_LIMIT: Duration = Duration::from_secs(60);

/// All of them, at work.
pub(super) struct Abusers {
    stop: Arc<AtomicBool>,
    vanished: Arc<AtomicUsize>,
    thread: JoinHandle<anyhow::Result<()>>,
}

impl Abusers {
    /// Starts them, and returns when all have connected.
    pub(super) fn start(gateway: SocketAddr) -> anyhow::Result<Self> {
        let (stop, vanished) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (told, are_there) = mpsc::channel();
        let (stopped, counted) = (Arc::clone(&stop), Arc::clone(&vanished));
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(abuse(gateway, &stopped, &counted, &told))
        });
        are_there.recv_timeout(START_LIMIT).context("they cannot all connect")?;
        Ok(Self { stop, vanished, thread })
    }

    /// Ends them all at once, and says how many have vanished.
    pub(super) fn stop(self) -> anyhow::Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("the abusers panicked"))??;
        Ok(self.vanished.load(Ordering::Relaxed))
    }
}

async fn abuse(
    gateway: SocketAddr,
    stop: &AtomicBool,
    vanished: &Arc<AtomicUsize>,
    there: &mpsc::Sender<()>,
) -> anyhow::Result<()> {
    let mut clients = JoinSet::new();
    for _ in 0..SLOW {
        let stream = TcpStream::connect(gateway).await?;
        clients.spawn(be_slow(gateway, stream));
    }
    for number in 0..IDLE {
        let mut stream = TcpStream::connect(gateway).await?;
        if number % 2 == 0 {
            ask(&mut stream).await?;
        }
        clients.spawn(be_idle(stream));
    }
    for number in 0..VANISHING {
        clients.spawn(vanish(gateway, number, Arc::clone(vanished)));
    }
    let _ = there.send(());
    while !stop.load(Ordering::Relaxed) {
        // What ends was closed by the gateway, which it may do with none of them but slow ones, and those come back.
        if let Ok(Some(ended)) = timeout(Duration::from_millis(50), clients.join_next()).await {
            ended?.context("a connection was not kept")?;
        }
    }
    clients.shutdown().await;
    Ok(())
}

/// Sends a head byte by byte, and the next one when the gateway has had enough of it.
async fn be_slow(gateway: SocketAddr, mut stream: TcpStream) -> io::Result<()> {
    loop {
        let head = b"GET /_search HTTP/1.1\r\nHost: slow\r\nX-Padding: "
            .iter()
            .chain(std::iter::repeat(&b'a'));
        for byte in head {
            if stream.write_all(&[*byte]).await.is_err() {
                break;
            }
            sleep(PAUSE).await;
        }
        stream = TcpStream::connect(gateway).await?;
    }
}

/// Has a connection. Elasticsearch never closes one.
async fn be_idle(mut stream: TcpStream) -> io::Result<()> {
    match stream.read(&mut [0]).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// Begins a body, sends half of it, and is gone: with a reset every second time.
async fn vanish(gateway: SocketAddr, number: usize, vanished: Arc<AtomicUsize>) -> io::Result<()> {
    // Not all at once.
    sleep(PAUSE / 200 * u32::try_from(number).unwrap_or_default()).await;
    for turn in number.. {
        let mut stream = TcpStream::connect(gateway).await?;
        let head = format!("PUT /a/_doc/{number} HTTP/1.1\r\nHost: gone\r\nContent-Length: {ANNOUNCED}\r\n\r\n");
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&vec![b'a'; ANNOUNCED / 2]).await?;
        sleep(PAUSE).await;
        if turn % 2 == 0 {
            SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
        }
        drop(stream);
        vanished.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

async fn ask(stream: &mut TcpStream) -> anyhow::Result<()> {
    let answer = Answer {
        framing: AnswerFraming::Sized,
        length: 100,
    };
    let exchange = Exchange { id: 0, body: 0, answer };
    let request = format!("GET {} HTTP/1.1\r\nHost: idle\r\n\r\n", exchange.target());
    stream.write_all(request.as_bytes()).await?;
    let mut reader = Reader::new(stream);
    let head = reader.head().await?.context("no answer")?;
    reader.body(head.framing().unwrap_or(Framing::Closing), |_| {}).await?;
    Ok(())
}
