//! Requests that pass as the bytes that they came in, beside hyper's way: whatever a client sends, and whatever a node
//! answers, the verdict is the same, the node sees the same request, and the client the same answer.

mod answers;
mod compare;
mod generate;
mod promises;
mod random;
mod transparency;
mod upstream;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::smuggling::shapes;
use crate::support::gateway::Gateway;
use generate::Case;
use random::Random;
use upstream::Node;

/// How many connections the test command compares, besides the shapes that smuggle.
const CASES: usize = 1200;

/// How many of them each way of configuring the gateway gets.
const CONFIGURED_CASES: usize = 150;

/// What is configured that concerns what is forwarded.
const CONFIGURATIONS: [&str; 4] = [
    "upstream: {forwarded: x-forwarded-for, strip_headers: [x-opaque-id, x-a], host: node}",
    "upstream: {forwarded: forwarded, host: es.example.org}\ntrusted_proxies: [127.0.0.1]",
    "upstream: {response_timeout: 60s}\nlimits: {requests: 50, body_timeout: 60s}",
    "jobs: {protect: true}",
];

/// How many threads compare at once, each with gateways and nodes of its own.
const THREADS: usize = 3;

/// How long a client that has sent everything waits for more, before it says that it sends no more: what it has sent may
/// have no end. The second and third time a difference has to show itself, as an answer may be late.
const PATIENCE: [Duration; 3] = [
    Duration::from_millis(150),
    Duration::from_secs(1),
    Duration::from_secs(3),
];

/// How long the gateway may take to end a connection after that.
const END: Duration = Duration::from_secs(30);

/// One way through the gateway.
struct Way {
    node: Node,
    gateway: Gateway,
    _file: NamedTempFile,
}

impl Way {
    fn by_hyper(yaml: &str) -> Self {
        Self::new(yaml, false)
    }

    fn with_a_lane(yaml: &str) -> Self {
        Self::new(yaml, true)
    }

    fn new(yaml: &str, has_lane: bool) -> Self {
        let node = Node::new();
        let mut file = NamedTempFile::with_suffix(".yml").expect("a file");
        write!(file, "lane: {has_lane}\n{yaml}\n").expect("it is written");
        let path = file.path().to_str().expect("a plain path").to_owned();
        let lane = if has_lane { "true" } else { "false" };
        let variables = [("ANOMALY_GATEWAY_LANE", lane)];
        let gateway = Gateway::with_environment(&[&node.url], &["--config", &path], &variables);
        Self {
            node,
            gateway,
            _file: file,
        }
    }

    /// What comes back, and what the node has seen.
    fn go(&self, case: &Case, patience: Duration) -> (Vec<u8>, Vec<upstream::Seen>) {
        let given = send(self.gateway.address, case, patience);
        (given, self.node.take())
    }
}

/// Sends what a client sends, piece by piece, and gives all that comes back.
fn send(gateway: SocketAddr, case: &Case, patience: Duration) -> Vec<u8> {
    let mut stream = TcpStream::connect(gateway).expect("the gateway listens");
    stream.set_nodelay(true).expect("a socket takes it");
    stream
        .set_read_timeout(Some(patience))
        .expect("a socket takes a timeout");
    let mut sending = stream.try_clone().expect("another handle");
    thread::scope(|scope| {
        let writer = scope.spawn(move || {
            for piece in &case.pieces {
                if sending.write_all(piece).is_err() {
                    return; // It was told what it has to know.
                }
                thread::yield_now(); // So that the pieces come as such, mostly.
            }
        });
        let (mut given, mut buffer, mut is_over) = (Vec::new(), vec![0; 64 * 1024], false);
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => given.extend_from_slice(&buffer[..count]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    assert!(!is_over, "the gateway does not end the connection: {}", case.shown);
                    // All that was sent is read, or never will be.
                    is_over = writer.is_finished();
                    if is_over {
                        let _ = stream.shutdown(Shutdown::Write);
                        stream.set_read_timeout(Some(END)).expect("a socket takes a timeout");
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break, // Reset, which says as much as the end.
            }
        }
        given
    })
}

