//! Nothing that one client sends holds up the others: everything known to be costly, in short form, while plain requests
//! go through the same workers every ten milliseconds. `cargo xtask abuse` does the same with bodies as long as they may
//! be, and measures the clients' times too.
//!
//! A clock would say how busy this machine is, on which other tests run at the same time. So it is not the time of a plain
//! request that counts here, but how long a worker was on a core while one waited for it, which Linux counts for each
//! thread, and which is the part of its time that the gateway decides on.

use std::path::Path;
use std::time::Duration;

use soak::abuse::hostile::{self, Size};
use soak::abuse::rows::{self, Plan, Row};

#[test]
fn no_worker_is_held_up_and_nothing_costs_more_memory_than_it_may() {
    let holds = |row: &Row| row.workers_hold() && row.memory_holds();
    let plan = Plan {
        gateway: Path::new(env!("CARGO_BIN_EXE_anomaly-gateway")),
        node: None,
        alone: Duration::from_millis(50), // It is for the clients' times.
        holds,
    };
    let table = rows::measure(plan, &hostile::all(Size::Short)).expect("each is answered");
    assert!(table.0.iter().all(holds), "{table}");
}
