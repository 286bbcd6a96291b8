//! The rounds: in each, every contender is measured once, by itself, in an order that changes from round to round.

use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime;

use super::connection::Dial;
use super::contender::{Contender, free_port};
use super::cores::Cores;
use super::measure::{Measure, Subject, Taken};
use super::process::Proxy;
use super::programs::Programs;
use super::settings::Task;
use super::table::Section;
use super::tls::Identity;
use super::upstream::Upstream;
use crate::core::{allowed, keep_to};

/// How much is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many rounds.
    pub rounds: usize,
    /// How long each figure is taken in each round.
    pub time: Duration,
    /// The programs.
    pub programs: Programs,
}

/// A place to measure in: its cores, its certificate, and how many files may be open.
pub struct Range {
    plan: Plan,
    cores: Vec<usize>,
    identity: Identity,
    files: u64,
    _folder: TempDir,
}

/// What a proxy is started for.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'s> {
    /// How many workers it has.
    pub workers: usize,
    /// How many nodes are the upstream.
    pub nodes: usize,
    /// Whether clients speak TLS, and whether they remember sessions.
    pub tls: Option<bool>,
    /// What else the gateway's configuration says.
    pub settings: &'s str,
}

impl Range {
    /// A place to measure in. From here on this process may have as many files open as it is let.
    pub fn new(plan: Plan) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        Ok(Self {
            plan,
            cores: allowed(),
            identity: Identity::make(folder.path())?,
            files: rlimit::increase_nofile_limit(u64::MAX)?,
            _folder: folder,
        })
    }

    /// What is measured.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The cores that are used with so many workers.
    pub fn cores(&self, workers: usize) -> anyhow::Result<Cores> {
        Cores::share(&self.cores, workers).ok_or_else(|| anyhow::anyhow!("there is no core"))
    }

    /// Measures all rounds of one thing.
    #[must_use]
    pub fn measure(&self, measure: Measure) -> Section {
        let is_measured =
            |contender: &Contender| contender.is_there(&self.plan.programs) && measure.concerns(*contender);
        let contenders: Vec<Contender> = Contender::ALL.into_iter().filter(is_measured).collect();
        let names: Vec<String> = contenders.iter().map(|contender| contender.name().to_owned()).collect();
        let scene = Scene {
            workers: measure.workers(),
            nodes: 1,
            tls: measure.tls(),
            settings: "",
        };
        self.rounds(measure.title(), &names, |column| {
            let contender = contenders.get(column).copied().unwrap_or(Contender::Direct);
            self.once(contender, scene, async |subject| measure.take(&subject).await)
        })
    }

    /// Measures all columns of a table in each round, another one first each time.
    pub fn rounds(
        &self,
        title: &str,
        columns: &[String],
        mut once: impl FnMut(usize) -> anyhow::Result<Vec<Taken>>,
    ) -> Section {
        let mut section = Section::new(title, columns);
        for round in 0..self.plan.rounds {
            for turn in 0..columns.len() {
                let column = (round + turn) % columns.len();
                match once(column) {
                    Ok(taken) => section.add(column, round, taken),
                    Err(error) => section.fail(column, &error),
                }
            }
        }
        section
    }

    /// Starts an upstream and a contender, measures, and ends both.
    pub fn once(
        &self,
        contender: Contender,
        scene: Scene<'_>,
        take: impl AsyncFnOnce(Subject<'_>) -> anyhow::Result<Vec<Taken>>,
    ) -> anyhow::Result<Vec<Taken>> {
        let cores = self.cores(scene.workers)?;
        keep_to(&[cores.load]);
        let nodes = (0..scene.nodes).map(|_| Upstream::start(cores.upstream));
        let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
        let addresses: Vec<_> = nodes.iter().map(|node| node.address).collect();
        let task = Task {
            listen: free_port()?,
            nodes: &addresses,
            workers: scene.workers,
            identity: scene.tls.map(|_| &self.identity),
            files: self.files,
        };
        let proxy = contender.start(&self.plan.programs, &task, &cores.proxy, scene.settings)?;
        let first = addresses.first().copied().unwrap_or(task.listen);
        let connector = scene.tls.map(|resumes| self.identity.connector(resumes));
        let subject = Subject {
            proxy: proxy.as_ref(),
            dial: Dial {
                address: proxy.as_ref().map_or(first, |_: &Proxy| task.listen),
                tls: connector.transpose()?,
            },
            time: self.plan.time,
        };
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(take(subject))
    }
}
