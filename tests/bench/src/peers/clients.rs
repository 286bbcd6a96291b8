//! The load: clients that ask as fast as they are answered, or at a rate that does not wait for answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::connection::{Connection, Dial};
use super::latencies::Latencies;
use super::question::Question;
use super::ticks::ticks;

/// What came of a load.
#[derive(Debug, Default)]
pub struct Load {
    /// How many answers there were, and when.
    pub latencies: Latencies,
    /// How long the load went on.
    pub took: Duration,
}

impl Load {
    /// How many answers there were.
    #[must_use]
    pub fn answers(&self) -> f64 {
        self.latencies.count() as f64
    }

    /// How many there were a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.answers() / self.took.as_secs_f64()
    }
}

/// Clients that are connected and have had an answer each.
pub struct Clients {
    connections: Vec<Connection>,
    asks: Asks,
}

/// What they ask, and how many bytes the answer has.
#[derive(Clone)]
struct Asks {
    question: Arc<Question>,
    length: u64,
}

impl Asks {
    async fn on(&self, connection: &mut Connection) -> anyhow::Result<()> {
        connection.ask(&self.question, self.length).await
    }
}

impl Clients {
    /// Connects so many.
    pub async fn connect(dial: &Dial, question: Question, count: usize) -> anyhow::Result<Self> {
        let mut first = dial.connect().await?;
        let asks = Asks {
            length: first.ask_first(&question).await?,
            question: Arc::new(question),
        };
        let mut connections = vec![first];
        while connections.len() < count {
            let mut next = dial.connect().await?;
            asks.on(&mut next).await?;
            connections.push(next);
        }
        Ok(Self { connections, asks })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.connections.len()
    }

    /// Has each ask again as soon as it is answered, for so long and at least once.
    pub async fn ask_on(&mut self, time: Duration) -> anyhow::Result<Load> {
        let begun = Instant::now();
        let mut tasks = JoinSet::new();
        for mut connection in self.connections.drain(..) {
            let asks = self.asks.clone();
            tasks.spawn(async move {
                let mut latencies = Latencies::default();
                while latencies.count() == 0 || begun.elapsed() < time {
                    let asked = Instant::now();
                    asks.on(&mut connection).await?;
                    latencies.add(asked.elapsed());
                }
                anyhow::Ok((connection, latencies))
            });
        }
        self.finish(begun, tasks).await
    }

    /// Asks so many times a second, for so long, on whichever connection is free. The time of an answer counts from when
    /// its request was due, so that one that has to wait for a connection is not taken for a quick one.
    pub async fn ask_at(&mut self, rate: u32, time: Duration) -> anyhow::Result<Load> {
        let begun = Instant::now();
        let dues = Arc::new(Mutex::new(ticks(Duration::from_secs(1) / rate, time)));
        let mut tasks = JoinSet::new();
        for mut connection in self.connections.drain(..) {
            let (asks, dues) = (self.asks.clone(), Arc::clone(&dues));
            tasks.spawn(async move {
                let mut latencies = Latencies::default();
                loop {
                    // One waits for the next request to be due, and the others for their turn to wait.
                    let due = dues.lock().await.recv().await;
                    let Some(due) = due else { break };
                    asks.on(&mut connection).await?;
                    latencies.add(due.elapsed());
                }
                anyhow::Ok((connection, latencies))
            });
        }
        drop(dues);
        self.finish(begun, tasks).await
    }

    async fn finish(
        &mut self,
        begun: Instant,
        mut tasks: JoinSet<anyhow::Result<(Connection, Latencies)>>,
    ) -> anyhow::Result<Load> {
        let mut load = Load::default();
        while let Some(task) = tasks.join_next().await {
            let (connection, latencies) = task??;
            self.connections.push(connection);
            load.latencies.append(latencies);
        }
        load.took = begun.elapsed();
        Ok(load)
    }
}

/// Newcomers: clients that connect, ask once, and leave.
pub struct Newcomers {
    dial: Dial,
    asks: Asks,
}

impl Newcomers {
    /// Newcomers that know what to ask.
    pub async fn new(dial: &Dial, question: Question) -> anyhow::Result<Self> {
        let length = dial.connect().await?.ask_first(&question).await?;
        Ok(Self {
            dial: dial.clone(),
            asks: Asks {
                question: Arc::new(question),
                length,
            },
        })
    }

    /// Has so many at once come again as soon as they have left, for so long or so often. With `resume` each has to go on
    /// with a session of TLS, once there is one for it.
    pub async fn come(&self, count: usize, time: Duration, most: usize, resume: bool) -> anyhow::Result<Load> {
        let begun = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            let (asks, dial) = (self.asks.clone(), self.dial.clone());
            tasks.spawn(async move {
                let (mut latencies, mut resumed) = (Latencies::default(), 0);
                while latencies.count() == 0 || begun.elapsed() < time && latencies.count() < most / count {
                    let asked = Instant::now();
                    let mut connection = dial.connect().await?;
                    asks.on(&mut connection).await?;
                    latencies.add(asked.elapsed());
                    resumed += usize::from(connection.is_resumed());
                }
                anyhow::Ok((latencies, resumed))
            });
        }
        let (mut load, mut resumed) = (Load::default(), 0);
        while let Some(task) = tasks.join_next().await {
            let (latencies, own) = task??;
            load.latencies.append(latencies);
            resumed += own;
        }
        load.took = begun.elapsed();
        let all = load.latencies.count();
        let expected = if resume { all } else { 0 };
        ensure!(
            resumed == expected,
            "{resumed} of {all} connections went on with a session, and not {expected}"
        );
        Ok(load)
    }
}

#[cfg(test)]
mod tests {
    use super::super::upstream::Upstream;
    use super::*;
    use crate::core::allowed;

    fn upstream() -> (Upstream, Dial) {
        let core = allowed().pop().expect("a core");
        let upstream = Upstream::start(core).expect("an upstream");
        let dial = Dial {
            address: upstream.address,
            tls: None,
        };
        (upstream, dial)
    }

    #[tokio::test]
    async fn clients_ask_and_are_answered_whatever_the_size() {
        let (_upstream, dial) = upstream();
        let sizes = [0, 1, 1 << 20];
        let questions = sizes.map(Question::sized).into_iter().chain(sizes.map(Question::bulk));
        for question in questions.chain([Question::small()]) {
            let mut clients = Clients::connect(&dial, question, 3).await.expect("connections");
            let load = clients.ask_on(Duration::ZERO).await.expect("answers");
            assert_eq!(load.latencies.count(), 3);
            assert_eq!(clients.count(), 3, "they can go on");
        }
    }

    #[tokio::test]
    async fn at_a_rate_there_are_as_many_answers_as_were_due() {
        let (_upstream, dial) = upstream();
        let mut clients = Clients::connect(&dial, Question::small(), 4)
            .await
            .expect("connections");
        let load = clients.ask_at(1000, Duration::from_millis(100)).await.expect("answers");
        assert!(load.latencies.count() >= 99, "{load:?}");
        assert_eq!(clients.count(), 4);
    }

    #[tokio::test]
    async fn newcomers_leave_and_come_again() {
        let (_upstream, dial) = upstream();
        let newcomers = Newcomers::new(&dial, Question::small()).await.expect("an answer");
        let load = newcomers
            .come(2, Duration::from_secs(5), 10, false)
            .await
            .expect("answers");
        assert_eq!(load.latencies.count(), 10);
        let failed = newcomers.come(2, Duration::ZERO, 10, true).await;
        assert!(failed.is_err(), "nothing is resumed without TLS");
    }
}
