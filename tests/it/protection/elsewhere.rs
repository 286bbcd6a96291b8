//! The same writes at another index: they pass as they are, and a node answers them as it does without the gateway.

use std::io::Write;
use std::net::SocketAddr;

use cluster::{Kind, Node};
use scenarios::Published;
use serde_json::{Value, json};

use super::calls::{self, Aim, Call};
use super::sender::Sender;
use super::specification::routes;
use super::spelling::{Spelled, Turns, spell};
use super::{knows_the_names, protecting};
use crate::support::scripted_upstream::{ScriptedUpstream, field, read_body};
use crate::support::stand_in::with_fields;
use crate::support::{node, wire};

/// How many spellings of each call are sent to the scripted upstream.
const SPELLINGS: u64 = 2;

/// Of so many calls one is sent to the real node.
const SAMPLE: usize = 37;

fn aim(start: &str) -> Aim {
    Aim {
        index: format!("{start}-records"),
        aliases: ["all", "seen", "hidden"].map(|end| format!("{start}-{end}")).to_vec(),
        other: format!("another-of-{start}"),
        all: false,
    }
}

/// What cannot be judged, wherever it is aimed: programs that choose an index, and bodies of which some readers read on.
fn cannot_be_judged(call: &Call) -> bool {
    ["by script", "by a second body"]
        .iter()
        .any(|end| call.kind.ends_with(end))
}

/// A node that knows the index of jobs, and shows each request as it came: its head, and its body without framing.
fn mirror() -> ScriptedUpstream {
    ScriptedUpstream::new(|head, stream| {
        let body = unframed(head, read_body(head, stream));
        let is_own = field(head, "user-agent").is_some_and(|agent| agent.starts_with("anomaly-gateway/"));
        let answer = match head.lines().next() {
            Some("GET / HTTP/1.1") => json!({"version": {"number": "7.10.2"}}),
            _ if is_own => json!({"anomaly-detectors": {"aliases": {"jobs-of-all": {}, "watched": {}}}}),
            _ => json!({"head": head, "body": body}),
        };
        let answer = with_fields("200 OK", &[], &answer.to_string());
        let _ = stream.write_all(answer.as_bytes());
    })
}

