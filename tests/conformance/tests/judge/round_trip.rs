//! Answers are requests: what Elasticsearch answers alike when it is sent back, so does the product.

use std::io::Write as _;

use conformance::{Release, forward, run_round_trips};

#[test]
fn an_answer_sent_back_is_answered_alike() {
    for release in Release::pinned() {
        let round = run_round_trips(release, 1500, 5).expect("a run");
        let _ = writeln!(
            std::io::stderr(),
            "{release}: {} asked, {} made, {} stable, {} differing",
            round.asked,
            round.made,
            round.stable,
            round.differing.len()
        );
        assert!(
            round.stable * 4 > round.asked,
            "{release}: too few round trips to say anything: {round:?}"
        );
        assert!(round.differing.is_empty(), "{release}: {:?}", round.differing.first());
    }
}

/// `jobs.commit: forward`: what the cluster is sent in the client's place makes the job that the client has asked for.
#[test]
fn what_is_forwarded_makes_the_same_job() {
    for release in Release::pinned() {
        let forwardings = forward(release, 1500, 6).expect("a run");
        let (made, differing) = (forwardings.made, forwardings.differing);
        let _ = writeln!(
            std::io::stderr(),
            "{release}: {made} made, {} differing",
            differing.len()
        );
        assert!(made > 300, "{release}: too few jobs to say anything: {made}");
        if let Some((case, forwarded, answer)) = differing.first() {
            let sent = String::from_utf8_lossy(&case.body);
            panic!("{release}: {sent}\nis forwarded as {forwarded}\nand answered {answer:?}");
        }
    }
}
