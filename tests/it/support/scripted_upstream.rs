//! A node that does what a test says and remembers every byte it was sent.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

/// What the upstream does once it has read a request's head: it is given the head and the connection.
pub type Script = dyn Fn(&str, &mut TcpStream) + Send + Sync;

/// An upstream on a free port. Each connection is served by a thread of its own.
pub struct ScriptedUpstream {
    pub url: String,
    heads: Arc<Mutex<Vec<String>>>,
    accepted: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
}

impl ScriptedUpstream {
    /// An upstream that runs `script` for every request. The script must read the request's body.
    pub fn new(script: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").expect("a free port"), script)
    }

    /// An upstream on a port of the test's choice.
    pub fn on(listener: TcpListener, script: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let heads = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script> = Arc::new(script);
        let seen = Arc::clone(&heads);
        let accepted = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&accepted);
        let connections = Arc::new(AtomicUsize::new(0));
        let with_requests = Arc::clone(&connections);
        let open = Arc::new(AtomicUsize::new(0));
        let still_open = Arc::clone(&open);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                counted.fetch_add(1, Ordering::Relaxed);
                still_open.fetch_add(1, Ordering::Relaxed);
                let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
                let (open, connections) = (Arc::clone(&still_open), Arc::clone(&with_requests));
                thread::spawn(move || {
                    serve(stream, &*script, &seen, &connections);
                    open.fetch_sub(1, Ordering::Relaxed);
                });
            }
        });
        Self {
            url,
            heads,
            accepted,
            connections,
            open,
        }
    }

    /// An upstream that reads a body of stated length and gives the same answer to everything.
    pub fn answering(answer: &'static str) -> Self {
        Self::new(move |head, stream| {
            read_body(head, stream);
            let _ = stream.write_all(answer.as_bytes());
        })
    }

    /// An upstream that gives the same answer to everything, but to `GET /slow` only once it is told to go on. The first
    /// barrier is for the test and the request that has come, the second one for the test and the answer.
    pub fn holding(answer: &'static str) -> (Self, Arc<Barrier>, Arc<Barrier>) {
        let (started, finish) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let (start, go_on) = (Arc::clone(&started), Arc::clone(&finish));
        let upstream = Self::new(move |head, stream| {
            if head.starts_with("GET /slow ") {
                start.wait();
                go_on.wait();
            }
            let _ = stream.write_all(answer.as_bytes());
        });
        (upstream, started, finish)
    }

    /// The head of every request so far, byte for byte, one character a byte. The gateway's probes are none.
    pub fn heads(&self) -> Vec<String> {
        self.seen(|head| !is_probe(head))
    }

    /// The heads of the gateway's probes so far.
    pub fn probes(&self) -> Vec<String> {
        self.seen(is_probe)
    }

    fn seen(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let heads = self.heads.lock().expect("no test thread panicked");
        heads.iter().filter(|head| wanted(head)).cloned().collect()
    }

    /// How many connections were made to it so far, those of probes too.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// On how many connections requests of clients have come so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// How many connections to it are open now.
    pub fn open_connections(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// How many requests of clients it was sent so far; probes are none.
    pub fn requests(&self) -> usize {
        self.heads().len()
    }

    /// The one request so far.
    pub fn only_head(&self) -> String {
        let heads = self.heads();
        assert_eq!(heads.len(), 1, "{heads:?}");
        heads.into_iter().next().expect("there is one")
    }
}

/// Whether a request is the gateway's own question whether a node answers.
fn is_probe(head: &str) -> bool {
    head.starts_with("HEAD / ") && field(head, "user-agent").is_some_and(|agent| agent.starts_with("anomaly-gateway/"))
}

fn serve(mut stream: TcpStream, script: &Script, seen: &Mutex<Vec<String>>, connections: &AtomicUsize) {
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .expect("a socket takes a timeout");
    let mut is_counted = false;
    while let Some(head) = read_head(&mut stream) {
        if !is_probe(&head) && !is_counted {
            is_counted = true;
            connections.fetch_add(1, Ordering::Relaxed);
        }
        seen.lock().expect("no test thread panicked").push(head.clone());
        script(&head, &mut stream);
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// Reads to the blank line, byte by byte, so that nothing of the body is taken.
fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = String::new();
    let mut byte = [0];
    while !head.ends_with("\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(0) => return None,
            Ok(_) => head.push(char::from(byte[0])),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    Some(head)
}

/// The value of a field in a head.
pub fn field(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// Reads the body that a head announces, by length or in chunks, and gives its bytes with the framing.
pub fn read_body(head: &str, stream: &mut TcpStream) -> Vec<u8> {
    if let Some(length) = field(head, "content-length") {
        let mut body = vec![0; length.parse().expect("a length")];
        stream.read_exact(&mut body).expect("the whole body comes");
        return body;
    }
    let mut body = Vec::new();
    if field(head, "transfer-encoding").is_some() {
        let mut byte = [0];
        while !body.ends_with(b"0\r\n\r\n") {
            stream.read_exact(&mut byte).expect("the last chunk comes");
            body.push(byte[0]);
        }
    }
    body
}
