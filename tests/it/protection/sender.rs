//! Sends spelled requests, one after the other, on a connection that is kept as long as it lasts.

use std::net::SocketAddr;

use super::spelling::Spelled;
use crate::support::wire::{Answer, Connection};

/// How many bytes a chunk has.
const CHUNK: usize = 37;

pub struct Sender {
    address: SocketAddr,
    connection: Option<Connection>,
}

impl Sender {
    pub const fn to(address: SocketAddr) -> Self {
        Self {
            address,
            connection: None,
        }
    }

    pub fn send(&mut self, request: &Spelled) -> Answer {
        let mut connection = self.connection.take().unwrap_or_else(|| Connection::to(self.address));
        connection.send(&bytes(request));
        let answer = connection.read();
        if !answer.values("connection").contains(&"close") {
            self.connection = Some(connection);
        }
        answer
    }
}

fn bytes(request: &Spelled) -> Vec<u8> {
    let Spelled {
        method, target, body, ..
    } = request;
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: test\r\n");
    for (name, value) in [
        ("Content-Type", request.content_type),
        ("Content-Encoding", request.coding),
    ] {
        if let Some(value) = value {
            head += &format!("{name}: {value}\r\n");
        }
    }
    if request.is_chunked {
        let mut bytes = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
        for chunk in body.chunks(CHUNK) {
            bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
            bytes.extend(chunk);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"0\r\n\r\n");
        return bytes;
    }
    if !body.is_empty() {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    let mut bytes = format!("{head}\r\n").into_bytes();
    bytes.extend(body);
    bytes
}
