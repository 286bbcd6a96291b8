//! Bodies that the gateway reads itself: never more than a stated number of bytes.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::body_budget::{BodyShare, NoRoom};
use super::client_body::ClientBodyError;

/// How long a refused client may pause while the rest of its body is read only to keep its connection.
const DRAIN_PAUSE: Duration = Duration::from_secs(1);

/// How long all of that rest may take.
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// Why a body was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReadBodyError {
    /// The body is longer than the limit, in bytes. Usual cause: a client that sends the wrong file.
    #[error("the body is longer than {0} bytes")]
    TooLarge(usize),
    /// There is no room for it now.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The client did not send it, or not in time.
    #[error(transparent)]
    Client(#[from] ClientBodyError),
}

/// Reads a body whole. A body that announces more than `limit` bytes is refused before any of it is read. What is read
/// is taken from `share` as it comes: an announcement alone takes nothing from others.
pub async fn read_bounded<B>(mut body: B, limit: usize, share: &mut BodyShare) -> Result<Bytes, ReadBodyError>
where
    B: Body<Data = Bytes, Error = ClientBodyError> + Unpin,
{
    let announced = body.size_hint().lower();
    if announced > limit as u64 {
        return Err(ReadBodyError::TooLarge(limit));
    }
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame?.into_data() else {
            continue; // Trailers: Elasticsearch ignores them (http.md §6.4).
        };
        if collected.len() + chunk.len() > limit {
            return Err(ReadBodyError::TooLarge(limit));
        }
        share.grow(chunk.len())?;
        if collected.is_empty() && body.is_end_stream() {
            return Ok(chunk); // The usual case, a small body in one piece, is not copied.
        }
        collected.extend_from_slice(&chunk);
    }
    Ok(collected.freeze())
}

/// Reads a body of a few bytes whole; nothing if it is longer than `limit`, or does not come to its end.
pub async fn read_short<B>(mut body: B, limit: usize) -> Option<Bytes>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut collected = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame.ok()?.into_data() else { continue };
        if collected.len() + chunk.len() > limit {
            return None;
        }
        collected.extend_from_slice(&chunk);
    }
    Some(collected.freeze())
}

/// Reads and drops what is left of a body, up to `limit` bytes, and says whether its end was reached. hyper closes a
/// connection whose request was answered before its body was read, and a client's next request on it would fail
/// (http.md §6.4). It is not waited for one that sends too slowly.
pub async fn drain<B>(body: B, limit: usize) -> bool
where
    B: Body<Data = Bytes> + Unpin,
{
    timeout(DRAIN_TIME, read_and_drop(body, limit)).await.unwrap_or(false)
}

async fn read_and_drop<B>(mut body: B, limit: usize) -> bool
where
    B: Body<Data = Bytes> + Unpin,
{
    if body.is_end_stream() {
        return true;
    }
    if body.size_hint().lower() > limit as u64 {
        return false;
    }
    let mut seen = 0;
    loop {
        let frame = match timeout(DRAIN_PAUSE, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => return true,
            Ok(Some(Err(_))) | Err(_) => return false,
        };
        seen += frame.data_ref().map_or(0, Bytes::len);
        if seen > limit {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body::Frame;
    use http_body_util::{Full, StreamBody};

    use super::*;
    use crate::http::body_budget::BodyBudget;

    fn chunks(chunks: &'static [&'static str]) -> impl Body<Data = Bytes, Error = ClientBodyError> + Unpin {
        let frames = chunks
            .iter()
            .map(|chunk| Ok(Frame::data(Bytes::from_static(chunk.as_bytes()))));
        StreamBody::new(futures_util::stream::iter(frames))
    }

    fn share(bytes: usize) -> BodyShare {
        BodyBudget::new(bytes).share()
    }

    #[tokio::test]
    async fn a_body_up_to_the_limit_is_read_whole() {
        assert_eq!(
            read_bounded(chunks(&["ab", "", "cd"]), 4, &mut share(4))
                .await
                .expect("within the limit"),
            "abcd"
        );
    }

    #[tokio::test]
    async fn one_byte_more_is_refused() {
        assert!(matches!(
            read_bounded(chunks(&["ab", "cde"]), 4, &mut share(9)).await,
            Err(ReadBodyError::TooLarge(4))
        ));
    }

    #[tokio::test]
    async fn an_announced_length_over_the_limit_is_refused_at_once() {
        let body = Full::new(Bytes::from_static(b"abcde")).map_err(|never: Infallible| match never {});
        let read = read_bounded(body, 4, &mut share(9)).await;
        assert!(matches!(read, Err(ReadBodyError::TooLarge(4))));
    }

    #[tokio::test]
    async fn a_body_for_which_there_is_no_room_is_refused() {
        let read = read_bounded(chunks(&["ab", "cd"]), 9, &mut share(3)).await;
        assert!(matches!(
            read,
            Err(ReadBodyError::NoRoom(NoRoom { wanted: 4, limit: 3 }))
        ));
    }

    #[tokio::test]
    async fn draining_stops_at_the_limit() {
        assert!(drain(chunks(&["ab", "cd"]), 4).await);
        assert!(!drain(chunks(&["ab", "cde"]), 4).await);
    }

    #[tokio::test(start_paused = true)]
    async fn draining_does_not_wait_for_ever() {
        let body = |pause| {
            let frames = futures_util::stream::unfold((), move |()| async move {
                tokio::time::sleep(pause).await;
                Some((Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"a"))), ()))
            });
            StreamBody::new(Box::pin(frames))
        };
        let begun = tokio::time::Instant::now();
        assert!(!drain(body(DRAIN_PAUSE * 2), 1000).await);
        assert_eq!(begun.elapsed(), DRAIN_PAUSE);
        assert!(!drain(body(DRAIN_PAUSE / 2), 1000).await);
        assert_eq!(begun.elapsed(), DRAIN_PAUSE + DRAIN_TIME);
    }
}
