//! A client that sends what it is told to, byte for byte, and shows what comes back.

use std::fmt;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a test waits for bytes before it gives up.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// An answer: its head line by line as it came, and its body without framing.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    pub status_line: String,
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl fmt::Debug for Answer {
    /// As it came, more or less.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status_line)?;
        for (name, value) in &self.fields {
            writeln!(f, "{name}: {value}")?;
        }
        write!(f, "\n{}", self.text())
    }
}

impl Answer {
    pub fn status(&self) -> u16 {
        self.status_line
            .split(' ')
            .nth(1)
            .expect("a status")
            .parse()
            .expect("a number")
    }

    /// The values of a field, by name in any case.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let named = self.fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection that is kept between requests.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub fn to(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).expect("something listens"))
    }

    /// The same on a stream of the test's own.
    pub fn over(stream: TcpStream) -> Self {
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a socket takes a timeout");
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).expect("the peer reads");
    }

    /// Closes one half of the connection.
    pub fn stop_sending(&mut self) {
        let stream = self.stream.get_ref();
        stream.shutdown(Shutdown::Write).expect("the connection is open");
    }

    /// Reads one answer to a request that was not HEAD.
    pub fn read(&mut self) -> Answer {
        let mut answer = self.read_head();
        let length = answer
            .values("content-length")
            .first()
            .map(|length| length.parse::<usize>().expect("a length"));
        let chunked = answer
            .values("transfer-encoding")
            .iter()
            .any(|coding| coding.eq_ignore_ascii_case("chunked"));
        if matches!(answer.status(), 100..=199 | 204 | 304) {
            return answer; // Whatever its fields say (RFC 9112 §6.3).
        }
        if let Some(length) = length {
            answer.body.resize(length, 0);
            self.stream.read_exact(&mut answer.body).expect("the whole body comes");
        } else if chunked {
            answer.body = self.read_chunks();
        } else {
            self.stream
                .read_to_end(&mut answer.body)
                .expect("the body ends with the connection");
        }
        answer
    }

    /// Reads one answer that may not come: none when the connection ends before it begins.
    pub fn answer(&mut self, is_head: bool) -> Option<Answer> {
        match self.stream.fill_buf() {
            Ok([]) => None,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => None,
            _ if is_head => Some(self.read_head()),
            _ => Some(self.read()),
        }
    }

    /// Reads an answer's head only.
    pub fn read_head(&mut self) -> Answer {
        let status_line = self.read_line();
        let mut fields = Vec::new();
        loop {
            let line = self.read_line();
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            fields.push((name.to_owned(), value.trim().to_owned()));
        }
        Answer {
            status_line,
            fields,
            body: Vec::new(),
        }
    }

    /// Reads some body bytes, at most as many as the buffer holds; 0 at the end of the connection.
    pub fn read_some(&mut self, buffer: &mut [u8]) -> usize {
        self.stream.read(buffer).expect("the peer sends")
    }

    /// Waits for so long and fails if the peer says anything, or closes the connection.
    pub fn assert_silent_for(&mut self, time: Duration) {
        assert!(!self.has_something_within(time), "the peer has nothing to say");
    }

    /// Waits for so long, and says whether the peer says anything, or closes the connection.
    pub fn has_something_within(&mut self, time: Duration) -> bool {
        let stream = self.stream.get_ref();
        stream.set_read_timeout(Some(time)).expect("a socket takes a timeout");
        let outcome = self.stream.fill_buf().map(<[u8]>::len);
        let stream = self.stream.get_ref();
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a socket takes a timeout");
        match outcome {
            Ok(_) => true,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }

    /// Reads body bytes until the buffer is full.
    pub fn read_exact(&mut self, buffer: &mut [u8]) {
        self.stream.read_exact(buffer).expect("the peer sends as much");
    }

    fn read_chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = self.read_line();
            let length =
                usize::from_str_radix(line.split(';').next().unwrap_or_default(), 16).expect("a chunk's length");
            let start = body.len();
            body.resize(start + length, 0);
            self.stream
                .read_exact(&mut body[start..])
                .expect("the whole chunk comes");
            self.read_line();
            if length == 0 {
                return body;
            }
        }
    }

    fn read_line(&mut self) -> String {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).expect("a line comes");
        assert!(
            line.ends_with(b"\r\n"),
            "a cut-off line: {:?}",
            String::from_utf8_lossy(&line)
        );
        line.truncate(line.len() - 2);
        // One character a byte, so that bytes which are no UTF-8 can be compared too.
        line.into_iter().map(char::from).collect()
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.stream.get_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.stream.get_mut().flush()
    }
}

/// Waits until something has come about.
pub fn eventually(what: &str, mut has_come_about: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !has_come_about() {
        assert!(Instant::now() < deadline, "{what} does not come about");
        // Between two looks the cores are the gateway's.
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The bytes of a request with a `Host`, these fields and, if it has a body, its length.
pub fn request(method: &str, target: &str, fields: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: test\r\n");
    for (name, value) in fields {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    format!("{head}\r\n{body}").into_bytes()
}

/// Makes one request on a connection of its own.
pub fn call(address: SocketAddr, method: &str, target: &str, fields: &[(&str, &str)], body: &str) -> Answer {
    let mut connection = Connection::to(address);
    connection.send(&request(method, target, fields, body));
    connection.read()
}

/// The address behind a `http://host:port` URL.
pub fn address_of(url: &str) -> SocketAddr {
    let authority = url.strip_prefix("http://").expect("a plain URL");
    std::net::ToSocketAddrs::to_socket_addrs(authority)
        .expect("an address")
        .next()
        .expect("an address")
}
