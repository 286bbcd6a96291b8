//! A scripted upstream that answers the gateway's own calls as an empty cluster of a version would, so that a test can
//! change versions without starting a node. Everything else it answers as Elasticsearch answers a path it does not know.

use std::collections::HashMap;
use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::scripted_upstream::{ScriptedUpstream, field, read_body};

/// What the gateway's own calls have in their head, and no test's.
const GATEWAY: &str = "anomaly-gateway/";

/// The versions of Elasticsearch that the checklist is run as: the base, and the last of each major version.
pub const VERSIONS: [&str; 4] = ["7.0.0", "7.17.28", "8.19.21", "9.5.3"];

/// A cluster that is not there.
pub struct StandIn {
    pub upstream: ScriptedUpstream,
    received: Arc<Mutex<Vec<Received>>>,
}

/// A request: its head, and its body with the framing.
pub type Received = (String, Vec<u8>);

/// One call of the gateway as the stand-in sees it: its request line, and its whole head.
pub type Call<'a> = (&'a str, &'a str);

impl StandIn {
    /// An empty Elasticsearch of a version, with security off.
    pub fn elasticsearch(version: &str) -> Self {
        Self::answering(version, |_| None)
    }

    /// The same, on a port of the test's choice.
    pub fn elasticsearch_on(listener: TcpListener, version: &str) -> Self {
        let (page, fields) = elasticsearch_page(version);
        Self::of(listener, page, fields, |_, _| None)
    }

    /// The same, that ends each connection so long after its first answer, without saying so.
    pub fn closing_after(pause: Duration, version: &str) -> Self {
        let (page, fields) = elasticsearch_page(version);
        let close = move |stream: &mut TcpStream| {
            thread::sleep(pause);
            let _ = stream.shutdown(Shutdown::Both);
        };
        Self::ending(free_port(), page, fields, |_, _| None, close)
    }

    /// An empty OpenSearch.
    pub fn opensearch() -> Self {
        Self::of_opensearch(|_| None)
    }

