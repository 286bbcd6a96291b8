//! Two gateways before one cluster: for each id exactly one of many creates wins.

use std::sync::Barrier;
use std::thread;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::node;
use crate::support::wire::{Connection, request};

const CREATES: usize = 64;
const IDS: usize = 20;

#[test]
fn line_82_of_64_concurrent_creates_of_an_id_one_wins_and_63_are_refused() {
    // An index of its own, so that the first round is also a race to create the index.
    let index = node::fresh_id("race");
    let gateways: Vec<_> = (0..2)
        .map(|_| Gateway::with(&[node::shared_url()], &["--jobs-index", &index]))
        .collect();
    for _ in 0..IDS {
        let id = node::fresh_id("race");
        let start = Barrier::new(CREATES);
        let answers: Vec<_> = thread::scope(|scope| {
            let creates: Vec<_> = (0..CREATES)
                .map(|number| {
                    let (address, start, id) = (gateways[number % gateways.len()].address, &start, &id);
                    scope.spawn(move || {
                        let mut connection = Connection::to(address);
                        let target = format!("/_ml/anomaly_detectors/{id}");
                        let fields = [("content-type", "application/json")];
                        let request = request("PUT", &target, &fields, &job::smallest());
                        start.wait();
                        connection.send(&request);
                        connection.read()
                    })
                })
                .collect();
            creates
                .into_iter()
                .map(|create| create.join().expect("no create panicked"))
                .collect()
        });
        let won = answers.iter().filter(|answer| answer.status() == 200).count();
        let refused = answers.iter().filter(|answer| {
            answer.status() == 400 && answer.json()["error"]["type"] == "resource_already_exists_exception"
        });
        assert_eq!((won, refused.count()), (1, CREATES - 1), "{answers:?}");
    }
}
