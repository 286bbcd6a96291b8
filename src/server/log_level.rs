//! What is logged, changed while the gateway runs by whoever may ask its listener for operators.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde_json::json;

use super::json_answer::written;
use crate::config::what_was_meant;
use crate::http::body::read_short;
use crate::telemetry::events::life::LogLevelChanged;
use crate::telemetry::log_control::LogControl;
use crate::telemetry::log_filter::FilterError;

/// How many bytes a level has at most.
const MAX_LENGTH: usize = 4096;

/// Answers `GET` with the level, and `PUT` with the one that is in the body.
pub(super) async fn answer(log: &LogControl, request: Request<Incoming>) -> Response<Full<Bytes>> {
    if request.method() != Method::PUT {
        return written(StatusCode::OK, &json!({ "level": log.level() }));
    }
    let refused = |text: &str| written(StatusCode::BAD_REQUEST, &json!({ "error": text }));
    let Some(body) = read_short(request.into_body(), MAX_LENGTH).await else {
        return refused("the body is a level, such as `debug`, and this one is longer or did not come to its end");
    };
    let Ok(text) = std::str::from_utf8(&body) else {
        return refused("the body is a level, such as `debug`, and this one is not UTF-8");
    };
    match set(log, text.trim(), "request") {
        Ok(()) => written(StatusCode::OK, &json!({ "level": log.level() })),
        Err(error) => refused(&format!("{error}; {}", what_was_meant(&error))),
    }
}

/// Logs this from now on, and says so while the line can be seen.
pub(super) fn set(log: &LogControl, level: &str, cause: &str) -> Result<(), FilterError> {
    let event = LogLevelChanged { level, cause };
    let is_seen = tracing::enabled!(target: "anomaly_gateway::server", tracing::Level::INFO);
    if is_seen && crate::telemetry::log_filter::parse(level).is_ok() {
        event.log();
    }
    log.set_level(level)?;
    if !is_seen {
        event.log();
    }
    Ok(())
}
