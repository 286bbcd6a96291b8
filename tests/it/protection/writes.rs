//! Every write API of a real node's own specification, at the protected index, in thousands of spellings: nothing of the
//! index has changed afterwards, looked at in the node itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use cluster::{Builder, Kind, Node};
use scenarios::Published;
use serde_json::{Value, json};

use super::calls::{self, Aim, Call};
use super::garbling::garbled;
use super::sender::Sender;
use super::specification::{Route, routes};
use super::spelling::{Spelled, Turns, spell};
use super::{knows_the_names, protecting};
use crate::support::gateway::Gateway;
use crate::support::{job, wire};

/// How many spellings of each call there are: on the node that most tests are on, and on the older one.
const SPELLINGS: usize = 4;
const FEWER_SPELLINGS: usize = 1;

/// How many bodies are put together at random.
const GARBLED: u64 = 1_000;

fn aim() -> Aim {
    Aim {
        index: "anomaly-detectors".to_owned(),
        aliases: vec!["jobs-of-all".to_owned(), "watched".to_owned(), "hidden-jobs".to_owned()],
        other: "another-index".to_owned(),
        all: true,
    }
}

/// What is to stay as it is: all of it, as the node itself says it.
fn state(node: &str) -> BTreeMap<&'static str, Value> {
    let address = wire::address_of(node);
    let ask = |target: &str| wire::call(address, "GET", target, &[], "").json();
    let mut documents = ask("/anomaly-detectors/_search?size=100&seq_no_primary_term=true&version=true&sort=job_id");
    let hits = documents["hits"]["hits"].take();
    let mut aliases = ask("/_alias");
    if let Some(of_another) = aliases.pointer_mut("/another-index/aliases") {
        // Another index may get any alias but those that lead to the protected one.
        let names = ["anomaly-detectors", "jobs-of-all", "watched", "hidden-jobs"];
        if let Some(aliases) = of_another.as_object_mut() {
            aliases.retain(|alias, _| names.contains(&alias.as_str()));
        }
    }
    BTreeMap::from([
        ("documents", hits),
        ("index", ask("/anomaly-detectors")),
        (
            "state",
            ask("/_cluster/state/metadata/anomaly-detectors?filter_path=metadata.indices.*.state"),
        ),
        ("aliases", aliases),
        ("templates", ask("/_template")),
        ("pipelines", ask("/_ingest/pipeline")),
    ])
}

/// Stores jobs through the gateway, and gives their index aliases in the node itself.
fn prepare(node: &Node, gateway: &Gateway) {
    for number in 0..5 {
        let created = gateway.create_job(&format!("stored-{number}"), &job::total_requests());
        assert_eq!(created.status(), 200, "{}", created.text());
    }
    let stored = gateway.create_job("stored", &job::smallest());
    assert_eq!(stored.status(), 200, "{}", stored.text());
    let address = wire::address_of(node.url());
    let direct = |method: &str, target: &str, body: Value| {
        let fields = [("content-type", "application/json")];
        let answer = wire::call(address, method, target, &fields, &body.to_string());
        assert!(answer.status() < 300, "{method} {target}: {}", answer.text());
    };
    direct(
        "PUT",
        "/another-index/_doc/1?refresh=true",
        json!({"job_id": "another"}),
    );
    for alias in ["jobs-of-all", "watched"] {
        direct("PUT", &format!("/anomaly-detectors/_alias/{alias}"), json!({}));
    }
    direct(
        "PUT",
        "/anomaly-detectors/_alias/hidden-jobs",
        json!({"filter": {"term": {"job_id": "stored"}}}),
    );
    wire::eventually("the gateway knows the aliases", || {
        ["jobs-of-all", "watched", "hidden-jobs"]
            .iter()
            .all(|alias| gateway.call("POST", &format!("/{alias}/_no_such_api"), "").status() == 403)
    });
}

