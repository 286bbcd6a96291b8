//! The listener for those who run the gateway, beside clients that only connect to it.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::gateway::Gateway;
use crate::support::wire::{Connection, request};

/// Less than the five seconds for which a silent connection is kept, and which somebody behind it would wait. How long a
/// sign of life takes on a machine that does nothing else, `cargo xtask abuse` measures.
const MOST: Duration = Duration::from_secs(2);

fn gateway() -> Gateway {
    Gateway::configured(&["http://127.0.0.1:1"], "admin: {listen: '127.0.0.1:0'}")
}

#[test]
fn a_thousand_silent_connections_do_not_delay_a_sign_of_life() {
    rlimit::increase_nofile_limit(rlimit::INFINITY).expect("files enough");
    let gateway = gateway();
    let mut silent = Vec::new();
    let mut waits = Vec::new();
    for number in 1..=1000 {
        silent.push(TcpStream::connect(gateway.admin()).expect("it listens"));
        if number % 20 == 0 {
            let asked = Instant::now();
            assert_eq!(gateway.ask_admin("GET", "/live").status(), 200);
            waits.push(asked.elapsed());
        }
    }
    waits.sort_unstable();
    eprintln!(
        "median {:?}, slowest {:?}",
        waits[waits.len() / 2],
        waits[waits.len() - 1]
    );
    assert!(waits[waits.len() - 1] < MOST, "{waits:?}");
}

#[test]
fn who_asks_nothing_is_closed_and_who_has_asked_may_ask_again() {
    let gateway = gateway();
    let mut used = Connection::to(gateway.admin());
    let mut ask = || {
        used.send(&request("GET", "/live", &[], ""));
        used.read().status()
    };
    assert_eq!(ask(), 200);
    let begun = Instant::now();
    let mut silent = Connection::to(gateway.admin());
    let mut half = Connection::to(gateway.admin());
    half.send(b"GET /live HTTP/1.1\r\nHo");
    assert_eq!(silent.read_some(&mut [0]), 0);
    assert_eq!(half.read_some(&mut [0]), 0);
    assert!(begun.elapsed() >= Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(ask(), 200);
}
