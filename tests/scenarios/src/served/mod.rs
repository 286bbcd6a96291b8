//! Which of the vendors' tests of machine learning can be run where jobs are kept and none runs, and how much of each.
//!
//! A call that is not served is left out together with what is demanded of its answer, and so is one that expects what
//! such a call would have done; both are named. A test that has no served call of its own is left out as a whole.

mod table;

use std::fmt;

use anyhow::Context;

use crate::{
    apis::Apis,
    step::Step,
    suite::{Suite, Test},
};

pub(crate) use table::Refusal;

/// A test, and how much of it is run.
#[derive(Debug)]
pub struct JobTest {
    /// The file and the test's title.
    pub name: String,
    /// What is run, if anything is: the file with this test alone.
    pub run: Option<Suite>,
    /// The version that it is run as and why, if not as the newest.
    pub older: Option<(&'static str, &'static str)>,
    /// The calls that are left out of it, by the reason.
    pub omitted: Vec<Omission>,
}

/// Calls that are not made for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Omission {
    apis: Vec<String>,
    why: &'static str,
}

impl JobTest {
    /// The tests of some files, in their order.
    #[must_use]
    pub fn all_of(suites: &[Suite]) -> Vec<Self> {
        let tests = suites
            .iter()
            .flat_map(|suite| suite.tests.iter().map(move |test| (suite, test)));
        tests.map(|(suite, test)| Self::new(suite, test)).collect()
    }

    fn new(suite: &Suite, test: &Test) -> Self {
        let calls = calls(&test.steps);
        let (mut before, mut own, mut after) = (Left::default(), Left::default(), Left::default());
        let setup = before.served("", &suite.setup);
        let steps = own.served(&test.name, &test.steps);
        let teardown = after.served("", &suite.teardown);
        let is_of_jobs = steps
            .iter()
            .any(|step| matches!(step, Step::Do(call) if table::SERVED.contains(&call.api.as_str())));
        let mut run = is_of_jobs.then(|| Suite {
            setup,
            teardown,
            tests: vec![Test { steps, ..test.clone() }],
            ..suite.clone()
        });
        if let Some(why) = table::reason_not_run(&test.name, calls) {
            run = None;
            own = Left::default();
            own.leave_out("all calls", Some(why));
        }
        // Of a test that is not run it only matters what it would have called itself.
        let parts = if run.is_some() {
            vec![before, own, after]
        } else {
            vec![own]
        };
        let mut omitted = Left::default();
        for omission in parts.into_iter().flat_map(|part| part.omitted) {
            omitted.add(omission);
        }
        Self {
            name: test.name.clone(),
            run,
            older: table::older_version(&test.name, calls),
            omitted: omitted.omitted,
        }
    }
}

impl Apis {
    /// Adds the calls about jobs that are served, with the parameters of all versions.
    pub fn with_jobs(mut self) -> anyhow::Result<Self> {
        let descriptions = serde_json::from_str(table::APIS).context("the descriptions of the calls about jobs")?;
        self.add(&descriptions)?;
        Ok(self)
    }
}

impl fmt::Display for Omission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.apis.join(", "), self.why)
    }
}

/// What has been left out so far.
#[derive(Default)]
struct Left {
    omitted: Vec<Omission>,
}

impl Left {
    /// The steps without the calls that are not served and what is demanded of their answers.
    fn served(&mut self, name: &str, steps: &[Step]) -> Vec<Step> {
        let of_all = calls(steps);
        let mut number = 0;
        let mut is_made = true;
        let mut served = Vec::new();
        for step in steps {
            let mut step = step.clone();
            if let Step::Do(call) = &mut step {
                number += 1;
                let why =
                    table::reason_not_served(&call.api).or_else(|| table::reason_to_leave_out(name, of_all, number));
                is_made = why.is_none();
                self.leave_out(&call.api, why);
                call.own_words = table::refusal(name, of_all, number);
            }
            if is_made {
                served.push(step);
            }
        }
        served
    }

    fn leave_out(&mut self, api: &str, why: Option<&'static str>) {
        if let Some(why) = why {
            self.add(Omission {
                apis: vec![api.to_owned()],
                why,
            });
        }
    }

    /// Keeps calls in mind, each once for a reason.
    fn add(&mut self, omission: Omission) {
        let Some(known) = self.omitted.iter_mut().find(|known| known.why == omission.why) else {
            self.omitted.push(omission);
            return;
        };
        for api in omission.apis {
            if !known.apis.contains(&api) {
                known.apis.push(api);
            }
        }
    }
}

fn calls(steps: &[Step]) -> usize {
    steps.iter().filter(|step| matches!(step, Step::Do(_))).count()
}

#[cfg(test)]
mod tests;
