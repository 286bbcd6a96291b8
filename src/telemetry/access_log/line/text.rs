//! A request as a line of text, for people: the same fields on every line, in the same order.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Entry, escaped};

/// What is written where there is nothing to write.
const NOTHING: &str = "-";

/// `time client "METHOD target" status name=value …`
pub(super) fn text(entry: &Entry, target: &str) -> String {
    let (head, finished) = (&entry.head, &entry.finished);
    let method = head.method.as_ref().map_or(NOTHING, http::Method::as_str);
    let target = if target.is_empty() { NOTHING } else { target };
    let status = finished.status.map(|status| status.as_u16().to_string());
    let mut line = format!(
        "{} {} {} {} outcome={} received={} sent={} duration={} own={} node_duration={} node={} retries={}",
        humantime::format_rfc3339_millis(entry.at),
        head.origin.address,
        quoted(&format!("{method} {target}")),
        status.as_deref().unwrap_or(NOTHING),
        finished.outcome.name(),
        finished.received,
        finished.sent,
        seconds(finished.times.total),
        seconds(finished.times.own),
        seconds(finished.times.node),
        entry.node.as_deref().unwrap_or(NOTHING),
        finished.retries,
    );
    let claim = finished.claim.as_ref();
    // Writing to a string does not fail.
    let _ = write!(
        line,
        " plugin={} verdict={} dry_run={} opaque_id={} trace_id={} tls={}",
        claim.map_or(NOTHING, |claim| claim.plugin),
        claim.map_or(NOTHING, |claim| claim.verdict.name()),
        claim.is_some_and(|claim| claim.is_dry_run),
        head.opaque_id.as_deref().map_or_else(|| NOTHING.to_owned(), quoted),
        head.trace_id.as_deref().unwrap_or(NOTHING),
        head.origin.tls.unwrap_or(NOTHING),
    );
    line
}

fn seconds(time: Duration) -> String {
    format!("{}.{:06}", time.as_secs(), time.subsec_micros())
}

/// A text in quotation marks that it cannot end.
fn quoted(text: &str) -> String {
    let mut marked = String::with_capacity(text.len() + 2);
    marked.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => marked.extend(['\\', character]),
            other => marked.push(other),
        }
    }
    marked.push('"');
    escaped(&marked, |line, character| {
        let _ = write!(line, "{}", character.escape_default());
    })
}
