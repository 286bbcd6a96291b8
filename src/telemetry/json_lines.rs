//! The log as JSON, one object a line, with the names of the Elastic Common Schema. What the schema has no name for is under
//! `anomaly_gateway`.

use std::fmt;
use std::time::SystemTime;

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// The version of the schema whose names are used, as in the access log.
const ECS_VERSION: &str = "8.11.0";

/// The fields for which the schema has a name.
const NAMES: [(&str, &str); 9] = [
    ("user", "user.name"),
    ("opaque_id", "elasticsearch.http.request.x_opaque_id"),
    ("method", "http.request.method"),
    ("path", "url.path"),
    ("status", "http.response.status_code"),
    ("error", "error.message"),
    ("reason", "event.reason"),
    ("file", "file.path"),
    ("message", "message"),
];

/// Nanoseconds in a second.
const NANOS: f64 = 1e9;

/// Writes an event as an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        let mut line = Line::new(metadata.level().as_str(), metadata.target());
        event.record(&mut line);
        writeln!(writer, "{}", Value::Object(line.0))
    }
}

/// An object in the making.
struct Line(Map<String, Value>);

impl Line {
    fn new(level: &str, target: &str) -> Self {
        let line = json!({
            "@timestamp": humantime::format_rfc3339_millis(SystemTime::now()).to_string(),
            "ecs": { "version": ECS_VERSION },
            "log": { "level": level.to_lowercase(), "logger": target },
            "event": { "dataset": "anomaly_gateway.log" },
            "service": { "name": "anomaly-gateway", "type": "anomaly_gateway" },
        });
        match line {
            Value::Object(line) => Self(line),
            _ => Self(Map::new()),
        }
    }

    /// Adds a value at a dotted path.
    fn put(&mut self, path: &str, value: Value) {
        let mut object = &mut self.0;
        let mut names = path.split('.').peekable();
        while let Some(name) = names.next() {
            if names.peek().is_none() {
                object.insert(name.to_owned(), value);
                return;
            }
            let inner = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(inner) = inner else { return };
            object = inner;
        }
    }

    fn field(&mut self, field: &Field, value: Value) {
        let name = field.name();
        let text = value.as_str();
        match name {
            "client" => {
                let address = text.and_then(|text| text.parse::<std::net::SocketAddr>().ok());
                if let Some(address) = address {
                    self.put("client.ip", address.ip().to_string().into());
                    self.put("client.port", address.port().into());
                }
            }
            "duration" => {
                let seconds = text.and_then(|text| text.parse::<f64>().ok());
                if let Some(nanos) = seconds.map(|seconds| (seconds * NANOS).round()) {
                    self.put("event.duration", json!(nanos));
                }
            }
            _ => match NAMES.iter().find(|(own, _)| *own == name) {
                Some((_, path)) => self.put(path, value),
                None => self.put(&format!("anomaly_gateway.{name}"), value),
            },
        }
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.field(field, json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.field(field, format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use super::super::fields::tests::Written;
    use super::*;

    #[test]
    fn a_line_is_one_object_by_the_names_of_the_schema() {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .event_format(JsonLines)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(
                client = %"192.0.2.1:5000",
                user = "ada",
                status = 429_u16,
                duration = %"0.001500",
                is_removed = true,
                node = None::<&str>,
                "what\nhappened {}", 1
            );
        });
        let line = written.text();
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        let line: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(line["message"], "what\nhappened 1");
        assert_eq!(line["log"]["level"], "info");
        assert_eq!(line["client"], json!({"ip": "192.0.2.1", "port": 5000}));
        assert_eq!(line["user"]["name"], "ada");
        assert_eq!(line["http"]["response"]["status_code"], 429);
        assert_eq!(line["event"]["duration"].as_f64(), Some(1_500_000.0));
        assert_eq!(line["anomaly_gateway"], json!({"is_removed": true}));
        assert!(line["@timestamp"].as_str().is_some_and(|time| time.ends_with('Z')));
    }
}
