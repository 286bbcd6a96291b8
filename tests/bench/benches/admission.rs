//! From the bytes of a body to the bytes of the answer, without the store: what a create-job costs the gateway itself.

#![allow(missing_docs, reason = "the macros of criterion make functions without")]

use std::hint::black_box;

use anomaly_gateway::admission::Verdict;
use anomaly_gateway::es::version::Version;
use bench::admission::{Admission, answer};
use bench::job::{broken, example, plain, with_rules};
use criterion::{Criterion, criterion_group, criterion_main};

fn admission(criterion: &mut Criterion) {
    let admission = Admission::of(Version::BASE);
    let mut measure = |name: &str, body: String, is_admitted: bool| {
        let judge = || admission.judge(black_box(body.as_bytes()));
        assert_eq!(matches!(judge(), Verdict::Admitted(_)), is_admitted, "{name}");
        criterion.bench_function(name, |bencher| bencher.iter(|| answer(judge())));
    };
    measure("example", example(), true);
    measure("example, refused at its end", broken(&example()), false);
    measure("50 detectors", plain(50), true);
    measure("50 detectors with rules", with_rules(50), true);
    measure(
        "50 detectors with rules, refused at the end",
        broken(&with_rules(50)),
        false,
    );
}

criterion_group!(benches, admission);
criterion_main!(benches);
