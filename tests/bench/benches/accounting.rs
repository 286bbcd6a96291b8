//! What a forwarded request costs to be accounted for: its record, from its head to the end of its answer, and the metrics of
//! its connection to a node. The access log is off. Beside it, what reading the clock once costs, which is most of it.

#![allow(missing_docs, reason = "the macros of criterion make functions without")]

use std::hint::black_box;
use std::time::Instant;

use anomaly_gateway::telemetry::request_record::{Account, Origin};
use anomaly_gateway::telemetry::traffic::Traffic;
use criterion::{Criterion, criterion_group, criterion_main};
use http::{Request, StatusCode};

fn accounting(criterion: &mut Criterion) {
    let traffic = Traffic::new(["http://127.0.0.1:9200".to_owned()], None);
    let worker = traffic.counters().on_this_thread();
    let origin = Origin {
        address: ([127, 0, 0, 1], 40210).into(),
        tls: None,
    };
    let request = Request::new(());
    criterion.bench_function("a request", |bencher| {
        bencher.iter(|| {
            let account = Account::of(&worker, origin, black_box(&request));
            let record = account.record();
            record.is_sent_to(0);
            let sent = Instant::now(); // As the pool of connections reads it anyway.
            worker.node_connection_reused(0);
            record.node_has_it(sent);
            record.node_is_done(true);
            drop(record);
            account.answered(StatusCode::OK);
            account.sent(500);
            account.is_whole();
            drop(account);
            drop(worker.node_connection_idle(0));
        });
    });
    criterion.bench_function("the clock", |bencher| bencher.iter(Instant::now));
}

criterion_group!(benches, accounting);
criterion_main!(benches);
