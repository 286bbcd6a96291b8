//! Makes cases: jobs that follow the grammar of create-job.md, and what can be wrong with one. The same seed makes
//! the same cases for the same version.
//!
//! `job`, `analysis`, `detector` and `datafeed` make the parts of a job out of `scalar` values, chosen from a
//! `vocabulary`; `mutation` changes the tree, `writing` makes text of it, `garbling` breaks the text, `formats`
//! writes the other formats, and `request` chooses what stands around the body.

mod analysis;
mod datafeed;
mod detector;
mod formats;
mod garbling;
mod job;
mod json;
mod mutation;
mod request;
mod scalar;
mod update;
mod vocabulary;
mod writing;

use anomaly_gateway::es::version::Version;
use anomaly_gateway::xcontent::format::Format;
use fastrand::Rng;

use crate::case::Case;

/// Makes cases for one version.
#[derive(Debug)]
pub struct Generator {
    random: Rng,
    api: Version,
    format: Format,
    /// How many of a hundred bodies are damaged.
    damaged: u32,
    /// What the case being made has in it.
    kinds: Vec<&'static str>,
}

impl Generator {
    /// A generator of cases for requests to `api` with bodies in a format.
    #[must_use]
    pub fn new(api: Version, format: Format, seed: u64) -> Self {
        Self {
            random: Rng::with_seed(seed),
            api,
            format,
            damaged: if format == Format::Json { 10 } else { 15 },
            kinds: Vec::new(),
        }
    }

    /// The same with so many of a hundred bodies damaged.
    #[must_use]
    pub fn damaging(self, damaged: u32) -> Self {
        Self { damaged, ..self }
    }

    /// The next case.
    pub fn case(&mut self) -> Case {
        self.kinds.clear();
        let id = self.id();
        let mut job = self.job(&id);
        if self.chance(40) {
            self.mutate(&mut job);
            if self.chance(15) {
                self.mutate(&mut job);
            }
        }
        if self.format != Format::Json {
            return self.case_in_format(&id, &job);
        }
        let text = self.written(&job);
        let body = if self.chance(self.damaged) {
            self.garbled(text)
        } else {
            text.into_bytes()
        };
        let mut case = Case::new(&id, body);
        self.dress(&mut case);
        if self.kinds.is_empty() {
            self.kind("plain");
        }
        case.kinds.clone_from(&self.kinds);
        case
    }

    /// A case whose body, and often its answer, is in the generator's format.
    fn case_in_format(&mut self, id: &str, job: &json::Json) -> Case {
        let mut body = self.encoded(job, self.format);
        if self.chance(self.damaged) {
            body = self.damaged(body);
        }
        let mut case = Case::new(id, body);
        case.content_type = Some(format!("application/{}", self.format.name()));
        if self.chance(50) {
            "format=json".clone_into(&mut case.query);
        }
        if self.kinds.is_empty() {
            self.kind("plain");
        }
        case.kinds.clone_from(&self.kinds);
        case
    }

    /// Notes what the case has in it.
    fn kind(&mut self, kind: &'static str) {
        self.kinds.push(kind);
    }

    /// True in so many of a hundred times.
    fn chance(&mut self, percent: u32) -> bool {
        self.random.u32(0..100) < percent
    }

    /// One of them.
    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let place = self.below(all.len());
        all.get(place).copied()
    }

    /// One of some texts.
    fn text_of(&mut self, all: &[&'static str]) -> &'static str {
        self.one_of(all).unwrap_or_default()
    }

    /// A number below a limit; 0 where there is none.
    fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { self.random.usize(0..limit) }
    }

    /// Whether the version lies between two, the latter excluded.
    fn is_between(&self, since: (u16, u16), until: (u16, u16)) -> bool {
        let version = (self.api.major, self.api.minor);
        since <= version && version < until
    }

    fn is_since(&self, major: u16, minor: u16) -> bool {
        (self.api.major, self.api.minor) >= (major, minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(seed: u64) -> Vec<Case> {
        let mut generator = Generator::new(Version::new(8, 19, 21), Format::Json, seed);
        (0..300).map(|_| generator.case()).collect()
    }

    #[test]
    fn a_seed_makes_the_same_cases_and_another_seed_others() {
        assert_eq!(cases(7), cases(7));
        assert_ne!(cases(7), cases(8));
    }

    #[test]
    fn every_case_says_what_is_in_it() {
        assert!(cases(1).iter().all(|case| !case.kinds.is_empty()));
    }
}
