//! Answers are requests: what Elasticsearch answers alike when it is sent back, so does the product.

use std::io::Write as _;

use conformance::{Release, run_round_trips};

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
