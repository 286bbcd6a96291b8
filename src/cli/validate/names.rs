//! The names of jobs: an id is that of one job, and ids and groups share one space of names. The jobs of a run are compared
//! as if they were created one after the other, in a cluster that may have some.

use std::collections::HashMap;
use std::fmt;

use crate::admission::Names;
use crate::plugin::anomaly_job::JobNames;

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// By the id.
    ids: HashMap<String, Holder>,
    /// By the group, one of the jobs that are in it.
    groups: HashMap<String, (String, Holder)>,
}

/// The job that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Holder {
    /// One of the cluster.
    Stored {
        /// Others only keep their id from being used again.
        is_of_this_type: bool,
    },
    /// One of this run, and where it is.
    Run(String),
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stored { .. } => f.write_str("in the cluster"),
            Self::Run(at) => write!(f, "at {at}"),
        }
    }
}

impl Taken {
    /// The names of the jobs that a cluster has.
    pub(super) fn by_stored(jobs: Vec<JobNames>) -> Self {
        let mut taken = Self::default();
        for job in jobs {
            let holder = Holder::Stored {
                is_of_this_type: job.is_of_this_type,
            };
            let groups = if job.is_of_this_type { job.groups } else { Vec::new() };
            taken.take(job.id, groups, &holder);
        }
        taken
    }

    /// Takes the names of a job unless another has them: then says why not. A job that exists may have the id
    /// that it has.
    pub(super) fn claim(&mut self, names: &Names, exists: bool, at: String) -> Result<(), String> {
        let Names {
            own: id,
            others: groups,
        } = names;
        match self.ids.get(id) {
            None => {}
            Some(Holder::Stored { .. }) if exists => {}
            Some(holder) => {
                return Err(format!(
                    "the id [{id}] is in use: there is a job of that id {holder}; choose another id"
                ));
            }
        }
        if let Some((job, holder)) = self.groups.get(id) {
            return Err(format!(
                "the id [{id}] is in use: the job [{job}] {holder} is in a group of that name; choose another id"
            ));
        }
        for group in groups {
            match self.ids.get(group) {
                None | Some(Holder::Stored { is_of_this_type: false }) => {}
                Some(holder) => {
                    return Err(format!(
                        "the group [{group}] cannot be made: there is a job of that id {holder}; choose another name for the group"
                    ));
                }
            }
        }
        self.take(id.clone(), groups.clone(), &Holder::Run(at));
        Ok(())
    }

    fn take(&mut self, id: String, groups: Vec<String>, holder: &Holder) {
        for group in groups {
            self.groups.entry(group).or_insert_with(|| (id.clone(), holder.clone()));
        }
        self.ids.insert(id, holder.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Names {
        let (own, others) = names.split_first().expect("a name");
        Names {
            own: (*own).to_owned(),
            others: others.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn claim(taken: &mut Taken, of_job: &[&str], at: &str) -> Result<(), String> {
        taken.claim(&names(of_job), false, at.to_owned())
    }

    #[test]
    fn jobs_of_a_run_share_one_space_of_names() {
        let mut taken = Taken::default();
        assert_eq!(claim(&mut taken, &["web", "ops"], "a:1:1"), Ok(()));
        assert_eq!(claim(&mut taken, &["db", "ops"], "a:2:1"), Ok(()), "groups are shared");
        for (of_job, expected) in [
            (
                &["web"][..],
                "the id [web] is in use: there is a job of that id at a:1:1; choose another id",
            ),
            (
                &["ops"],
                "the id [ops] is in use: the job [web] at a:1:1 is in a group of that name; choose another id",
            ),
            (
                &["x", "db"],
                "the group [db] cannot be made: there is a job of that id at a:2:1; choose another name for the group",
            ),
        ] {
            assert_eq!(claim(&mut taken, of_job, "b").expect_err("a clash"), expected);
        }
        // What is refused takes nothing.
        assert_eq!(claim(&mut taken, &["x"], "b"), Ok(()));
    }

    #[test]
    fn jobs_of_the_cluster_are_in_the_way_as_well() {
        let stored = |id: &str, groups: &[&str], is_of_this_type| JobNames {
            id: id.to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            is_of_this_type,
        };
        let mut taken = Taken::by_stored(vec![stored("web", &["ops"], true), stored("old", &["gone"], false)]);
        for (of_job, expected) in [
            (
                &["web"][..],
                Some("the id [web] is in use: there is a job of that id in the cluster; choose another id"),
            ),
            (
                &["ops"],
                Some(
                    "the id [ops] is in use: the job [web] in the cluster is in a group of that name; choose another id",
                ),
            ),
            (
                &["x", "web"],
                Some(
                    "the group [web] cannot be made: there is a job of that id in the cluster; choose another name for the group",
                ),
            ),
            (
                &["old"],
                Some("the id [old] is in use: there is a job of that id in the cluster; choose another id"),
            ),
            (&["y", "old"], None),
            (&["gone"], None),
        ] {
            assert_eq!(claim(&mut taken, of_job, "b").err().as_deref(), expected, "{of_job:?}");
        }
        assert_eq!(taken.claim(&names(&["web"]), true, "b".to_owned()), Ok(()));
        assert!(
            taken.claim(&names(&["web"]), true, "c".to_owned()).is_err(),
            "twice in one run"
        );
    }
}
