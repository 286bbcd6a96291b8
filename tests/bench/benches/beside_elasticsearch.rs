//! What the answer to a create-job costs here and in Elasticsearch's own REST layer and job parser, on the same core in
//! the same run.
//!
//! Both sides read the body, judge it, and write the answer and the document to store. Elasticsearch's runs warm, in a
//! JVM that repeats the request itself, so that neither a pipe nor the start of the JVM is counted.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark says what is wrong by panicking, and prints what it measured"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use anomaly_gateway::admission::Verdict;
use bench::admission::{Admission, ID, answer};
use bench::core::{cpu_time, use_one_core};
use bench::job::{example, plain, with_rules};
use conformance::{Case, Oracle, Release, Timing};

/// How often a request is answered in one step of warming up.
const WARM_UP: u32 = 20_000;
/// At most so many steps, if it becomes faster all the time.
const STEPS: usize = 20;
/// Rounds of both sides, in turn, of which the middle one counts: whatever else the machine does hits both.
const ROUNDS: usize = 5;
/// How often one round answers a request.
const TIMES: u32 = 4_000;

fn main() {
    use_one_core();
    let release = *Release::pinned().last().expect("a published version");
    let admission = Admission::of(release.version());
    let mut oracle = Oracle::start_for_timing(release).expect("an oracle");
    println!("microseconds an answer, of CPU (and of wall time), on one core\n");
    let elasticsearch = format!("Elasticsearch {release}");
    println!(
        "| {:<29} | {:>15} | {elasticsearch:>20} | ratio |",
        "job", "anomaly-gateway"
    );
    println!("|-{:-<29}-|-{:->15}:|-{:->20}:|-{:->5}:|", "", "", "", "");
    let jobs = [
        ("the documentation's example", example()),
        ("50 detectors", plain(50)),
        ("50 detectors, each with a rule", with_rules(50)),
    ];
    for (name, body) in jobs {
        let case = Case::new(ID, body.as_bytes());
        let mut theirs = |times| oracle.time(&case, times).expect("a timing");
        warm_up(|| theirs(WARM_UP));
        measured(&admission, &body, TIMES);
        let rounds: Vec<_> = (0..ROUNDS)
            .map(|_| (measured(&admission, &body, TIMES), theirs(TIMES)))
            .collect();
        let ours = middle(rounds.iter().map(|(ours, _)| *ours));
        let theirs = middle(rounds.iter().map(|(_, theirs)| *theirs));
        let ratio = theirs.cpu.as_secs_f64() / ours.cpu.as_secs_f64();
        println!(
            "| {name:<29} | {:>15} | {:>20} | {ratio:>5.1} |",
            shown(ours),
            shown(theirs)
        );
    }
}

/// Answers until three steps in a row have not become faster by a twentieth: the JVM, whose compiler has the same one
/// core, has then compiled all that it will.
fn warm_up(mut step: impl FnMut() -> Timing) {
    let mut fastest = Duration::MAX;
    let mut alike = 0;
    for _ in 0..STEPS {
        let cpu = step().cpu;
        alike = if cpu.saturating_mul(20) < fastest.saturating_mul(19) {
            0
        } else {
            alike + 1
        };
        fastest = fastest.min(cpu);
        if alike == 3 {
            return;
        }
    }
}

/// How long it takes here.
fn measured(admission: &Admission, body: &str, times: u32) -> Timing {
    let cpu = cpu_time();
    let start = Instant::now();
    for _ in 0..times {
        let verdict = admission.judge(black_box(body.as_bytes()));
        assert!(matches!(verdict, Verdict::Admitted(_)), "refused: {verdict:?}");
        black_box(answer(verdict));
    }
    Timing {
        wall: start.elapsed() / times,
        cpu: cpu_time().saturating_sub(cpu) / times,
    }
}

fn middle(rounds: impl Iterator<Item = Timing>) -> Timing {
    let mut rounds: Vec<Timing> = rounds.collect();
    rounds.sort_by_key(|timing| timing.cpu);
    *rounds.get(rounds.len() / 2).expect("a round")
}

fn shown(timing: Timing) -> String {
    let micros = |duration: Duration| duration.as_secs_f64() * 1e6;
    format!("{:.1} ({:.1})", micros(timing.cpu), micros(timing.wall))
}
