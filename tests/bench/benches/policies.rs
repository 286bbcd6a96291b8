//! What the operator's policies add to an admission: two hundred that all concern the job, and others that do not.

#![allow(missing_docs, reason = "the macros of criterion make functions without")]

use std::hint::black_box;

use anomaly_gateway::admission::Verdict;
use anomaly_gateway::es::version::Version;
use bench::admission::{Admission, ID, answer};
use bench::job::{example, plain};
use bench::policies::{Asks, policies};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

fn matching(criterion: &mut Criterion) {
    let admission = Admission::of(Version::BASE);
    let all = |_: usize| ID.replace("requests", "*");
    let other = |number: usize| format!("team-{number}-*");
    let sets = [
        ("no policy", policies(0, Asks::Usual, all)),
        ("200 that match", policies(200, Asks::Usual, all)),
        ("200 that match and loop", policies(200, Asks::Loops, all)),
        ("200 that do not", policies(200, Asks::Usual, other)),
        ("2000 that do not", policies(2000, Asks::Usual, other)),
    ];
    for (job, body) in [("example", example()), ("50 detectors", plain(50))] {
        let mut group = criterion.benchmark_group(job);
        for (name, set) in &sets {
            let judge = || admission.judge_by(black_box(body.as_bytes()), set);
            let is_admitted = matches!(judge(), Verdict::Admitted(_));
            assert!(is_admitted, "{job}, {name}");
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                bencher.iter(|| answer(judge()));
            });
        }
    }
}

criterion_group!(benches, matching);
criterion_main!(benches);
