//! Requests as hyper finds them in a client's stream: what is spelled otherwise on the way there is the targets, and
//! nothing else, wherever the bytes pretend a request to be.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::task::{Context, Poll};

use anomaly_gateway::http::framing::check_transfer_coding;
use anomaly_gateway::http::request_stream::RequestStream;
use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::Runtime;

/// A request that hyper has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    method: String,
    target: String,
    pub(super) fields: Vec<(String, Vec<u8>)>,
    /// None where it broke off.
    pub(super) body: Option<Vec<u8>>,
}

pub(super) fn check(stream: &[u8]) {
    let followed = read(&follow(stream));

    // What hyper reads by itself it reads the same, but that it no longer cuts targets at a number sign, and takes a host
    // for a path.
    let by_itself = read(stream);
    // The one that is refused instead: a number sign in the host of a target.
    let lost = by_itself.get(followed.len());
    assert!(lost.is_none_or(|lost| lost.target.contains("://")), "{lost:?} is lost");
    for (plain, followed) in by_itself.iter().zip(&followed) {
        let in_same_words = Read {
            target: followed.target.clone(),
            ..plain.clone()
        };
        assert_eq!(&in_same_words, followed, "more than a target is spelled otherwise");
        // In some places hyper takes these two, which are encoded in all.
        let encoded = plain.target.replace('"', "%22").replace('`', "%60");
        let is_whole = |target: &str| {
            let rest = target.strip_prefix(&encoded);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("%23"))
        };
        let with_slash = followed.target.strip_prefix('/');
        assert!(
            is_whole(&followed.target) || with_slash.is_some_and(is_whole),
            "{plain:?} became {followed:?}"
        );
    }

    // No target that hyper reads was cut at a number sign: with a letter in its place, all is the same.
    let lettered = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| if *byte == b'#' { b'Z' } else { *byte })
            .collect::<Vec<_>>()
    };
    let without = read(&follow(&lettered(stream)));
    assert_eq!(
        followed.len(),
        without.len(),
        "a number sign makes a request, or hides one"
    );
    for (with, without) in followed.iter().zip(&without) {
        let target = with.target.replace("%23", "Z");
        let whole = without.target.replace("%23", "Z");
        // In a query it is the end.
        assert!(
            target == whole || target.contains('?') && whole.starts_with(&target),
            "{with:?} was cut: {without:?}"
        );
        assert_eq!(with.body.as_deref().map(lettered), without.body, "a body differs");
    }
}

fn follow(stream: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    // No head here is too long.
    let _ = RequestStream::new(1 << 20).follow(stream, &mut out);
    out
}

/// The requests that hyper's server reads, served as the gateway does: who asks for another coding or for a tunnel is
/// sent away.
pub(super) fn read(stream: &[u8]) -> Vec<Read> {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.build().expect("a runtime")
    });
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    let service = service_fn(move |request| serve(request, Arc::clone(&kept)));
    let connection = http1::Builder::new()
        .half_close(true)
        .max_headers(1024)
        .serve_connection(TokioIo::new(Client(stream.to_vec())), service);
    // How it ends is hyper's business.
    let _ = RUNTIME.block_on(connection);
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.clone()
}

#[expect(
    clippy::disallowed_methods,
    reason = "what is read was made by the fuzzer, and is short"
)]
async fn serve(request: Request<Incoming>, seen: Arc<Mutex<Vec<Read>>>) -> Result<Response<Empty<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let is_refused = check_transfer_coding(&head.headers).is_err() || head.method == Method::CONNECT;
    let body = body.collect().await.ok().map(|body| body.to_bytes().to_vec());
    let mut answer = Response::new(Empty::new());
    if is_refused {
        answer
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
        return Ok(answer);
    }
    let fields = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(Read {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        fields: fields.collect(),
        body,
    });
    Ok(answer)
}

/// A client that has sent everything and reads whatever comes.
struct Client(Vec<u8>);

impl AsyncRead for Client {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let count = buffer.remaining().min(self.0.len());
        let sent: Vec<u8> = self.0.drain(..count).collect();
        buffer.put_slice(&sent);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Client {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
