//! The answer to a request whose first bytes were read by somebody who does not understand them, read from there on by hyper.

use std::time::Duration;

use http::{Method, Response};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use super::answer_body::UpstreamBody;
use super::connection::Rest;
use super::early_answer::EarlyAnswerStream;
use super::forward_error::UnfitAnswer;
use super::hyper_sender::{downstream_answer, unfit};
use super::long_head;
use super::node_stream::NodeStream;

/// Reads the answer to a request with this method, of which these bytes have come. The rest of its head may take this long.
/// Its connection is not used again.
pub async fn reread(
    stream: NodeStream,
    read: Vec<u8>,
    method: Method,
    limit: Option<Duration>,
) -> Result<Response<UpstreamBody>, UnfitAnswer> {
    let rest = Rest {
        io: TokioIo::new(EarlyAnswerStream::new(stream)),
        read: read.into(),
    };
    let reading = long_head::read_again(rest, method);
    let read = match limit {
        None => reading.await,
        Some(limit) => timeout(limit, reading)
            .await
            .map_err(|_| UnfitAnswer::NotHttp("its head did not end in time".to_owned()))?,
    };
    downstream_answer(read.map_err(|error| unfit(&error))?, None)
}
