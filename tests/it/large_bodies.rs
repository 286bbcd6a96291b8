//! Bodies far larger than the gateway's memory pass through it whole.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::{ScriptedUpstream, field};
use crate::support::wire::Connection;

const LENGTH: usize = 1024 * 1024 * 1024;
const CHUNKED_LENGTH: usize = 200 * 1024 * 1024;
const BLOCK: usize = 256 * 1024;

/// The most memory that the gateway may ever have resident, in bytes.
const MEMORY_LIMIT: u64 = 64 * 1024 * 1024;

/// Bytes that differ from place to place, so that a lost, doubled or moved block is seen.
fn fill(block: &mut [u8], position: usize) {
    for (place, word) in block.chunks_exact_mut(8).enumerate() {
        let number = (position / 8 + place) as u64;
        word.copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes());
    }
}

fn send_all(stream: &mut impl Write, length: usize) {
    let mut block = vec![0; BLOCK];
    for position in (0..length).step_by(BLOCK) {
        fill(&mut block, position);
        stream.write_all(&block).expect("the peer reads");
    }
}

/// Reads the whole body and says where it first differs from what was sent.
fn check_all(length: usize, mut read: impl FnMut(&mut [u8])) -> Result<(), usize> {
    let (mut expected, mut came) = (vec![0; BLOCK], vec![0; BLOCK]);
    for position in (0..length).step_by(BLOCK) {
        fill(&mut expected, position);
        read(&mut came);
        if came != expected {
            return Err(position);
        }
    }
    Ok(())
}

fn upstream() -> ScriptedUpstream {
    ScriptedUpstream::new(|head, stream: &mut TcpStream| {
        if field(head, "content-length").is_some() {
            let checked = check_all(LENGTH, |block| stream.read_exact(block).expect("the whole body comes"));
            say(checked, stream);
        } else if field(head, "transfer-encoding").is_some() {
            let mut chunks = Chunks::of(stream);
            let checked = check_all(CHUNKED_LENGTH, |block| chunks.read_exact(block));
            chunks.end();
            say(checked, stream);
        } else {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {LENGTH}\r\n\r\n");
            stream.write_all(head.as_bytes()).expect("the gateway reads");
            send_all(stream, LENGTH);
        }
    })
}

fn say(checked: Result<(), usize>, stream: &mut TcpStream) {
    let verdict = match checked {
        Ok(()) => "equal".to_owned(),
        Err(position) => format!("differs in the block at {position}"),
    };
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{verdict}", verdict.len());
    stream.write_all(answer.as_bytes()).expect("the gateway reads");
}

/// A body in chunks, which may be cut otherwise than they were sent.
struct Chunks {
    stream: BufReader<TcpStream>,
    /// What is left of the chunk.
    left: usize,
}

impl Chunks {
    fn of(stream: &TcpStream) -> Self {
        Self {
            stream: BufReader::with_capacity(BLOCK, stream.try_clone().expect("a second handle")),
            left: 0,
        }
    }

    fn size(&mut self) -> usize {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("a size");
        usize::from_str_radix(line.trim_end(), 16).expect("a number")
    }

    fn read_exact(&mut self, mut block: &mut [u8]) {
        while !block.is_empty() {
            if self.left == 0 {
                self.left = self.size();
                assert_ne!(self.left, 0, "the body is too short");
            }
            let (now, later) = block.split_at_mut(self.left.min(block.len()));
            self.stream.read_exact(now).expect("the whole chunk");
            self.left -= now.len();
            block = later;
            if self.left == 0 {
                self.stream.read_exact(&mut [0; 2]).expect("a line end");
            }
        }
    }

    fn end(mut self) {
        assert_eq!((self.left, self.size()), (0, 0), "the body is too long");
        self.stream.read_exact(&mut [0; 2]).expect("a line end");
    }
}

#[test]
fn a_gibibyte_up_and_a_gibibyte_down_are_equal_and_leave_memory_alone() {
    let upstream = upstream();
    let gateway = Gateway::before(&[&upstream.url]);

    let mut connection = Connection::to(gateway.address);
    connection.send(format!("POST /_bulk HTTP/1.1\r\nHost: a\r\nContent-Length: {LENGTH}\r\n\r\n").as_bytes());
    send_all(&mut connection, LENGTH);
    assert_eq!(connection.read().text(), "equal");

    connection.send(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(connection.read_head().values("content-length"), [LENGTH.to_string()]);
    assert_eq!(check_all(LENGTH, |block| connection.read_exact(block)), Ok(()));

    let peak = gateway.memory("VmHWM");
    eprintln!("peak resident memory: {:.1} MiB", peak as f64 / 1_048_576.0);
    assert!(peak < MEMORY_LIMIT, "{peak} bytes were resident");
}

/// The client begins to send at once, so all of it is under way before anything is answered.
#[test]
fn line_64_two_hundred_megabytes_in_chunks_are_streamed() {
    let upstream = upstream();
    let gateway = Gateway::before(&[&upstream.url]);
    let mut connection = Connection::to(gateway.address);
    connection.send(b"POST /_bulk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    let mut block = vec![0; BLOCK];
    for position in (0..CHUNKED_LENGTH).step_by(BLOCK) {
        fill(&mut block, position);
        connection.send(format!("{BLOCK:x};position={position}\r\n").as_bytes());
        connection.send(&block);
        connection.send(b"\r\n");
    }
    connection.send(b"0\r\n\r\n");
    assert_eq!(connection.read().text(), "equal");
    let peak = gateway.memory("VmHWM");
    eprintln!("peak resident memory: {:.1} MiB", peak as f64 / 1_048_576.0);
    assert!(peak < MEMORY_LIMIT, "{peak} bytes were resident");
}
