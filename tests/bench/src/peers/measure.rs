//! What is measured, and how.

use std::time::Duration;

use anyhow::Context;
use clap::ValueEnum;

use super::clients::{Clients, Load, Newcomers};
use super::connection::Dial;
use super::contender::Contender;
use super::process::Proxy;
use super::question::Question;
use super::{GIBIBYTE, KIBIBYTE, MEBIBYTE};

/// How many clients ask at once.
const CLIENTS: usize = 16;

/// How many requests a second are asked for where the rate is given.
const RATE: u32 = 8000;

/// The size of a large body, in bytes, and how many clients send or take one at once.
const LARGE: (u64, usize) = (64 * MEBIBYTE, 2);

/// How many newcomers a figure is taken of at most: each leaves a port that cannot be used again for a minute.
const NEWCOMERS: usize = 10_000;

/// How many come at once with a session of TLS. A server gives a client two to begin with.
const RESUMING: usize = 2;

/// How many idle connections memory is measured with. A process may often have 20,000 files, of which a proxy keeps two for
/// each connection.
const IDLE: [(usize, &str); 2] = [
    (1000, "MiB with 1,000 connections"),
    (9900, "MiB with 9,900 connections"),
];

/// How many of them ask at once, so that the upstream has no more connections than that.
const AT_ONCE: usize = 100;

/// How many cores a proxy has kept busy: no figure of its own, but what others are to be read with.
pub const CORES_BUSY: &str = "cores busy";

/// What part of a measurement's time the proxy is asked before it, as everything has to have been used once.
const WARM_UP: u32 = 10;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// Small answers, as fast as they come.
    Small,
    /// Small bulks, as fast as they are answered.
    Bulk,
    /// Small answers at a fixed rate.
    Rate,
    /// Large bodies, both ways.
    Bodies,
    /// The memory of idle connections.
    Memory,
    /// A new connection for each request.
    Churn,
    /// Small answers with two workers.
    TwoWorkers,
    /// Small answers over TLS.
    Tls,
    /// A new connection with TLS for each request.
    Handshake,
    /// The same, each going on with a session of another.
    Resumption,
}

/// A figure that was taken: what it is and its unit, and its value.
pub type Taken = (&'static str, f64);

/// Who is asked.
pub struct Subject<'s> {
    /// Its processes, if anybody is between the load and the upstream.
    pub proxy: Option<&'s Proxy>,
    /// How to connect.
    pub dial: Dial,
    /// How long a figure is taken.
    pub time: Duration,
}

impl Measure {
    /// What tables call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Small => "GET, answers of 500 bytes, 16 clients",
            Self::Bulk => "POST, bulks of 1 KiB, 16 clients",
            Self::Rate => "GET, answers of 500 bytes, 8,000 a second",
            Self::Bodies => "Bodies of 64 MiB, 2 clients",
            Self::Memory => "Memory (PSS), idle connections that have had an answer",
            Self::Churn => "A connection for each GET, 16 clients",
            Self::TwoWorkers => "GET, answers of 500 bytes, 16 clients, two workers",
            Self::Tls => "GET over TLS 1.3, answers of 500 bytes, 16 clients",
            Self::Handshake => "A connection with TLS 1.3 for each GET, 16 clients",
            Self::Resumption => "A connection with TLS 1.3 for each GET, resumed, 2 clients",
        }
    }

    /// How many workers a proxy has for it.
    #[must_use]
    pub const fn workers(self) -> usize {
        match self {
            Self::TwoWorkers => 2,
            _ => 1,
        }
    }

    /// Whether clients speak TLS, and whether they remember sessions.
    #[must_use]
    pub const fn tls(self) -> Option<bool> {
        match self {
            Self::Tls | Self::Handshake => Some(false),
            Self::Resumption => Some(true),
            _ => None,
        }
    }

    /// Whether it says something of this contender that it does not say of another.
    #[must_use]
    pub const fn concerns(self, contender: Contender) -> bool {
        match contender {
            Contender::HaproxySplice => matches!(self, Self::Bodies),
            Contender::Direct => matches!(self, Self::Small | Self::Rate),
            _ => true,
        }
    }

    /// Takes its figures.
    pub async fn take(self, subject: &Subject<'_>) -> anyhow::Result<Vec<Taken>> {
        match self {
            Self::Small | Self::TwoWorkers | Self::Tls => subject.saturated(Question::small(), CLIENTS).await,
            Self::Bulk => subject.saturated(Question::bulk(KIBIBYTE), CLIENTS).await,
            Self::Rate => subject.at_rate().await,
            Self::Bodies => subject.bodies().await,
            Self::Memory => subject.memory().await,
            Self::Churn | Self::Handshake => subject.newcomers(CLIENTS, false).await,
            Self::Resumption => subject.newcomers(RESUMING, true).await,
        }
    }
}

