//! A body's content coding is removed: on the worker while that is little, and on another thread once it turns out to be
//! more. What a body becomes is not known before; a thousand times as much is possible.

use bytes::Bytes;
use http::header::HeaderMap;

use super::Proxy;
use super::failure::Failure;
use super::offload::{LONG, SHORTEST};
use crate::http::body_budget::BodyShare;
use crate::http::content_coding::Decoder;

/// What the work on a body counts as, and how far it then goes, both in bytes.
const STEPS: [(usize, usize); 3] = [(SHORTEST, SHORTEST), (LONG - 1, LONG), (LONG, usize::MAX)];

impl Proxy {
    /// The body as it was before it was coded, of so many bytes at most, and its room.
    pub(super) async fn decode(
        &self,
        headers: &HeaderMap,
        body: Bytes,
        limit: usize,
        mut share: BodyShare,
    ) -> Result<(Bytes, BodyShare), Failure> {
        let Some(mut decoder) = Decoder::of(headers, &body, limit) else {
            return Ok((body, share));
        };
        let coded = body.len();
        drop(body);
        for (work, until) in STEPS {
            if coded > work && until < usize::MAX {
                continue; // It is more than that already.
            }
            let decode = move || {
                let is_at_end = decoder.advance(until, &mut share);
                (is_at_end, decoder, share)
            };
            let is_at_end;
            (is_at_end, decoder, share) = self.shared.offload.run(work, decode).await?;
            if is_at_end? {
                break;
            }
        }
        Ok((decoder.decoded(), share))
    }
}
