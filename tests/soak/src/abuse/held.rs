//! Hostile connections that hold what they are given: bodies and heads without an end, answers that nobody reads, and
//! silence where those who run the gateway ask.

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::hostile::{Attack, Hostile, Memory, Size};
use super::request::{ask, read};
use crate::exchange::{Answer, AnswerFraming, Exchange};
use crate::gateway::Gateway;

const TARGET: &str = "/_ml/anomaly_detectors/hostile";
const JSON: (&str, &str) = ("Content-Type", "application/json");
const JOB: &[u8] = br#"{"analysis_config":{"detectors":[{"function":"count"}]},"data_description":{}}"#;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// How long the gateway may take to give up what it has to.
const PATIENCE: Duration = Duration::from_secs(60);

/// After what time the next connection is made: it is about what they hold, not how fast they come.
const PAUSE: Duration = Duration::from_millis(4);

/// The same where an answer is asked for: some megabytes of it fill the buffers of all sockets on its way.
const ANSWER_PAUSE: Duration = Duration::from_millis(100);

/// How often it is looked at its memory, to see when no more of it is taken.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// How long a sign of life may take: the shortest time that orchestrators wait for one. It is measured on a machine that
/// does nothing else; a test, beside which others run, sees that nobody waits until the silent ones are closed.
const fn max_live_time(size: Size) -> Duration {
    match size {
        Size::Full => Duration::from_millis(100),
        Size::Short => Duration::from_secs(2),
    }
}

/// All of them.
pub(super) fn rows(size: Size) -> Vec<Hostile> {
    let few = |count: u32| if size == Size::Full { count } else { count / 10 };
    let (readers, bodies, heads) = (few(256), few(2_060), few(2_000));
    vec![
        Hostile {
            name: format!("{bodies} bodies of 64 KiB that stop"),
            settings: "limits: {body_timeout: 2s}\n",
            policies: None,
            // Each is in hyper's buffer and in the gateway's, which may be twice as long.
            memory: Memory::Bytes(u64::from(bodies) * 192 * KIB + 16 * MIB),
            attack: stalled_bodies(bodies),
        },
        Hostile {
            name: format!("{heads} heads of 390 KB without an end"),
            settings: "",
            policies: None,
            memory: Memory::Bytes(u64::from(heads) * 48 * KIB),
            attack: unfinished_heads(heads, 390_000),
        },
        Hostile {
            name: format!("{heads} heads of 65 KB without an end"),
            settings: "",
            policies: None,
            // `limits.heads` counts bytes; the buffers that hold them are up to twice as long.
            memory: Memory::Bytes(2 * 64 * MIB + u64::from(heads) * 16 * KIB),
            attack: unfinished_heads(heads, 65_000),
        },
        Hostile {
            name: format!("{readers} clients that do not read 200 MB"),
            settings: "",
            policies: None,
            memory: Memory::Bytes(u64::from(readers) * 256 * KIB),
            attack: deaf_readers(readers),
        },
        Hostile {
            name: "1000 silent connections to admin.listen".to_owned(),
            settings: "admin: {listen: '127.0.0.1:0'}\n",
            policies: None,
            memory: Memory::Bytes(8 * MIB),
            attack: silent_at_admin(max_live_time(size)),
        },
    ]
}

/// Connections on which all but the last five bytes of a body comes. Each is to be answered, and then a job is created.
fn stalled_bodies(count: u32) -> Attack {
    Box::new(move |gateway: &Gateway| {
        let length = 64 * 1024;
        let head = format!("PUT {TARGET} HTTP/1.1\r\nHost: a\r\nContent-Type: {}\r\n", JSON.1);
        let mut begun = format!("{head}Content-Length: {length}\r\n\r\n").into_bytes();
        begun.resize(begun.len() + length - 5, b' ');
        let bodies = connections(gateway.address, count, PAUSE, &begun)?;
        for mut body in bodies {
            body.set_read_timeout(Some(PATIENCE))?;
            let status = read(BufReader::new(&mut body))
                .context("a body that stalls is not ended")?
                .status;
            ensure!(matches!(status, 408 | 429), "a body that stalls is told {status}");
        }
        let created = ask(gateway.address, "PUT", TARGET, &[JSON], JOB)?;
        ensure!(created.status == 200, "a create is told {}", created.status);
        Ok(())
    })
}

/// Connections on which the beginning of a head comes.
fn unfinished_heads(count: u32, length: usize) -> Attack {
    Box::new(move |gateway: &Gateway| {
        let mut head = b"GET /a HTTP/1.1\r\nHost: a\r\nX-Long: ".to_vec();
        head.resize(length, b'a');
        let _held = connections(gateway.address, count, PAUSE, &head)?;
        wait_until_no_more_is_taken(gateway)
    })
}

/// Connections on which an answer is asked for, of which only the beginning is read.
fn deaf_readers(count: u32) -> Attack {
    Box::new(move |gateway: &Gateway| {
        let answer = Answer {
            framing: AnswerFraming::Sized,
            length: 200_000_000,
        };
        let exchange = Exchange { id: 0, body: 0, answer };
        let request = format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", exchange.target());
        let mut readers = connections(gateway.address, count, ANSWER_PAUSE, request.as_bytes())?;
        for reader in &mut readers {
            reader.set_read_timeout(Some(PATIENCE))?;
            reader.read_exact(&mut [0; 64]).context("an answer does not begin")?;
        }
        wait_until_no_more_is_taken(gateway)
    })
}

/// Connections to where those who run the gateway ask, with questions between them.
fn silent_at_admin(max_live_time: Duration) -> Attack {
    Box::new(move |gateway: &Gateway| {
        let admin = gateway.admin().context("the gateway has no such listener")?;
        let mut held = Vec::new();
        let mut slowest = Duration::ZERO;
        for _ in 0..50 {
            held.extend(connections(admin, 20, Duration::ZERO, b"")?);
            let asked = Instant::now();
            let live = ask(admin, "GET", "/live", &[], b"")?;
            slowest = slowest.max(asked.elapsed());
            ensure!(live.status == 200, "`/live` is {}", live.status);
        }
        println!("the slowest `/live` took {slowest:?}");
        ensure!(slowest < max_live_time, "`/live` took {slowest:?}");
        Ok(())
    })
}

/// Connections on which this was sent, as much of it as was taken.
fn connections(to: SocketAddr, count: u32, pause: Duration, sent: &[u8]) -> anyhow::Result<Vec<TcpStream>> {
    rlimit::increase_nofile_limit(rlimit::INFINITY)?;
    let connect = |_| {
        thread::sleep(pause);
        let mut stream = TcpStream::connect(to)?;
        // One who is refused before all is sent may be answered at once.
        let _ = stream.write_all(sent);
        Ok(stream)
    };
    (0..count).map(connect).collect()
}

fn wait_until_no_more_is_taken(gateway: &Gateway) -> anyhow::Result<()> {
    let mut last = 0;
    loop {
        let now = gateway.memory("VmHWM")?;
        if std::mem::replace(&mut last, now) == now {
            return Ok(());
        }
        thread::sleep(LOOK_INTERVAL);
    }
}