/// What differs between the two ways, if something does each time.
fn difference(plain: &Way, lane: &Way, case: &Case) -> Option<String> {
    let mut difference = None;
    for patience in PATIENCE {
        let ((given, seen), (lane_given, lane_seen)) = thread::scope(|scope| {
            let other = scope.spawn(|| lane.go(case, patience));
            (
                plain.go(case, patience),
                other.join().expect("the client does not panic"),
            )
        });
        let requests = compare::requests(&seen, plain.node.authority());
        let lane_requests = compare::requests(&lane_seen, lane.node.authority());
        let is_same = given == lane_given || compare::answers(&given) == compare::answers(&lane_given);
        if is_same && requests == lane_requests {
            return None;
        }
        let text = |bytes: &[u8]| {
            let start = bytes.get(..1500).unwrap_or(bytes);
            format!("{} ({} bytes)", start.escape_ascii(), bytes.len())
        };
        difference = Some(format!(
            "sent: {}\nby hyper: {}\nby the lane: {}\nthe node saw by hyper: {requests:?}\nby the lane: {lane_requests:?}",
            case.shown,
            text(&given),
            text(&lane_given)
        ));
    }
    difference
}

/// Compares so many generated connections, and each shape that smuggles.
fn compare(yaml: &str, seed: usize, cases: usize) {
    let shapes = shapes::all();
    let differences: Vec<String> = thread::scope(|scope| {
        let compared: Vec<_> = (0..THREADS)
            .map(|number| {
                let shapes = &shapes;
                scope.spawn(move || {
                    let (plain, lane) = (Way::by_hyper(yaml), Way::with_a_lane(yaml));
                    let mut random = Random::new(u64::try_from(seed * THREADS + number).expect("64 bits"));
                    let generated = (0..cases / THREADS).map(|_| None);
                    let shapes = shapes.iter().skip(number).step_by(THREADS).map(Some);
                    let mut differences = Vec::new();
                    for shape in generated.chain(shapes) {
                        let case = match shape {
                            None => Case::new(&mut random),
                            Some(shape) => Case::after_a_plain_one(&mut random, &shape.bytes()),
                        };
                        differences.extend(difference(&plain, &lane, &case));
                        if differences.len() > 3 {
                            break;
                        }
                    }
                    differences
                })
            })
            .collect();
        let each = compared
            .into_iter()
            .map(|thread| thread.join().expect("no case panics"));
        each.flatten().collect()
    });
    let count = differences.len();
    assert!(
        count == 0,
        "{count} differ with [{yaml}]:\n{}",
        differences.join("\n\n")
    );
}

#[test]
fn both_ways_come_to_the_same() {
    compare("", 1, CASES);
}

#[test]
fn both_ways_come_to_the_same_however_the_gateway_is_configured() {
    for (seed, yaml) in CONFIGURATIONS.iter().enumerate() {
        compare(yaml, 100 + seed, CONFIGURED_CASES);
    }
}

#[test]
fn wherever_it_is_cut_a_request_is_the_same() {
    let stream = b"POST /a/_bulk?k=1 HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n\
        5;x\r\n{\"a\":\r\n03\r\n12}\r\n0\r\nX: y\r\n\r\n\
        PUT /b?k=0 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nConnection: close\r\n\r\n{}\r\n";
    let (plain, lane) = (Way::by_hyper(""), Way::with_a_lane(""));
    let cases = (0..=stream.len()).map(|place| Case::cut_at(stream, place));
    let differences: Vec<String> = cases.filter_map(|case| difference(&plain, &lane, &case)).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

/// As many as `LANE_CASES` says, from the seed `LANE_SEED` on.
#[test]
#[ignore = "a long run: LANE_CASES=200000 cargo test --release --test it -- --ignored both_ways_come_to_the_same_at_length"]
fn both_ways_come_to_the_same_at_length() {
    let number = |name: &str, usual| {
        let text = std::env::var(name).ok();
        text.map_or(usual, |text| text.parse().expect("a number"))
    };
    compare("", number("LANE_SEED", 2), number("LANE_CASES", 20_000));
}
