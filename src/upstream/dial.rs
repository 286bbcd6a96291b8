//! Connects to the first of a name's addresses that answers (Happy Eyeballs, RFC 8305).
//!
//! Attempts overlap, so that an address which drops packets costs a quarter of a second and not the whole timeout, and is
//! remembered, so that it costs that once. Addresses that answer keep the order in which the name has them: a name that
//! deals connections out among several nodes goes on doing so.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How long an attempt may take before the next address is tried beside it, where there is time for that (RFC 8305 §5).
const STAGGER: Duration = Duration::from_millis(250);

/// The least time between two attempts (RFC 8305 §5).
const MIN_STAGGER: Duration = Duration::from_millis(10);

/// How long an address that did not answer comes after those that may (RFC 8305 §4).
const REMEMBERED_FOR: Duration = Duration::from_secs(10 * 60);

/// Connects, and remembers which addresses did not answer.
#[derive(Debug, Default)]
pub(super) struct Dialer {
    silent: Mutex<HashMap<SocketAddr, Instant>>,
}

impl Dialer {
    /// Connects to a host, for which there is so much time.
    pub(super) async fn connect(&self, host: &str, port: u16, limit: Duration) -> io::Result<TcpStream> {
        let found: Vec<SocketAddr> = lookup_host((host, port)).await?.collect();
        let addresses = self.last_the_silent(interleaved(found));
        if let [only] = addresses.as_slice() {
            return TcpStream::connect(only).await;
        }
        let stagger = stagger(limit, addresses.len());
        self.first_of(addresses, stagger).await
    }

    /// The addresses of a host, the one first that answers first. Which one that is is tried out, unless there is only
    /// one: who connects by these addresses tries one after the other.
    pub(super) async fn addresses(&self, host: &str, port: u16, limit: Duration) -> io::Result<Vec<SocketAddr>> {
        let found: Vec<SocketAddr> = lookup_host((host, port)).await?.collect();
        let mut addresses = self.last_the_silent(interleaved(found));
        if addresses.len() > 1 {
            let stagger = stagger(limit, addresses.len());
            let answered = self.first_of(addresses.clone(), stagger).await?.peer_addr()?;
            addresses.sort_by_key(|address| *address != answered);
        }
        Ok(addresses)
    }

    async fn first_of(&self, addresses: Vec<SocketAddr>, stagger: Duration) -> io::Result<TcpStream> {
        let mut error = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        let mut waiting = addresses.into_iter();
        // Those that have not answered by the time that another one does, in the order in which they were tried.
        let mut tried = Vec::new();
        let mut attempts = JoinSet::new();
        loop {
            match waiting.next() {
                Some(address) => {
                    tried.push(address);
                    attempts.spawn(async move { (address, TcpStream::connect(address).await) });
                }
                None if attempts.is_empty() => return Err(error),
                None => {}
            }
            let is_last = waiting.len() == 0;
            tokio::select! {
                Some(ended) = attempts.join_next() => match ended.map_err(io::Error::other)? {
                    (address, Ok(stream)) => {
                        self.remember(address, &tried);
                        return Ok(stream);
                    }
                    (_, Err(refused)) => error = refused,
                },
                () = sleep(stagger), if !is_last => {}
            }
        }
    }

    /// Notes which address has answered, and that those which were tried before it have not.
    fn remember(&self, answered: SocketAddr, tried: &[SocketAddr]) {
        let mut silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        silent.retain(|address, since| *address != answered && since.elapsed() < REMEMBERED_FOR);
        let before = tried.iter().take_while(|address| **address != answered);
        silent.extend(before.map(|address| (*address, Instant::now())));
    }

    /// The same addresses, those last that did not answer a while ago.
    fn last_the_silent(&self, addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
        let silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        let is_silent = |address: &SocketAddr| {
            silent
                .get(address)
                .is_some_and(|since| since.elapsed() < REMEMBERED_FOR)
        };
        let (last, mut first): (Vec<_>, Vec<_>) = addresses.into_iter().partition(is_silent);
        first.extend(last);
        first
    }
}

/// Each address once, and those of the two versions of IP in turn, beginning with the version of the first one
/// (RFC 8305 §4).
fn interleaved(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let starts_with_ipv6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == starts_with_ipv6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut order = Vec::new();
    loop {
        let (one, other) = (first.next(), second.next());
        if one.is_none() && other.is_none() {
            return order;
        }
        for address in one.into_iter().chain(other) {
            if !order.contains(&address) {
                order.push(address);
            }
        }
    }
}

