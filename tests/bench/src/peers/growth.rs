//! How cost grows: with the connections, the bodies, the nodes, the policies and the workers, one table each.

use std::fs;

use anyhow::Context as _;
use clap::ValueEnum;

use super::clients::Clients;
use super::contender::Contender;
use super::measure::{Subject, Taken};
use super::question::Question;
use super::rounds::{Range, Scene};
use super::table::Section;
use super::{GIBIBYTE, KIBIBYTE, MEBIBYTE};
use crate::admission::ID;
use crate::job::example;
use crate::policies::{Asks, yaml};

/// How many clients ask at once where that is not what grows.
const CLIENTS: usize = 16;

/// How many of them send or take a body.
const BODIES: usize = 2;

/// What grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Growth {
    /// Clients that ask at once.
    Connections,
    /// The bytes of an answer.
    Answers,
    /// The bytes of a request's body.
    Requests,
    /// The nodes of the cluster.
    Nodes,
    /// The policies that concern a job.
    Policies,
    /// The workers.
    Workers,
}

impl Growth {
    /// What its table is called.
    const fn title(self) -> &'static str {
        match self {
            Self::Connections => "Clients that ask at once, GET, answers of 500 bytes",
            Self::Answers => "Bytes of an answer, 2 clients",
            Self::Requests => "Bytes of a request's body, 2 clients",
            Self::Nodes => "Nodes, GET, answers of 500 bytes, 16 clients",
            Self::Policies => "Policies that concern the job, create job, 16 clients",
            Self::Workers => "Workers, GET, answers of 500 bytes, 16 clients",
        }
    }

    /// What keeps the cost from growing further.
    #[must_use]
    pub const fn bound(self) -> &'static str {
        match self {
            Self::Connections => {
                "A connection is bounded by `limits.connections`, or the files that may be open; one that waits is a socket and a \
                 small task, and holds no buffer."
            }
            Self::Answers | Self::Requests => {
                "A body is bounded by nobody but its node: of each only what fits a buffer is in memory, and more is read once \
                 that was written."
            }
            Self::Nodes => {
                "A request costs as much whichever node it is for; each worker keeps as many connections to a node as it needs \
                 at once, and closes those that `upstream.idle_timeout` finds idle."
            }
            Self::Policies => {
                "What an evaluation may cost is counted before it begins, and refused beyond its bound; requests that nobody claims \
                 are not evaluated."
            }
            Self::Workers => {
                "There is one worker for each core; requests on connections that are there share no lock, so that what bounds them is \
                 the machine."
            }
        }
    }

    /// How many, step by step, and how each step is called.
    fn steps(self) -> Vec<(u64, String)> {
        let counts = |counts: &[u64]| counts.iter().map(|count| (*count, count.to_string())).collect();
        match self {
            Self::Connections => counts(&[1, 10, 100, 1000, 9900]),
            Self::Nodes => counts(&[1, 2, 4, 8]),
            Self::Policies => counts(&[0, 50, 100, 200]),
            Self::Workers => counts(&[1, 2]),
            Self::Answers | Self::Requests => [
                (0, "0"),
                (KIBIBYTE, "1 KiB"),
                (64 * KIBIBYTE, "64 KiB"),
                (MEBIBYTE, "1 MiB"),
                (64 * MEBIBYTE, "64 MiB"),
                (GIBIBYTE, "1 GiB"),
            ]
            .map(|(bytes, name)| (bytes, name.to_owned()))
            .to_vec(),
        }
    }

    /// Measures its table.
    #[must_use]
    pub fn measure(self, range: &Range) -> Section {
        let steps = self.steps();
        let names: Vec<String> = steps.iter().map(|(_, name)| name.clone()).collect();
        range.rounds(self.title(), &names, |column| {
            let (count, _) = steps.get(column).context("no such step")?;
            self.step(range, *count)
        })
    }

    fn step(self, range: &Range, count: u64) -> anyhow::Result<Vec<Taken>> {
        let plain = Scene {
            workers: 1,
            nodes: 1,
            tls: None,
            settings: "",
        };
        let small = usize::try_from(count)?;
        let get = async |subject: Subject<'_>| subject.saturated(Question::small(), CLIENTS).await;
        match self {
            Self::Connections => range.once(Contender::Lane, plain, async |subject| {
                let mut taken = subject.saturated(Question::small(), small).await?;
                taken.push(memory(&subject)?);
                Ok(taken)
            }),
            Self::Answers => range.once(Contender::Lane, plain, async |subject| {
                bodies(&subject, Question::sized(count), count).await
            }),
            Self::Requests => range.once(Contender::Lane, plain, async |subject| {
                bodies(&subject, Question::bulk(count), count).await
            }),
            Self::Nodes => range.once(Contender::Lane, Scene { nodes: small, ..plain }, get),
            Self::Workers => range.once(
                Contender::Lane,
                Scene {
                    workers: small,
                    ..plain
                },
                get,
            ),
            Self::Policies => {
                let folder = tempfile::tempdir()?;
                let file = folder.path().join("policies.yml");
                fs::write(&file, yaml(small, Asks::Usual, |_| "*".to_owned()))?;
                let settings = format!("policies: {{files: ['{}']}}\n", file.display());
                let scene = Scene {
                    settings: &settings,
                    ..plain
                };
                let create = Question::create_job(ID, &example());
                range.once(Contender::Lane, scene, async |subject| {
                    subject.saturated(create, CLIENTS).await
                })
            }
        }
    }
}

/// What bodies cost, for each and by their size, while they pass and once they have.
async fn bodies(subject: &Subject<'_>, question: Question, size: u64) -> anyhow::Result<Vec<Taken>> {
    let mut clients = Clients::connect(&subject.dial, question, BODIES).await?;
    let before = subject.cpu_time()?;
    let load = clients.ask_on(subject.time).await?;
    let mut taken = subject.each(before, &load, "CPU µs a request")?;
    let gibibytes = load.answers() * size as f64 / GIBIBYTE as f64;
    let worked = subject.worked_since(before)?.filter(|_| size > 0);
    taken.extend(worked.map(|seconds| ("CPU s a GiB", seconds / gibibytes)));
    taken.push(memory(subject)?);
    Ok(taken)
}

fn memory(subject: &Subject<'_>) -> anyhow::Result<Taken> {
    let proxy = subject.proxy.context("there is no proxy")?;
    Ok(("MiB (PSS) after it", proxy.memory()? as f64 / MEBIBYTE as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_has_steps_that_grow_and_a_sentence_on_what_bounds_them() {
        for growth in Growth::value_variants() {
            let steps = growth.steps();
            assert!(steps.len() > 1 && steps.is_sorted(), "{growth:?}: {steps:?}");
            assert!(growth.bound().ends_with('.'), "{growth:?}");
        }
    }
}