impl Subject<'_> {
    /// Clients that ask as fast as they are answered.
    pub async fn saturated(&self, question: Question, count: usize) -> anyhow::Result<Vec<Taken>> {
        let mut clients = Clients::connect(&self.dial, question, count).await?;
        clients.ask_on(self.time / WARM_UP).await?;
        let before = self.cpu_time()?;
        let mut load = clients.ask_on(self.time).await?;
        let mut taken = self.each(before, &load, "CPU µs a request")?;
        taken.push(("requests a second", load.rate()));
        taken.extend(percentiles(&mut load));
        let worked = self.worked_since(before)?;
        taken.extend(worked.map(|seconds| (CORES_BUSY, seconds / load.took.as_secs_f64())));
        Ok(taken)
    }

    async fn at_rate(&self) -> anyhow::Result<Vec<Taken>> {
        let mut clients = Clients::connect(&self.dial, Question::small(), CLIENTS).await?;
        clients.ask_on(self.time / WARM_UP).await?;
        let before = self.cpu_time()?;
        let mut load = clients.ask_at(RATE, self.time).await?;
        let mut taken = self.each(before, &load, "CPU µs a request")?;
        taken.extend(percentiles(&mut load));
        Ok(taken)
    }

    async fn bodies(&self) -> anyhow::Result<Vec<Taken>> {
        let (size, count) = LARGE;
        let mut taken = Vec::new();
        for (figure, question) in [
            ("CPU s a GiB down", Question::sized(size)),
            ("CPU s a GiB up", Question::bulk(size)),
        ] {
            let mut clients = Clients::connect(&self.dial, question, count).await?;
            let before = self.cpu_time()?;
            let load = clients.ask_on(self.time).await?;
            let gibibytes = load.answers() * size as f64 / GIBIBYTE as f64;
            taken.extend(self.worked_since(before)?.map(|seconds| (figure, seconds / gibibytes)));
        }
        Ok(taken)
    }

    async fn memory(&self) -> anyhow::Result<Vec<Taken>> {
        let proxy = self.proxy.context("there is no proxy")?;
        let mebibytes = || anyhow::Ok(proxy.memory()? as f64 / MEBIBYTE as f64);
        let mut taken = vec![("MiB at the start", mebibytes()?)];
        let mut held = Vec::new();
        for (count, figure) in IDLE {
            while held.len() * AT_ONCE < count {
                held.push(Clients::connect(&self.dial, Question::small(), AT_ONCE).await?);
            }
            tokio::time::sleep(self.time.min(Duration::from_secs(1))).await;
            taken.push((figure, mebibytes()?));
        }
        // None was cut off meanwhile.
        for clients in &mut held {
            clients.ask_on(Duration::ZERO).await?;
        }
        Ok(taken)
    }

    async fn newcomers(&self, count: usize, resume: bool) -> anyhow::Result<Vec<Taken>> {
        let newcomers = Newcomers::new(&self.dial, Question::small()).await?;
        let come = |time, most| newcomers.come(count, time, most, resume);
        come(self.time / WARM_UP, NEWCOMERS / 10).await?;
        let before = self.cpu_time()?;
        let mut load = come(self.time, NEWCOMERS).await?;
        let mut taken = self.each(before, &load, "CPU µs a connection")?;
        taken.push(("connections a second", load.rate()));
        taken.extend(percentiles(&mut load));
        Ok(taken)
    }

    /// How long the proxy has worked for each answer since it had worked so long, in microseconds.
    pub fn each(&self, before: Option<Duration>, load: &Load, figure: &'static str) -> anyhow::Result<Vec<Taken>> {
        let worked = self.worked_since(before)?;
        let each = worked.map(|seconds| (figure, seconds * 1e6 / load.answers()));
        Ok(each.into_iter().collect())
    }

    /// How long the proxy has worked so far, if there is one.
    pub fn cpu_time(&self) -> anyhow::Result<Option<Duration>> {
        self.proxy.map(Proxy::cpu_time).transpose()
    }

    /// How many seconds it has worked since it had worked so long.
    pub fn worked_since(&self, before: Option<Duration>) -> anyhow::Result<Option<f64>> {
        let both = self.cpu_time()?.zip(before);
        Ok(both.map(|(now, before)| now.saturating_sub(before).as_secs_f64()))
    }
}

fn percentiles(load: &mut Load) -> impl Iterator<Item = Taken> {
    let named = [("p50 µs", 500), ("p99 µs", 990), ("p99.9 µs", 999)];
    let taken = named.map(|(figure, per_mille)| Some((figure, load.latencies.percentile(per_mille)?)));
    taken.into_iter().flatten()
}
