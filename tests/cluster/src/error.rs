//! What can keep a node from starting or from doing as it is told, in words that say what to do about it.

use std::{fmt, io, path::PathBuf, process::ExitStatus};

use crate::Kind;

/// Why a node did not start, or did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No JDK is installed, or only older ones.
    #[error(
        "no JDK {minimum} or newer (one with bin/javac) was found; install one, from https://adoptium.net for \
         example, or set JAVA_HOME to it{too_old}\nlooked in: {}",
        looked_in.join(", ")
    )]
    NoJdk {
        /// The oldest release that would do.
        minimum: u32,
        /// What was found and does not do.
        too_old: TooOld,
        /// The places, in the order they were looked at.
        looked_in: Vec<String>,
    },
    /// A program that is needed once, to fill the cache, is not installed.
    #[error("{program} was not found; install {package}\nlooked in: {}", looked_in.join(", "))]
    NoProgram {
        /// What is run.
        program: &'static str,
        /// What to install to have it.
        package: &'static str,
        /// The folders of the search path, and what else was looked at.
        looked_in: Vec<String>,
    },
    /// Maven, the Java compiler or openssl failed; without a network Maven does when a kind is asked for first.
    #[error("{program} ended with {status}; it said last:\n{last_lines}")]
    ProgramFailed {
        /// What was run.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of its output.
        last_lines: String,
    },
    /// The JVM ended and was not told to: at the start for a port in use, a setting that the server refuses, data of a
    /// later version.
    #[error("{kind} ended with {status}; it said last:\n{last_lines}")]
    Ended {
        /// What was started.
        kind: Kind,
        /// How it ended.
        status: ExitStatus,
        /// The end of its log.
        last_lines: String,
    },
    /// The JVM runs but has not answered in time, usually as the machine is overloaded.
    #[error("{kind} gave no answer in {seconds} s; it said last:\n{last_lines}")]
    NoAnswer {
        /// What was started.
        kind: Kind,
        /// How long was waited.
        seconds: u64,
        /// The end of its log.
        last_lines: String,
    },
    /// A single node could not be stopped or started: there is none of this number, or it is so already.
    #[error("the node launcher refused `{command}`: {reason}")]
    Refused {
        /// What it was told.
        command: String,
        /// What it said.
        reason: String,
    },
    /// Something was asked of a cluster that was not started here.
    #[error(
        "the cluster is the one OPENSEARCH_URL names ({url}); it was not started here, so it can't be stopped or \
         killed: unset OPENSEARCH_URL to have one started"
    )]
    NotStartedHere {
        /// Where it answers.
        url: String,
    },
    /// No kind is called that.
    #[error("there is no kind of node called {asked}; there are {}", known.join(", "))]
    UnknownKind {
        /// What was asked for.
        asked: String,
        /// Every kind's name.
        known: Vec<&'static str>,
    },
    /// The system refused a file or a child.
    #[error("{doing}")]
    Io {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
}

/// The JDKs that were found and do not do; shown as the end of a sentence.
#[derive(Debug, Default)]
pub struct TooOld(pub Vec<(u32, PathBuf)>);

impl fmt::Display for TooOld {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (release, home)) in self.0.iter().enumerate() {
            let lead = if position == 0 { "\nfound, but too old: " } else { ", " };
            write!(formatter, "{lead}JDK {release} in {}", home.display())?;
        }
        Ok(())
    }
}

/// Adds what was being done to an [`io::Error`].
pub trait Doing<T> {
    /// Says it.
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Error>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|source| Error::Io { doing: what(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_jdk_says_what_to_install_and_where_it_was_looked_for() {
        let error = Error::NoJdk {
            minimum: 21,
            too_old: TooOld(vec![(17, "/usr/lib/jvm/java-17".into()), (11, "/opt/jdk-11".into())]),
            looked_in: vec!["JAVA_HOME (not set)".into(), "/usr/lib/jvm/*".into()],
        };
        assert_eq!(
            error.to_string(),
            "no JDK 21 or newer (one with bin/javac) was found; install one, from https://adoptium.net for example, \
             or set JAVA_HOME to it\n\
             found, but too old: JDK 17 in /usr/lib/jvm/java-17, JDK 11 in /opt/jdk-11\n\
             looked in: JAVA_HOME (not set), /usr/lib/jvm/*"
        );
    }

    #[test]
    fn a_missing_program_names_its_package_and_the_folders() {
        let error = Error::NoProgram {
            program: "mvn",
            package: "Apache Maven 3.6 or newer (package maven)",
            looked_in: vec!["/usr/bin".into(), "/bin".into()],
        };
        assert_eq!(
            error.to_string(),
            "mvn was not found; install Apache Maven 3.6 or newer (package maven)\nlooked in: /usr/bin, /bin"
        );
    }

    #[test]
    fn a_cluster_that_is_not_ours_says_how_to_have_one() {
        let error = Error::NotStartedHere {
            url: "http://127.0.0.1:9200".into(),
        };
        assert!(error.to_string().contains("unset OPENSEARCH_URL"));
    }
}
