//! Request smuggling: whatever a client sends, the cluster can never see more requests in the gateway's bytes than the
//! gateway saw, however the cluster reads them.
//!
//! [`shapes`] are what a client may send, [`recorder`] is an upstream that keeps every byte, [`reader`] counts the
//! requests in bytes as readers of all kinds would, and [`letter`] holds the bytes to the letter of RFC 9112. In most
//! shapes a create of a job is hidden, which must not be among what is forwarded, read by whomever.

mod lane;
pub(crate) mod letter;
mod reader;
mod recorder;
pub(crate) mod shapes;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use crate::support::gateway::Gateway;
use reader::{READERS, Seen};
use recorder::Recorder;
use shapes::{HIDDEN, Shape, Verdict};

/// How long the gateway may take to be done with a client that it does not understand.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a shape, and behind it a request that anybody may send, and gives all that comes back.
fn send(gateway: SocketAddr, shape: &Shape) -> Vec<u8> {
    let mut stream = TcpStream::connect(gateway).expect("the gateway listens");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a socket takes a timeout");
    let mut bytes = shape.bytes();
    if shape.verdict != Verdict::Begun {
        bytes.extend(
            format!(
                "GET /after{} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                shape.number
            )
            .bytes(),
        );
    }
    let sent = stream.write_all(&bytes);
    if shape.verdict == Verdict::Begun {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("[{}] {error} after {sent:?}", shape.name),
    }
    answer
}

/// Whether a request names this, and not only the beginning of a longer number.
fn names(seen: &Seen, wanted: &str) -> bool {
    let mut behind = seen.line.split(wanted).skip(1);
    behind.any(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
}

fn shows_hidden(seen: &[Seen]) -> bool {
    seen.iter().any(|seen| seen.line.contains(HIDDEN))
}

#[test]
fn line_90_nobody_can_see_two_requests_where_the_gateway_saw_one() {
    let recorder = Recorder::new();
    let gateway = Gateway::by_hyper(&[&recorder.url]);
    nobody_sees_two_where_the_gateway_saw_one(&recorder, &gateway);
}

#[test]
fn line_90_nobody_can_see_two_requests_where_one_passes_as_it_came() {
    let recorder = Recorder::new();
    let gateway = Gateway::with_a_lane(&[&recorder.url]);
    nobody_sees_two_where_the_gateway_saw_one(&recorder, &gateway);
}

fn nobody_sees_two_where_the_gateway_saw_one(recorder: &Recorder, gateway: &Gateway) {
    let shapes = shapes::all();
    let answers: Vec<Vec<u8>> = shapes.iter().map(|shape| send(gateway.address, shape)).collect();
    let connections = recorder.finished();

    let mut by_the_letter = Vec::new();
    for bytes in &connections {
        letter::check(bytes).unwrap_or_else(|fault| panic!("{fault} in\n{}", String::from_utf8_lossy(bytes)));
        let [strict, others @ ..] = READERS else {
            panic!("there are readers")
        };
        let seen = strict.read(bytes);
        for other in others {
            assert_eq!(other.read(bytes), seen, "the reader who {} sees others", other.name);
        }
        by_the_letter.extend(seen);
    }
    assert!(!shows_hidden(&by_the_letter), "a hidden request got through");

    let mut faults = Vec::new();
    for (shape, answer) in shapes.iter().zip(&answers) {
        let named = |prefix: &str| {
            let wanted = format!("{prefix}{}", shape.number);
            let seen = by_the_letter.iter().filter(move |seen| names(seen, &wanted));
            seen.collect::<Vec<_>>()
        };
        let (seen, after) = (named("/s"), named("/after").len());
        let complete = seen.iter().filter(|seen| seen.is_complete).count();
        let is_as_said = match shape.verdict {
            Verdict::Once => (seen.len(), complete) == (1, 1),
            Verdict::Never => seen.is_empty(),
            Verdict::Begun => seen.len() <= 1 && complete == 0,
        };
        let text = String::from_utf8_lossy(answer);
        let told = text.matches(recorder::STATUS).count();
        if !is_as_said || after > 1 || told != complete + after {
            faults.push(format!(
                "{}: {:?}, but {seen:?}, {after} after it, and the client was told:\n{text}",
                shape.name, shape.verdict
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// The readers would catch a gateway that hands bytes on as they come: most shapes are then read by one of them
/// otherwise than by another, or show what they hide.
#[test]
fn the_shapes_matter_to_somebody() {
    let shapes = shapes::all();
    let matters = |shape: &&Shape| {
        let bytes = shape.bytes();
        let readings: Vec<_> = READERS.iter().map(|reader| reader.read(&bytes)).collect();
        readings
            .iter()
            .any(|reading| reading != &readings[0] || shows_hidden(reading))
    };
    let matter = shapes.iter().filter(matters).count();
    assert!(shapes.len() >= 80, "{} shapes", shapes.len());
    assert!(matter * 4 > shapes.len() * 3, "{matter} of {} shapes", shapes.len());
}