fn unframed(head: &str, body: Vec<u8>) -> Vec<u8> {
    if field(head, "transfer-encoding").is_none() {
        return body;
    }
    let (mut whole, mut rest) = (Vec::new(), body.as_slice());
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("a number");
        whole.extend(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
    whole
}

#[test]
fn writes_at_another_index_pass_unchanged() {
    let upstream = mirror();
    let gateway = protecting(&upstream.url);
    knows_the_names(&gateway);
    let published = Published::fetch().expect("the specification");
    let mut routes_of_both = routes(&published.apis);
    routes_of_both.extend(routes(
        &Published::fetch_elasticsearch().expect("the specification").apis,
    ));
    let (mut sender, mut total, mut changed) = (Sender::to(gateway.address), 0, Vec::new());
    for (place, call) in calls::all(&routes_of_both, &aim("plain")).iter().enumerate() {
        for spelling in 0..SPELLINGS {
            let spelled = spell(call, &mut Turns(place as u64 * SPELLINGS + spelling));
            let answer = sender.send(&spelled);
            if cannot_be_judged(call) {
                assert_eq!(answer.status(), 403, "{}", answer.text());
                continue;
            }
            total += 1;
            if let Some(how) = difference(&spelled, answer.status(), &answer.body) {
                changed.push(format!(
                    "{how}: {} ({}): {} {}",
                    call.kind, spelled.how, spelled.method, spelled.target
                ));
            }
        }
    }
    eprintln!(
        "{total} requests at another index, {} of them changed or refused",
        changed.len()
    );
    assert!(changed.is_empty(), "{:#?}", &changed[..changed.len().min(20)]);
    assert!(total >= 5_000, "only {total} requests");
}

/// How what the node was sent differs from what the client sent.
fn difference(sent: &Spelled, status: u16, answer: &[u8]) -> Option<String> {
    let seen: Value = serde_json::from_slice(answer).unwrap_or_default();
    let Some(head) = seen["head"].as_str().filter(|_| status == 200) else {
        return Some(format!("answered {status}: {}", String::from_utf8_lossy(answer)));
    };
    let body: Vec<u8> = serde_json::from_value(seen["body"].clone()).expect("bytes");
    // The gateway adds a slash that is missing at the start.
    let target = sent.target.trim_start_matches('/');
    let line = format!("{} /{target} HTTP/1.1", sent.method);
    let is_same = |name: &str, value: Option<&str>| field(head, name).as_deref() == value;
    let length = (!sent.is_chunked && !sent.body.is_empty()).then(|| sent.body.len().to_string());
    let checks = [
        ("the request line", head.lines().next() == Some(line.as_str())),
        ("the body", body == sent.body),
        ("the type", is_same("content-type", sent.content_type)),
        ("the coding", is_same("content-encoding", sent.coding)),
        (
            "the framing",
            is_same("transfer-encoding", sent.is_chunked.then_some("chunked")),
        ),
        ("the length", is_same("content-length", length.as_deref())),
    ];
    let differing = checks.iter().find(|(_, is_same)| !is_same)?;
    Some(format!("{} differs: {head}", differing.0))
}

/// An index with its aliases, as at first: made anew in the node itself.
fn reset(node: SocketAddr, aim: &Aim) {
    let direct = |method: &str, target: &str, body: &str| {
        wire::call(node, method, target, &[("content-type", "application/json")], body)
    };
    for target in [
        "/_data_stream/*",
        "/*",
        "/_index_template/*",
        "/_template/*",
        "/_component_template/*",
    ] {
        direct("DELETE", target, "");
    }
    let aliases: serde_json::Map<_, _> = aim.aliases.iter().map(|alias| (alias.clone(), json!({}))).collect();
    let made = direct(
        "PUT",
        &format!("/{}", aim.index),
        &json!({"aliases": aliases}).to_string(),
    );
    assert_eq!(made.status(), 200, "{}", made.text());
    for index in [&aim.index, &aim.other] {
        let target = format!("/{index}/_doc/anomaly_detector-stored?refresh=true");
        assert_eq!(direct("PUT", &target, r#"{"job_id":"stored"}"#).status(), 201);
    }
}

/// The status of each call, sent to one address before one node.
fn statuses(calls: &[Call], aim: &Aim, address: SocketAddr, node: SocketAddr) -> Vec<u16> {
    let mut sender = Sender::to(address);
    reset(node, aim);
    let mut statuses = Vec::new();
    for (place, call) in calls
        .iter()
        .enumerate()
        .step_by(SAMPLE)
        .filter(|(_, call)| !cannot_be_judged(call))
    {
        let status = sender.send(&spell(call, &mut Turns(place as u64))).status();
        statuses.push(status);
        if status < 300 {
            reset(node, aim);
        }
    }
    statuses
}

#[test]
fn a_node_answers_writes_at_another_index_as_without_the_gateway() {
    let kind = Kind::default_for_this_machine().expect("a node to test with");
    let node: Node = node::start(kind);
    let gateway = protecting(node.url());
    knows_the_names(&gateway);
    let published = Published::fetch().expect("the specification");
    let routes = routes(&published.apis);
    let address = wire::address_of(node.url());
    let run = |start: &str, through: SocketAddr| {
        let aim = aim(start);
        let calls = calls::all(&routes, &aim);
        let statuses = statuses(&calls, &aim, through, address);
        let kinds = calls.iter().step_by(SAMPLE).filter(|call| !cannot_be_judged(call));
        let kinds: Vec<String> = kinds.map(|call| call.kind.clone()).collect();
        (kinds, statuses)
    };
    // Names of the same length, so that they are spelled alike.
    let (kinds, direct) = run("lefts", address);
    let (_, through) = run("right", gateway.address);
    let done = direct.iter().filter(|status| **status < 300).count();
    eprintln!("{} requests, of which the node did {done}", direct.len());
    let differing: Vec<_> = kinds
        .iter()
        .zip(direct.iter().zip(&through))
        .filter(|(_, (a, b))| a != b)
        .collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert!(
        done * 4 > direct.len(),
        "so few of them do anything that they show little"
    );
}
