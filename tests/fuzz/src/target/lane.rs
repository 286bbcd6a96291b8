//! Requests that pass as the bytes that they came in: hyper finds the same ones in what the client sent and in what a node
//! is sent, and they end in the same places.

use anomaly_gateway::lane::body::Body;
use anomaly_gateway::lane::chunked::Trailers;
use anomaly_gateway::lane::head::RequestHead;
use anomaly_gateway::lane::render::Changes;

use super::request_stream::{Read, read};

/// The longest head here.
const LONGEST_HEAD: usize = 1 << 20;

pub(super) fn check(stream: &[u8]) {
    let by_hyper = read(stream);
    let mut rest = stream;
    let mut sent = Vec::new();
    for (number, request) in by_hyper.iter().map(Some).chain([None]).enumerate() {
        let Some(head) = RequestHead::read(rest, LONGEST_HEAD) else {
            break;
        };
        let request = request.unwrap_or_else(|| panic!("hyper does not read the request {number}"));
        head.write(rest, &Changes::default(), &mut sent);
        let (_, body) = rest.split_at(head.length());
        let mut bytes = body.to_vec();
        let mut body = Body::new(head.framing(), Trailers::Drop);
        let followed = body.follow(&mut bytes);
        let is_whole = followed.is_ok() && body.has_ended();
        assert_eq!(is_whole, request.body.is_some(), "{request:?} ends somewhere else");
        let Some(followed) = followed.ok().filter(|_| is_whole) else {
            return;
        };
        let content = request.body.as_ref().map_or(0, Vec::len);
        assert_eq!(followed.content, content, "{request:?}");
        sent.extend_from_slice(bytes.get(..followed.passed).unwrap_or_default());
        rest = rest.get(head.length() + followed.taken..).unwrap_or_default();

        // What a node is sent says the same, and ends there.
        let seen = read(&sent);
        assert_eq!(
            seen.len(),
            number + 1,
            "of {request:?} another number of requests is seen"
        );
        let as_seen = seen.last().map(|seen| end_to_end(seen, request));
        assert_eq!(as_seen, Some(request.clone()), "another request is seen");
        if head.ends_connection() {
            return;
        }
    }
}

/// A request as a node has seen it, with the fields for one hop that it had before.
fn end_to_end(seen: &Read, before: &Read) -> Read {
    let mut with_hops = before.clone();
    with_hops.body.clone_from(&seen.body);
    let is_kept = |(name, _): &&(String, Vec<u8>)| {
        let hops = [
            "connection",
            "te",
            "keep-alive",
            "proxy-connection",
            "proxy-authorization",
        ];
        !hops.contains(&name.as_str())
    };
    let kept: Vec<_> = before.fields.iter().filter(is_kept).cloned().collect();
    assert_eq!(kept, seen.fields, "fields were lost, or came from somewhere");
    with_hops
}
