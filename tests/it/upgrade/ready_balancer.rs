//! Two gateways behind a load balancer that asks each for `/ready`, restarted one after the other: `shutdown.delay` is long enough
//! for it to notice, and no request fails.
//!
//! The balancer is one of connections: it sends nothing again and makes no connection twice, so that whatever a gateway
//! refuses or breaks off is seen by a client.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::{OK, load};
use crate::support::gateway::{ANY_PORT, BINARY, Gateway};
use crate::support::scripted_upstream::ScriptedUpstream;
use crate::support::wire::eventually;

/// How many requests are made at least.
const REQUESTS: u64 = 10_000;

/// Many times what the balancer takes to notice.
const STOPPING: &str = "{shutdown: {delay: 3s, timeout: 60s}, admin: {listen: '127.0.0.1:0'}}";

/// How often the balancer asks for `/ready`, and how long it waits for an answer.
const INTERVAL: Duration = Duration::from_millis(20);
const CHECK_TIMEOUT: Duration = Duration::from_secs(30);

/// A gateway, as the balancer knows it.
struct Member {
    clients: SocketAddr,
    admin: SocketAddr,
    /// What its `/ready` said last.
    is_ready: AtomicBool,
    /// How many connections it was given.
    given: AtomicUsize,
    /// Whether it is asked any more.
    is_over: AtomicBool,
}

impl Member {
    /// Whether `/ready` is 200 now.
    fn ask(&self) -> bool {
        let answer = || -> io::Result<String> {
            let mut stream = TcpStream::connect(self.admin)?;
            stream.set_read_timeout(Some(CHECK_TIMEOUT))?;
            stream.write_all(b"GET /ready HTTP/1.1\r\nhost: balancer\r\nconnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        answer().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
    }

    /// Asks until it is over.
    fn watch(&self) {
        while !self.is_over.load(Ordering::Relaxed) {
            self.is_ready.store(self.ask(), Ordering::Relaxed);
            thread::park_timeout(INTERVAL);
        }
        self.is_ready.store(false, Ordering::Relaxed);
    }
}

/// Deals connections out to the gateways that are ready.
#[derive(Default)]
struct Balancer {
    members: Mutex<Vec<Arc<Member>>>,
    dealt: AtomicUsize,
}

impl Balancer {
    /// Deals out those to an address that is returned.
    fn start() -> (Arc<Self>, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let balancer = Arc::<Self>::default();
        let dealing = Arc::clone(&balancer);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if let Some(gateway) = dealing
                    .next()
                    .and_then(|member| TcpStream::connect(member.clients).ok())
                {
                    join(&client, &gateway);
                }
            }
        });
        (balancer, address)
    }

    /// Asks this gateway from now on.
    fn add(&self, gateway: &Gateway) -> Arc<Member> {
        let member = Arc::new(Member {
            clients: gateway.address,
            admin: gateway.admin(),
            is_ready: AtomicBool::new(false),
            given: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let watched = Arc::clone(&member);
        thread::spawn(move || watched.watch());
        self.members
            .lock()
            .expect("no test thread panicked")
            .push(Arc::clone(&member));
        member
    }

    /// Forgets a gateway that has ended.
    fn remove(&self, gone: &Arc<Member>) {
        gone.is_over.store(true, Ordering::Relaxed);
        let mut members = self.members.lock().expect("no test thread panicked");
        members.retain(|member| !Arc::ptr_eq(member, gone));
    }

    /// The gateway whose turn it is among those that are ready.
    fn next(&self) -> Option<Arc<Member>> {
        let members = self.members.lock().expect("no test thread panicked");
        let ready: Vec<_> = members
            .iter()
            .filter(|member| member.is_ready.load(Ordering::Relaxed))
            .collect();
        let turn = self.dealt.fetch_add(1, Ordering::Relaxed);
        let member = ready.get(turn % ready.len().max(1))?;
        member.given.fetch_add(1, Ordering::Relaxed);
        Some(Arc::clone(*member))
    }
}

/// Passes on what either sends, and its end.
fn join(client: &TcpStream, gateway: &TcpStream) {
    for (from, to) in [(client, gateway), (gateway, client)] {
        let [mut from, mut to] = [from, to].map(|stream| stream.try_clone().expect("it is open"));
        to.set_nodelay(true).expect("a socket takes it");
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
}

#[test]
fn no_request_fails_while_gateways_that_the_balancer_has_seen_leave_are_stopped() {
    let upstream = ScriptedUpstream::answering(OK);
    let (balancer, address) = Balancer::start();
    let start = || {
        let gateway = Gateway::configured_by(Command::new(BINARY), ANY_PORT, &[&upstream.url], STOPPING);
        let member = balancer.add(&gateway);
        eventually("that it is ready", || member.is_ready.load(Ordering::Relaxed));
        (gateway, member)
    };
    let mut running = [start(), start()];
    let (mut place, mut stopped) = (0, 0);
    let failed = load::ask_at_least(REQUESTS, address, || {
        for (_, member) in &running {
            eventually("both have clients", || member.given.load(Ordering::Relaxed) > 0);
        }
        let (gateway, member) = &mut running[place];
        gateway.terminate();
        assert_eq!(gateway.wait(), Some(0), "{}", gateway.log());
        balancer.remove(member);
        running[place] = start();
        (place, stopped) = (1 - place, stopped + 1);
    });
    for (_, member) in &running {
        balancer.remove(member);
    }
    assert_eq!(failed, 0, "{stopped} gateways were stopped");
}
