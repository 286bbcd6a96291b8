//! Clients that do not read what they have asked for: what the gateway keeps for each.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::gateway::Gateway;
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::wire::{Connection, eventually, request};

const READERS: usize = 256;
const LENGTH: usize = 200_000_000;

/// What the gateway may have of its own for each, in bytes. What the kernel keeps in its sockets comes besides.
const MOST: u64 = 256 * 1024;

/// An upstream with a long answer, in this framing, and how much of it has gone out so far.
fn upstream(is_chunked: bool) -> (ScriptedUpstream, Arc<AtomicUsize>) {
    let written = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&written);
    let upstream = ScriptedUpstream::new(move |head, stream: &mut TcpStream| {
        if !head.starts_with("GET /large ") {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            return;
        }
        let framing = if is_chunked {
            "transfer-encoding: chunked".to_owned()
        } else {
            format!("content-length: {LENGTH}")
        };
        let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n").as_bytes());
        let block = vec![b'a'; 100_000];
        for _ in 0..LENGTH / block.len() {
            let size = format!("{:x}\r\n", block.len());
            let piece = if is_chunked {
                [size.as_bytes(), &block, b"\r\n"].concat()
            } else {
                block.clone()
            };
            if stream.write_all(&piece).is_err() {
                return;
            }
            counted.fetch_add(piece.len(), Ordering::Relaxed);
        }
    });
    (upstream, written)
}

fn assert_little_is_kept(is_chunked: bool) {
    let (upstream, written) = upstream(is_chunked);
    let gateway = Gateway::before(&[&upstream.url]);
    let mut used = Connection::to(gateway.address);
    used.send(&request("GET", "/small", &[], ""));
    assert_eq!(used.read().status(), 200);
    drop(used);
    let before = gateway.memory("VmRSS");

    let mut readers: Vec<_> = (0..READERS).map(|_| Connection::to(gateway.address)).collect();
    for reader in &mut readers {
        reader.send(&request("GET", "/large", &[], ""));
        assert_eq!(reader.read_head().status(), 200);
    }
    let mut last = 0;
    eventually("all buffers are full", || {
        thread::sleep(Duration::from_millis(300));
        let now = written.load(Ordering::Relaxed);
        std::mem::replace(&mut last, now) == now
    });
    let each = gateway.memory("VmRSS").saturating_sub(before) / READERS as u64;
    eprintln!("{} KiB for each reader", each / 1024);
    assert!(each < MOST, "{} KiB for each reader", each / 1024);

    // And nothing is lost for being kept so short.
    let mut rest = vec![0; 1 << 16];
    let reader = &mut readers[0];
    reader.read_exact(&mut rest);
    let mut read = rest.len();
    while read < 20_000_000 {
        read += reader.read_some(&mut rest);
    }
}

#[test]
fn who_does_not_read_takes_a_quarter_of_a_megabyte_at_most() {
    assert_little_is_kept(false);
}

#[test]
fn who_does_not_read_chunks_takes_no_more() {
    assert_little_is_kept(true);
}
