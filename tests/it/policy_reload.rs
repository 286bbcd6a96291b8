//! Policies that change while the gateway runs: exchanged whole, checked before, and never by halves.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;
use crate::support::stand_in::{StandIn, with_fields};
use crate::support::wire::{Connection, eventually, request};

/// A gateway whose policies can be changed.
struct Governed {
    gateway: Gateway,
    folder: TempDir,
}

/// A policy that gives each job this description, and refuses another.
fn says(word: &str) -> String {
    format!(
        "policies:\n  - name: word\n    enforcement: enforce\n    defaults: {{ description: {word} }}\n    \
         schema: {{ properties: {{ description: {{ const: {word} }} }} }}\n"
    )
}

impl Governed {
    fn before(url: &str, policies: &str, more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.yml"), policies).expect("a file");
        let config = folder.path().join("gateway.yaml");
        let yaml = format!("admin: {{ listen: '127.0.0.1:0' }}\npolicies:\n  files: ['*.yml']\n{more}");
        fs::write(&config, yaml).expect("a file");
        let gateway = Gateway::with(&[url], &["--config", config.to_str().expect("a path")]);
        Self { gateway, folder }
    }

    fn write(&self, file: &str, policies: &str) {
        let next = self.folder.path().join("next");
        fs::write(&next, policies).expect("a file");
        fs::rename(next, self.folder.path().join(file)).expect("a file");
    }

    fn hang_up(&self) {
        let told = Command::new("kill")
            .args(["-HUP", &self.gateway.pid().to_string()])
            .status();
        assert!(told.expect("kill runs").success());
    }

    fn ready(&self) -> Value {
        self.gateway.ask_admin("GET", "/ready").json()
    }

    fn revision(&self) -> String {
        self.ready()["policies"]["revision"]
            .as_str()
            .expect("a revision")
            .to_owned()
    }
}

#[test]
fn a_change_is_in_use_without_being_asked_for_and_the_log_says_what_it_is() {
    let cluster = StandIn::elasticsearch("9.5.3");
    let governed = Governed::before(cluster.url(), &says("one"), "");
    let first = governed.revision();
    assert_eq!(
        governed.gateway.create_job("a", &job::smallest()).json()["description"],
        "one"
    );
    // A file that comes, and one that changes.
    governed.write("b.yml", "policies: [{ name: other, enforcement: warn, rule: 'true' }]");
    governed.write("a.yml", &says("two"));
    governed.gateway.logged(&["added other"]);
    eventually("the second word", || {
        governed.gateway.create_job("a", &job::smallest()).json()["description"] == "two"
    });
    let second = governed.revision();
    assert_ne!(first, second);
    governed.gateway.logged(&["changed word"]);
    governed.gateway.logged(&[&format!("revision={second}")]);
}

#[test]
fn a_bad_set_keeps_the_last_good_one_and_is_told() {
    let cluster = StandIn::elasticsearch("9.5.3");
    let governed = Governed::before(cluster.url(), &says("one"), "");
    let first = governed.revision();
    for bad in [
        "policies: [{ name: word, enforcement: enforcee }]",
        "{",
        "policies:\n  - name: [\n",
    ] {
        governed.write("a.yml", bad);
        governed.hang_up();
        eventually("that it is told", || {
            governed.ready().get("outdated_policies").is_some()
        });
        eventually("that it is ready all the same", || governed.ready()["ready"] == true);
        assert_eq!(governed.revision(), first);
        assert_eq!(
            governed.gateway.create_job("a", &job::smallest()).json()["description"],
            "one"
        );
    }
    let counted = governed.gateway.ask_admin("GET", "/metrics").text();
    assert!(
        counted.contains("anomaly_gateway_policy_reloads_total{outcome=\"refused\"}"),
        "{counted}"
    );
    let line = governed.gateway.logged(&["policies could not be reloaded"]);
    assert!(line.contains("ERROR") && line.contains(&first), "{line}");
    governed.write("a.yml", &says("two"));
    governed.hang_up();
    eventually("that it is good again", || {
        governed.ready().get("outdated_policies").is_none()
    });
    assert_ne!(governed.revision(), first);
}

