//! The page of metrics and log events, written from what the code declares.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::family::{Family, Values};
use super::word::Word;
use super::{events, families};

const BEGINNING: &str = "\
# Metrics and log events

Written by `anomaly-gateway schema telemetry` from what the code declares; `cargo xtask schema --publish` writes this file anew.
Example queries, alerts and a dashboard are in [Running the gateway](../operate/running.md#metrics).

## Metrics

All metrics of `GET /metrics` on `admin.listen`. Every series is there from the start, counters with 0, where its row does not say otherwise; those of a policy are from when it is
in use.

| metric | type | unit | labels | meaning |
|---|---|---|---|---|
";

const VALUES: &str = "
## Values of labels

| label | of | value | meaning |
|---|---|---|---|
";

const EVENTS: &str = "
## Log events

Every line of the gateway on standard error at `INFO` and above, with its fields, and with the part of the program by which
`log.level` chooses it. Lines of libraries, and most of those at `DEBUG`, are not listed. Each request as a whole has a line in
the [access log](../operate/running.md#access-log), which names the `outcome` as above.

*Who asks* stands for these fields of a request: `client`, the other end of the connection; `user`, as the cluster has named it, or else the
name in the credentials that were sent (`Basic`); `opaque_id`, the field `X-Opaque-Id`; `method` and `path`; and of claimed requests
`dry_run`. Those that are not known are left out. `duration` is in seconds, from the head of the request on.

With `log.format: json` a line is an object with the names of the Elastic Common Schema 8.11: `client` is `client.ip` and `client.port`, `user`
is `user.name`, `opaque_id` is `elasticsearch.http.request.x_opaque_id`, `method` is `http.request.method`, `path` is `url.path`, `status` is
`http.response.status_code`, `duration` is `event.duration` in nanoseconds, `error` is `error.message`, `reason` is `event.reason` and `file` is
`file.path`. Every other field `x` is `anomaly_gateway.x`.

| level | line | part | fields | meaning | counted by |
|---|---|---|---|---|---|
";

/// What stands for the fields of who asks.
const WHO_ASKED: &str = "*who asks*";

/// The page in Markdown.
#[must_use]
pub fn page() -> String {
    // Writing to a string does not fail.
    let mut page = BEGINNING.to_owned();
    for family in families::all() {
        let Family { name, unit, help, .. } = family;
        let (kind, labels) = (family.kind.name(), labels(family));
        let _ = writeln!(page, "| `{name}` | {kind} | {unit} | {labels} | {help} |");
    }
    page.push_str(VALUES);
    for ((label, words), metrics) in listed() {
        let metrics = code(&metrics);
        for (name, meaning) in words {
            let _ = writeln!(page, "| `{label}` | {metrics} | `{name}` | {meaning} |");
        }
    }
    page.push_str(EVENTS);
    for event in events::all() {
        let (level, target, meaning) = (event.level, event.target, event.meaning);
        // Two marks, where there is one within.
        let message = if event.message.contains('`') {
            format!("`` {} ``", event.message)
        } else {
            format!("`{}`", event.message)
        };
        let (mut fields, metrics) = (code(event.fields), code(event.counted_by));
        if event.is_by_request {
            fields = [WHO_ASKED, fields.as_str()].join(", ");
        }
        let _ = writeln!(
            page,
            "| `{level}` | {message} | `{target}` | {fields} | {meaning} | {metrics} |"
        );
    }
    page
}

/// The labels of a metric; the values of those that the configuration knows are described here, the others in a table.
fn labels(family: &Family) -> String {
    let labels = family.labels.iter().map(|label| match label.values {
        Values::Listed(_) => format!("`{}`", label.name),
        Values::Configured(meaning) => format!("`{}`: {meaning}", label.name),
    });
    labels.collect::<Vec<_>>().join("; ")
}

/// Labels whose values are listed, each with the values and with the metrics that have it so.
type Listed = BTreeMap<(&'static str, Vec<(&'static str, &'static str)>), Vec<&'static str>>;

fn listed() -> Listed {
    let mut listed = Listed::new();
    for family in families::all() {
        for label in family.labels {
            if let Values::Listed(words) = label.values {
                let words = words().into_iter().map(|Word { name, meaning }| (name, meaning));
                let metrics = listed.entry((label.name, words.collect())).or_default();
                metrics.push(family.name);
            }
        }
    }
    listed
}

/// Each of these as code.
fn code(texts: &[&str]) -> String {
    let texts = texts.iter().map(|text| format!("`{text}`"));
    texts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_value_and_event_has_a_row_that_nothing_breaks() {
        let page = page();
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
        let values: usize = listed().keys().map(|(_, words)| words.len()).sum();
        assert_eq!(rows.len(), families::all().count() + values + events::all().count());
        let columns: Vec<_> = rows.iter().map(|row| row.matches('|').count() - 1).collect();
        assert!(columns.iter().all(|count| [4, 5, 6].contains(count)), "{page}");
        for family in families::all() {
            assert!(page.contains(&format!("| `{}` |", family.name)), "{}", family.name);
        }
    }
}
