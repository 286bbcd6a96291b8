//! One HTTP request on a connection of its own, plain or through `openssl s_client`.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
};

use cluster::{Node, User};

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// A request to a node's first address.
pub(crate) fn ask(node: &Node, request: &str, body: &str) -> Answer {
    ask_at(node.url(), request, body)
}

/// A request to an address; `request` is the method and the target.
pub(crate) fn ask_at(url: &str, request: &str, body: &str) -> Answer {
    plain(url, &message(request, None, body))
}

/// A request as a user, by TLS where the node has it.
pub(crate) fn ask_as(user: Option<User>, node: &Node, request: &str, body: &str) -> Answer {
    let message = message(request, user, body);
    match node.url().strip_prefix("https://") {
        Some(address) => encrypted(address, &node.certificates().unwrap().authority, &message),
        None => plain(node.url(), &message),
    }
}

fn message(request: &str, user: Option<User>, body: &str) -> String {
    let authorization = user
        .map(|user| format!("Authorization: Basic {}\r\n", base64(&user.to_string())))
        .unwrap_or_default();
    format!(
        "{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{authorization}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn plain(url: &str, message: &str) -> Answer {
    let mut connection = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    connection.write_all(message.as_bytes()).unwrap();
    let mut text = String::new();
    connection.read_to_string(&mut text).unwrap();
    answer(text)
}

fn encrypted(address: &str, authority: &Path, message: &str) -> Answer {
    let mut client = Command::new("openssl")
        .args([
            "s_client",
            "-quiet",
            "-verify_return_error",
            "-verify_ip",
            "127.0.0.1",
            "-connect",
            address,
            "-CAfile",
        ])
        .arg(authority)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Open until the answer is there: the client ends with its input.
    let mut input = client.stdin.take().unwrap();
    input.write_all(message.as_bytes()).unwrap();
    let output = client.wait_with_output().unwrap();
    drop(input);
    assert!(!output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    answer(String::from_utf8(output.stdout).unwrap())
}

fn answer(text: String) -> Answer {
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    Answer {
        status: status.unwrap_or_else(|| panic!("not an HTTP answer: {text}")),
        text,
    }
}

fn base64(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | usize::from(chunk.get(at).copied().unwrap_or(0))
        });
        for place in 0..4 {
            let digit = char::from(ALPHABET[bits >> (18 - 6 * place) & 63]);
            encoded.push(if place <= chunk.len() { digit } else { '=' });
        }
    }
    encoded
}

#[test]
fn credentials_are_encoded_as_everybody_does() {
    assert_eq!(base64("admin:admin"), "YWRtaW46YWRtaW4=");
    assert_eq!(base64("a:bc"), "YTpiYw==");
    assert_eq!(base64("a:b"), "YTpi");
}