    /// The same OpenSearch, but for the calls for which `special` has an answer.
    pub fn of_opensearch(special: impl Fn(Call<'_>) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::of(free_port(), opensearch_page(), Vec::new(), move |call, _| special(call))
    }

    /// The same Elasticsearch, but for the calls for which `special` has an answer.
    pub fn answering(version: &str, special: impl Fn(Call<'_>) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::reading(version, move |call, _| special(call))
    }

    /// The same, with an eye for the calls' bodies.
    pub fn reading(version: &str, special: impl Fn(Call<'_>, &str) -> Option<String> + Send + Sync + 'static) -> Self {
        let (page, fields) = elasticsearch_page(version);
        Self::of(free_port(), page, fields, special)
    }

    fn of(
        listener: TcpListener,
        page: String,
        fields: Vec<&'static str>,
        special: impl Fn(Call<'_>, &str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self::ending(listener, page, fields, special, |_| ())
    }

    fn ending(
        listener: TcpListener,
        page: String,
        fields: Vec<&'static str>,
        special: impl Fn(Call<'_>, &str) -> Option<String> + Send + Sync + 'static,
        after: impl Fn(&mut TcpStream) + Send + Sync + 'static,
    ) -> Self {
        let received = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&received);
        let kept = Mutex::new(Kept::default());
        let upstream = ScriptedUpstream::on(listener, move |head, stream| {
            let bytes = read_body(head, stream);
            let body = String::from_utf8_lossy(&bytes).into_owned();
            seen.lock()
                .expect("no test thread panicked")
                .push((head.to_owned(), bytes));
            let line = head.lines().next().expect("a request line");
            let text = special((line, head), &body).unwrap_or_else(|| {
                let mut kept = kept.lock().expect("no test thread panicked");
                let (status, body) = answer(line, head, &page, &body, &mut kept);
                with_fields(status, &fields, &body)
            });
            let _ = stream.write_all(text.as_bytes());
            after(stream);
        });
        Self { upstream, received }
    }

    /// The heads of the requests whose line begins so, each with its body.
    pub fn requests(&self, line: &str) -> Vec<(String, String)> {
        let received = self.received();
        let wanted = received.iter().filter(|(head, _)| head.starts_with(line));
        let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
        wanted.map(|(head, body)| (head.clone(), text(body))).collect()
    }

    /// Every request so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no test thread panicked").clone()
    }

    pub fn url(&self) -> &str {
        &self.upstream.url
    }

    /// The request lines of what was forwarded.
    pub fn forwarded(&self) -> Vec<String> {
        self.lines(|head| !is_gateways(head))
    }

    /// The request lines of the gateway's own calls that would have stored a job.
    pub fn creates(&self) -> Vec<String> {
        let own = self.lines(is_gateways);
        own.into_iter().filter(|line| line.contains("/_create/")).collect()
    }

    fn lines(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let heads = self.upstream.heads();
        let wanted = heads.iter().filter(|head| wanted(head));
        wanted
            .map(|head| head.lines().next().expect("a line").to_owned())
            .collect()
    }
}

fn is_gateways(head: &str) -> bool {
    field(head, "user-agent").is_some_and(|agent| agent.starts_with(GATEWAY))
}

/// An answer in full, with a body and these fields.
pub fn with_fields(status: &str, fields: &[&str], body: &str) -> String {
    let fields: Vec<String> = fields.iter().map(|field| format!("{field}\r\n")).collect();
    let fields = fields.concat();
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{fields}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// What it remembers: that its index was made, and which locks are in it. Each job it takes for a new one.
#[derive(Default)]
struct Kept {
    index: Option<String>,
    locks: HashMap<String, (u64, Value)>,
    writes: u64,
}

impl Kept {
    /// What becomes of a lock by a call, of an id; `None` if it is about something else.
    fn lock(&mut self, line: &str, body: &str) -> Option<(&'static str, String)> {
        let (method, rest) = line.split_once(' ')?;
        let (path, query) = rest.split_once(['?', ' '])?;
        let (call, id) = path.strip_prefix("/anomaly%2Ddetectors/")?.split_once('/')?;
        let id = percent_encoding::percent_decode_str(id)
            .decode_utf8_lossy()
            .into_owned();
        if !id.starts_with("change_lock-") {
            return None;
        }
        let found = self.locks.get(&id).cloned();
        let is_this = |(number, _): &(u64, Value)| {
            !query.contains("if_seq_no") || query.contains(&format!("if_seq_no={number}&"))
        };
        let conflict = || {
            let error = json!({"error": {"type": "version_conflict_engine_exception", "reason": "x"}, "status": 409});
            Some(("409 Conflict", error.to_string()))
        };
        if method == "GET" {
            let Some((number, source)) = found else {
                return Some(("404 Not Found", json!({"_id": id, "found": false}).to_string()));
            };
            let shown = json!({"_id": id, "found": true, "_seq_no": number, "_primary_term": 1, "_source": source});
            return Some(("200 OK", shown.to_string()));
        }
        if call == "_create" && found.is_some() || call == "_doc" && !found.as_ref().is_some_and(is_this) {
            return conflict();
        }
        let (status, result) = match (method, found) {
            ("DELETE", _) => ("200 OK", "deleted"),
            (_, Some(_)) => ("200 OK", "updated"),
            (_, None) => ("201 Created", "created"),
        };
        self.writes += 1;
        if method == "DELETE" {
            self.locks.remove(&id);
        } else {
            let source = serde_json::from_str(body).expect("a lock");
            self.locks.insert(id.clone(), (self.writes, source));
        }
        let said = json!({
            "_index": "anomaly-detectors", "_id": id, "result": result, "_seq_no": self.writes, "_primary_term": 1
        });
        Some((status, said.to_string()))
    }
}

/// What a cluster without security answers, which has no index until the gateway makes one (http.md §5).
fn answer(line: &str, head: &str, page: &str, body: &str, kept: &mut Kept) -> (&'static str, String) {
    let fixed = |status, body: &str| (status, body.to_owned());
    if !is_gateways(head) {
        return no_handler(line);
    }
    if line == "GET / HTTP/1.1" {
        fixed("200 OK", page)
    } else if line == "GET /anomaly%2Ddetectors HTTP/1.1" {
        match &kept.index {
            Some(description) => fixed("200 OK", description),
            None => fixed(
                "404 Not Found",
                r#"{"error":{"type":"index_not_found_exception"},"status":404}"#,
            ),
        }
    } else if let Some(answer) = kept.lock(line, body) {
        answer
    } else if line.contains("/_search") {
        fixed("200 OK", r#"{"_shards":{"failed":0},"hits":{"hits":[]}}"#)
    } else if let Some((_, rest)) = line.split_once("/_create/") {
        let id = rest.split(['?', ' ']).next().unwrap_or_default();
        let body = json!({
            "_index": "anomaly-detectors",
            "_id": id,
            "result": "created",
            "_version": 1,
            "_seq_no": 3,
            "_primary_term": 1
        });
        ("201 Created", body.to_string())
    } else if line.starts_with("PUT /anomaly%2Ddetectors ") {
        let asked: Value = serde_json::from_str(body).expect("settings and a mapping");
        let description = json!({"aliases": {}, "mappings": asked["mappings"], "settings": asked["settings"]});
        kept.index = Some(json!({ "anomaly-detectors": description }).to_string());
        fixed("200 OK", r#"{"acknowledged":true}"#)
    } else {
        no_handler(line)
    }
}

fn no_handler(line: &str) -> (&'static str, String) {
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let text = format!("no handler found for uri [{target}] and method [{method}]");
    ("400 Bad Request", json!({ "error": text }).to_string())
}

fn free_port() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a free port")
}

/// What it says of itself, and the fields of its every answer.
fn elasticsearch_page(version: &str) -> (String, Vec<&'static str>) {
    let numbers: Vec<u32> = version
        .split('.')
        .map(|number| number.parse().expect("a number"))
        .collect();
    let is_branded = numbers >= vec![7, 14, 0];
    let fields = if is_branded {
        vec!["X-elastic-product: Elasticsearch"]
    } else {
        Vec::new()
    };
    let page = json!({
        "name": "stand-in",
        "version": {"number": version, "build_flavor": "default", "build_hash": "0123456789abcdef0123456789abcdef01234567"},
        "tagline": "You Know, for Search"
    });
    (page.to_string(), fields)
}

fn opensearch_page() -> String {
    json!({"version": {"distribution": "opensearch", "number": "3.1.0", "build_hash": "abc"}}).to_string()
}