/// Each revision has a word of its own, so that an answer tells which one made it.
#[test]
fn under_load_no_request_fails_and_each_answer_is_of_one_revision_that_the_log_names() {
    let cluster = StandIn::elasticsearch("9.5.3");
    let governed = Governed::before(cluster.url(), &says("w0"), "");
    let mut revisions = vec![governed.revision()];
    let is_over = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let (address, is_over) = (governed.gateway.address, Arc::clone(&is_over));
            let answered = Arc::clone(&answered);
            thread::spawn(move || {
                let mut connection = Connection::to(address);
                let mut answers = Vec::new();
                while !is_over.load(Ordering::Relaxed) && answers.len() < 2_000 {
                    let id = format!("load-{client}-{}", answers.len());
                    let target = format!("/_ml/anomaly_detectors/{id}");
                    let fields = [("Content-Type", "application/json")];
                    connection.send(&request("PUT", &target, &fields, &job::smallest()));
                    let answer = connection.read();
                    assert_eq!(answer.status(), 200, "{answer:?}");
                    answered.fetch_add(1, Ordering::Relaxed);
                    answers.push((id, answer.json()["description"].as_str().expect("a word").to_owned()));
                }
                answers
            })
        })
        .collect();
    for round in 1..=6 {
        governed.write("a.yml", &says(&format!("w{round}")));
        governed.hang_up();
        eventually("the next revision", || !revisions.contains(&governed.revision()));
        revisions.push(governed.revision());
        let so_far = answered.load(Ordering::Relaxed);
        eventually("answers by it", || answered.load(Ordering::Relaxed) >= so_far + 20);
    }
    is_over.store(true, Ordering::Relaxed);
    let by_client: Vec<Vec<(String, String)>> = clients
        .into_iter()
        .map(|client| client.join().expect("a client"))
        .collect();
    for (last, _) in by_client.iter().filter_map(|answers| answers.last()) {
        governed.gateway.logged(&[&format!("id=\"{last}\""), "committed"]);
    }
    let answers = by_client.concat();
    assert!(answers.len() > 100, "{} answers are no load", answers.len());
    let committed = |log: &str, id: &str, revision: &str| {
        let named = [format!("id=\"{id}\""), format!("revision={revision}")];
        log.lines()
            .any(|line| line.contains("committed") && named.iter().all(|name| line.contains(name)))
    };
    let log = governed.gateway.log();
    for (id, word) in &answers {
        let round: usize = word.trim_start_matches('w').parse().expect("a round");
        assert!(
            committed(&log, id, &revisions[round]),
            "{id} was answered by {}",
            revisions[round]
        );
    }
}

/// A description that some of the jobs have.
fn forbids(word: &str) -> String {
    format!(
        "policies: [{{ name: word, enforcement: enforce, schema: {{ properties: {{ description: {{ not: {{ const: \
         {word} }} }} }} }} }}]"
    )
}

#[test]
fn a_set_that_would_refuse_too_many_stored_jobs_is_not_taken() {
    let index = node::fresh_id("radius");
    let more = format!("  blast_radius: {{ refuse_over: 1 }}\njobs: {{ index: {index} }}\n");
    let governed = Governed::before(node::shared_url(), &forbids("nothing"), &more);
    let first = governed.revision();
    for (id, word) in [("a", "red"), ("b", "red"), ("c", "blue"), ("d", "green")] {
        let mut body: Value = serde_json::from_str(&job::smallest()).expect("JSON");
        body["description"] = json!(word);
        let answer = governed.gateway.create_job(id, &body.to_string());
        assert_eq!(answer.status(), 200, "{answer:?}");
    }
    governed.write("a.yml", &forbids("red"));
    governed.hang_up();
    eventually("that it is told", || {
        governed.ready().get("outdated_policies").is_some()
    });
    let told = governed.ready()["outdated_policies"].clone();
    assert_eq!(
        told,
        "it would newly refuse 2 of 4 stored jobs, over the threshold of 1: a, b"
    );
    assert_eq!(governed.revision(), first);
    governed.write("a.yml", &forbids("blue"));
    governed.hang_up();
    eventually("that it is taken", || {
        governed.ready().get("outdated_policies").is_none()
    });
    assert_ne!(governed.revision(), first);
    governed.gateway.logged(&["would newly refuse 1 of 4 stored jobs"]);
}

