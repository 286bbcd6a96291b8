//! What passes as the bytes that it came in has one meaning, by every reader, of every shape.

use anomaly_gateway::lane::body::Body;
use anomaly_gateway::lane::chunked::Trailers;
use anomaly_gateway::lane::head::RequestHead;
use anomaly_gateway::lane::render::Changes;

use super::reader::READERS;
use super::shapes::{self, Shape, Verdict};
use super::{letter, shows_hidden};

/// What would be sent on of a client's bytes, as long as its requests are plain, and how many of them end.
fn passed(mut rest: &[u8]) -> (Vec<u8>, usize) {
    let (mut sent, mut whole) = (Vec::new(), 0);
    while let Some(head) = RequestHead::read(rest, 64 * 1024) {
        let mut bytes = rest[head.length()..].to_vec();
        let mut body = Body::new(head.framing(), Trailers::Drop);
        head.write(rest, &Changes::default(), &mut sent);
        let Ok(followed) = body.follow(&mut bytes) else { break };
        sent.extend_from_slice(&bytes[..followed.passed]);
        if !body.has_ended() {
            break;
        }
        whole += 1;
        rest = &rest[head.length() + followed.taken..];
        if head.ends_connection() {
            break;
        }
    }
    (sent, whole)
}

#[test]
fn what_passes_as_it_came_has_one_meaning() {
    let mut plain = 0;
    for shape in shapes::all() {
        let Shape { name, verdict, .. } = shape;
        let bytes = shape.bytes();
        let (sent, whole) = passed(&bytes);
        plain += usize::from(!sent.is_empty());
        letter::check(&sent).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let seen = READERS[0].read(&sent);
        for reader in READERS {
            assert_eq!(
                reader.read(&sent),
                seen,
                "{name}: the reader who {} sees others",
                reader.name
            );
        }
        assert_eq!(seen.iter().filter(|seen| seen.is_complete).count(), whole, "{name}");
        // A hidden request that stands by itself behind a whole one is a request of its own, and is claimed.
        let is_hidden = |seen: &[_]| shows_hidden(seen);
        assert!(
            !is_hidden(&seen[..seen.len().min(1)]),
            "{name}: a hidden request is the first"
        );
        match verdict {
            Verdict::Never => assert_eq!(sent, b"", "{name}"),
            Verdict::Begun => assert_eq!(whole, 0, "{name}"),
            Verdict::Once => assert!(sent.is_empty() || whole > 0, "{name}"),
        }
    }
    assert!(plain > 40, "only {plain} shapes are plain");
}