/// Sends every call in several spellings, from a few connections at a time, and says how many there were of each kind,
/// and which were not refused.
fn send_all(calls: &[Call], spellings: usize, address: SocketAddr) -> (BTreeMap<String, usize>, Vec<String>) {
    const SENDERS: usize = 3;
    let share = |sender: usize| {
        let (mut sender_of, mut counts, mut passed) = (Sender::to(address), BTreeMap::new(), Vec::new());
        for (place, call) in calls.iter().enumerate().filter(|(place, _)| place % SENDERS == sender) {
            for spelling in 0..spellings {
                let mut turns = Turns((place * spellings + spelling) as u64);
                let spelled = spell(call, &mut turns);
                let answer = sender_of.send(&spelled);
                *counts.entry(call.kind.clone()).or_insert(0) += 1;
                let is_ours = answer.status() == 403 && answer.text().contains("is protected by [jobs.protect]");
                if !is_ours {
                    passed.push(describe(call, &spelled, answer.status()));
                }
            }
        }
        (counts, passed)
    };
    std::thread::scope(|scope| {
        let share = &share;
        let running: Vec<_> = (0..SENDERS).map(|sender| scope.spawn(move || share(sender))).collect();
        let (mut all, mut passed) = (BTreeMap::new(), Vec::new());
        for sender in running {
            let (counts, more) = sender.join().expect("no sender panicked");
            for (kind, count) in counts {
                *all.entry(kind).or_insert(0) += count;
            }
            passed.extend(more);
        }
        (all, passed)
    })
}

/// Sends bodies that were put together at random. Some pass, and are done where they are aimed at another index.
fn send_garbled(address: SocketAddr) {
    let mut sender = Sender::to(address);
    let (mut refused, mut done, mut not_done) = (0, 0, 0);
    for seed in 0..GARBLED {
        match sender.send(&garbled(&mut Turns(seed))).status() {
            403 => refused += 1,
            200..300 => done += 1,
            _ => not_done += 1,
        }
    }
    eprintln!("{GARBLED} garbled bodies: {refused} refused, {done} done, {not_done} not done");
    assert!(refused > 0 && done > 0, "some pass and some do not");
}

fn describe(call: &Call, spelled: &Spelled, status: u16) -> String {
    let body = String::from_utf8_lossy(&spelled.body);
    format!(
        "{status}: {} ({}): {} {} {body}",
        call.kind, spelled.how, spelled.method, spelled.target
    )
}

/// The counts by API, and by how a call was aimed at the index.
fn print(counts: &BTreeMap<String, usize>, name: &str) -> usize {
    let mut by_api: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_form: BTreeMap<&str, usize> = BTreeMap::new();
    for (kind, count) in counts {
        let (api, how) = kind.split_once(" by ").expect("a kind");
        *by_api.entry(api).or_default() += count;
        *by_form.entry(how.rsplit(", ").next().unwrap_or(how)).or_default() += count;
    }
    let total = counts.values().sum();
    eprintln!("{name}: {total} requests\n  by API: {by_api:?}\n  by form: {by_form:?}");
    total
}

fn try_everything(node: &Node, routes: &[Route], spellings: usize) -> usize {
    let gateway = protecting(node.url());
    knows_the_names(&gateway);
    prepare(node, &gateway);
    let before = state(node.url());
    assert_eq!(
        before["documents"].as_array().map(Vec::len),
        Some(6),
        "the jobs are stored"
    );
    let calls = calls::all(routes, &aim());
    let (counts, passed) = send_all(&calls, spellings, gateway.address);
    let total = print(&counts, &node.kind().to_string());
    send_garbled(gateway.address);
    let after = state(node.url());
    for (what, now) in after {
        assert_eq!(now, before[what], "{what} changed");
    }
    assert!(
        passed.is_empty(),
        "{} requests were not refused: {:#?}",
        passed.len(),
        &passed[..passed.len().min(20)]
    );
    let refusals = gateway.ask_admin("GET", "/metrics").text();
    assert!(
        refusals.contains("anomaly_gateway_protected_index_refusals_total{reason=\"path\"}"),
        "{refusals}"
    );
    total
}

fn start(builder: &Builder) -> Node {
    builder
        .start()
        .unwrap_or_else(|error| panic!("the node does not start: {error}"))
}

#[test]
fn no_write_api_of_the_node_changes_a_stored_job() {
    let kind = Kind::default_for_this_machine().expect("a node to test with");
    let node = start(&Node::builder(kind));
    let published = Published::fetch().expect("the specification");
    let total = try_everything(&node, &routes(&published.apis), SPELLINGS);
    assert!(total >= 5_000, "only {total} requests");
}

/// With typed routes.
#[test]
fn no_write_api_of_elasticsearch_7_changes_a_stored_job() {
    let node = start(&Node::builder(Kind::Elasticsearch7_10));
    let published = Published::fetch_elasticsearch().expect("the specification");
    let total = try_everything(&node, &routes(&published.apis), FEWER_SPELLINGS);
    assert!(total >= 1_000, "only {total} requests");
}