/// How far apart so many attempts are, so that each has its turn within the limit.
fn stagger(limit: Duration, attempts: usize) -> Duration {
    let parts = u32::try_from(attempts).unwrap_or(u32::MAX).saturating_add(1);
    (limit / parts).clamp(MIN_STAGGER, STAGGER)
}

#[cfg(test)]
mod tests {
    use socket2::{Domain, Socket, Type};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(4);

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().expect("an address")).collect()
    }

    #[test]
    fn both_versions_of_ip_have_their_turns() {
        for (found, order) in [
            (&["1.1.1.1:1", "2.2.2.2:1"][..], &["1.1.1.1:1", "2.2.2.2:1"][..]),
            (
                &["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"],
                &["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"],
            ),
            (
                &["1.1.1.1:1", "2.2.2.2:1", "[::1]:1", "1.1.1.1:1"],
                &["1.1.1.1:1", "[::1]:1", "2.2.2.2:1"],
            ),
            (&[], &[]),
        ] {
            assert_eq!(interleaved(addresses(found)), addresses(order));
        }
    }

    #[test]
    fn an_address_that_did_not_answer_comes_last_until_it_does() {
        let dialer = Dialer::default();
        let all = addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1"]);
        let order = || dialer.last_the_silent(all.clone());
        assert_eq!(order(), all);
        dialer.remember(all[1], &[all[0], all[1], all[2]]);
        assert_eq!(order(), addresses(&["1.1.1.1:1", "[::2]:1", "[::1]:1"]));
        dialer.remember(all[0], &[all[1], all[2], all[0]]);
        assert_eq!(order(), addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1"]));
        assert_eq!(dialer.silent.lock().expect("a lock").len(), 2);
    }

    #[test]
    fn every_address_has_its_turn_within_the_limit() {
        assert_eq!(stagger(LIMIT, 2), STAGGER);
        assert_eq!(stagger(Duration::from_millis(300), 2), Duration::from_millis(100));
        assert_eq!(stagger(Duration::from_millis(1), 5), MIN_STAGGER);
    }

    /// Sockets that listen and accept nobody: the queue of each is full, so that the system drops what comes.
    fn black_hole() -> (SocketAddr, Socket, Vec<std::net::TcpStream>) {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        socket.bind(&any.into()).expect("a free port");
        socket.listen(0).expect("it listens");
        let address = socket.local_addr().expect("bound").as_socket().expect("an address");
        let mut queued = Vec::new();
        while let Ok(stream) = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            queued.push(stream);
        }
        (address, socket, queued)
    }

    /// The clock stands still but for what is waited for: this is the time that an idle machine takes.
    #[tokio::test(start_paused = true)]
    async fn a_working_address_after_a_dead_one_is_found_within_300_ms() {
        let dead = black_hole();
        let living = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = living.local_addr().expect("bound");
        let begun = tokio::time::Instant::now();
        let stagger = stagger(LIMIT, 2);
        let stream = Dialer::default().first_of(vec![dead.0, address], stagger).await;
        assert_eq!(stream.expect("one answers").peer_addr().expect("connected"), address);
        assert!(begun.elapsed() < Duration::from_millis(300), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn of_several_dead_addresses_each_costs_a_part_of_a_second_and_only_once() {
        let (one, other) = (black_hole(), black_hole());
        let living = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = living.local_addr().expect("bound");
        let refusing = std::net::TcpListener::bind("127.0.0.1:0")
            .expect("a free port")
            .local_addr();
        let all = vec![one.0, refusing.expect("bound"), other.0, address];
        let dialer = Dialer::default();

        let begun = Instant::now();
        let stream = dialer.first_of(all.clone(), STAGGER).await.expect("one answers");
        assert_eq!(stream.peer_addr().expect("connected"), address);
        // The second one has refused at once, so that nothing was waited for after it.
        assert!(begun.elapsed() >= 2 * STAGGER, "{:?}", begun.elapsed());
        assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());

        let begun = Instant::now();
        let order = dialer.last_the_silent(all);
        assert_eq!(order.first(), Some(&address));
        dialer.first_of(order, STAGGER).await.expect("one answers");
        assert!(begun.elapsed() < STAGGER, "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn when_all_refuse_the_reason_is_told_at_once() {
        let refusing = || {
            std::net::TcpListener::bind("127.0.0.1:0")
                .expect("a free port")
                .local_addr()
        };
        let all = vec![refusing().expect("bound"), refusing().expect("bound")];
        let begun = Instant::now();
        let error = Dialer::default()
            .first_of(all, STAGGER)
            .await
            .expect_err("nobody listens");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(begun.elapsed() < STAGGER, "{:?}", begun.elapsed());
    }
}