/// A cluster that can be switched off, and what it was asked.
fn cluster_that_can_be_down() -> (StandIn, Arc<AtomicBool>) {
    let is_down = Arc::<AtomicBool>::default();
    let down = Arc::clone(&is_down);
    let cluster = StandIn::answering("9.5.3", move |_| {
        down.load(Ordering::Relaxed)
            .then(|| with_fields("503 Service Unavailable", &[], "{}"))
    });
    (cluster, is_down)
}

#[test]
fn a_set_that_met_an_outage_is_tried_until_the_cluster_answers() {
    let (cluster, is_down) = cluster_that_can_be_down();
    let governed = Governed::before(cluster.url(), &says("one"), "  blast_radius: { refuse_over: 1 }\n");
    let first = governed.revision();
    is_down.store(true, Ordering::Relaxed);
    governed.write("a.yml", &says("two"));
    governed.hang_up();
    let is_outdated = || governed.ready().get("outdated_policies").is_some();
    eventually("that it is told", is_outdated);
    assert_eq!(governed.revision(), first);
    let asked = cluster.received().len();
    eventually("that it is tried again", || cluster.received().len() > asked);
    is_down.store(false, Ordering::Relaxed);
    eventually("that it is taken", || !is_outdated());
    assert_ne!(governed.revision(), first);
    governed
        .gateway
        .logged(&["policies are in use", "changed word", "cause=\"retry\""]);
    let line = governed.gateway.logged(&["policies could not be reloaded"]);
    assert!(line.contains("is_tried_again=true"), "{line}");
    let lines = governed.gateway.log().matches("policies could not be reloaded").count();
    assert_eq!(lines, 1, "one for each reason: {}", governed.gateway.log());
}

#[test]
fn of_a_set_that_is_in_use_already_the_cluster_is_asked_nothing() {
    let (cluster, is_down) = cluster_that_can_be_down();
    let governed = Governed::before(cluster.url(), &says("one"), "  blast_radius: { refuse_over: 1 }\n");
    is_down.store(true, Ordering::Relaxed);
    governed.write("a.yml", &says("two"));
    governed.hang_up();
    let is_outdated = || governed.ready().get("outdated_policies").is_some();
    eventually("that it is told", is_outdated);
    // Back to what holds, while the cluster is still down.
    governed.write("a.yml", &says("one"));
    governed.hang_up();
    eventually("that nothing is outdated", || !is_outdated());
}

/// Whoever goes on asking with a wrong password is locked out in the end.
#[test]
fn refused_credentials_are_tried_again_when_their_file_changes_and_not_before() {
    let cluster = StandIn::answering("9.5.3", |(_, head)| {
        let is_right = head.contains("ApiKey right");
        (!is_right && !head.starts_with("HEAD / ")).then(|| with_fields("401 Unauthorized", &[], "{}"))
    });
    let more = "  blast_radius: { refuse_over: 1, authorization: reader }\n";
    let folder = tempfile::tempdir().expect("a folder");
    let reader = folder.path().join("reader");
    fs::write(&reader, "ApiKey wrong").expect("a file");
    let more = more.replace("reader", reader.to_str().expect("a path"));
    let governed = Governed::before(cluster.url(), &says("one"), &more);
    governed.write("a.yml", &says("two"));
    governed.hang_up();
    let is_outdated = || governed.ready().get("outdated_policies").is_some();
    eventually("that it is told", is_outdated);
    let line = governed.gateway.logged(&["policies could not be reloaded"]);
    assert!(line.contains("is_tried_again=false"), "{line}");
    fs::write(&reader, "ApiKey right").expect("a file");
    eventually("that it is taken", || !is_outdated());
}
