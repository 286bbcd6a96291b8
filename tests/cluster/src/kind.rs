//! The kinds of node there are, and which of them this machine can run.

use std::{fmt, str::FromStr};

use crate::{error::Error, jdk::Jdk};

/// A server and its version.
///
/// A kind is downloaded when it is first asked for, some tens of megabytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// OpenSearch 3.8.0, the default; needs a JDK 21 or newer.
    OpenSearch3,
    /// OpenSearch 2.19.5, the default where there is no JDK 21.
    OpenSearch2,
    /// OpenSearch 3.4.0 with TLS, users and roles; needs a JDK 21 or newer.
    SecuredOpenSearch3,
    /// OpenSearch 2.19.4 with TLS, users and roles.
    SecuredOpenSearch2,
    /// Elasticsearch 7.10.2, the last one under the Apache licence.
    Elasticsearch7_10,
    /// Elasticsearch 7.17.29, without Painless.
    Elasticsearch7_17,
    /// Elasticsearch 8.19.21, the server without any module but its transport.
    Elasticsearch8,
    /// Elasticsearch 9.5.3, as bare; needs a JDK 21 or newer.
    Elasticsearch9,
}

/// Which of two families a kind belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// OpenSearch.
    OpenSearch,
    /// Elasticsearch.
    Elasticsearch,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 8] = [
        Kind::OpenSearch3,
        Kind::OpenSearch2,
        Kind::SecuredOpenSearch3,
        Kind::SecuredOpenSearch2,
        Kind::Elasticsearch7_10,
        Kind::Elasticsearch7_17,
        Kind::Elasticsearch8,
        Kind::Elasticsearch9,
    ];

    /// OpenSearch 3.8.0 where there is a JDK for it, 2.19.5 where there is only an older one.
    pub fn default_for_this_machine() -> Result<Kind, Error> {
        newest_that_runs(Kind::OpenSearch3, Kind::OpenSearch2, Jdk::find)
    }

    /// The same for the kinds with users and roles.
    pub fn secured_for_this_machine() -> Result<Kind, Error> {
        newest_that_runs(Kind::SecuredOpenSearch3, Kind::SecuredOpenSearch2, Jdk::find)
    }

    /// Its name on a command line and in the cache.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::OpenSearch3 => "opensearch-3",
            Kind::OpenSearch2 => "opensearch-2",
            Kind::SecuredOpenSearch3 => "opensearch-3-secured",
            Kind::SecuredOpenSearch2 => "opensearch-2-secured",
            Kind::Elasticsearch7_10 => "elasticsearch-7.10",
            Kind::Elasticsearch7_17 => "elasticsearch-7.17",
            Kind::Elasticsearch8 => "elasticsearch-8",
            Kind::Elasticsearch9 => "elasticsearch-9",
        }
    }

    /// The version that `GET /` shows as `version.number`.
    #[must_use]
    pub fn version(self) -> &'static str {
        match self {
            Kind::OpenSearch3 => "3.8.0",
            Kind::OpenSearch2 => "2.19.5",
            Kind::SecuredOpenSearch3 => "3.4.0",
            Kind::SecuredOpenSearch2 => "2.19.4",
            Kind::Elasticsearch7_10 => "7.10.2",
            Kind::Elasticsearch7_17 => "7.17.29",
            Kind::Elasticsearch8 => "8.19.21",
            Kind::Elasticsearch9 => "9.5.3",
        }
    }

    /// Who makes it.
    #[must_use]
    pub fn vendor(self) -> Vendor {
        match self {
            Kind::OpenSearch3 | Kind::OpenSearch2 | Kind::SecuredOpenSearch3 | Kind::SecuredOpenSearch2 => {
                Vendor::OpenSearch
            }
            Kind::Elasticsearch7_10 | Kind::Elasticsearch7_17 | Kind::Elasticsearch8 | Kind::Elasticsearch9 => {
                Vendor::Elasticsearch
            }
        }
    }

    /// Whether it has users and roles.
    #[must_use]
    pub fn is_secured(self) -> bool {
        matches!(self, Kind::SecuredOpenSearch3 | Kind::SecuredOpenSearch2)
    }

    /// The oldest JDK release that runs it.
    #[must_use]
    pub fn minimum_jdk(self) -> u32 {
        match self {
            Kind::OpenSearch3 | Kind::SecuredOpenSearch3 | Kind::Elasticsearch9 => 21,
            _ => 17,
        }
    }

    /// What Maven downloads for it into an empty local repository, roughly.
    pub(crate) fn download_megabytes(self) -> u32 {
        match self {
            Kind::OpenSearch3 => 70,
            Kind::OpenSearch2 => 52,
            Kind::SecuredOpenSearch3 | Kind::SecuredOpenSearch2 => 118,
            Kind::Elasticsearch7_10 | Kind::Elasticsearch7_17 => 36,
            Kind::Elasticsearch8 => 41,
            Kind::Elasticsearch9 => 44,
        }
    }

    /// Whether the server loads its transport from a folder of modules rather than from the class path.
    pub(crate) fn has_module_folder(self) -> bool {
        matches!(self, Kind::Elasticsearch8 | Kind::Elasticsearch9)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let vendor = match self.vendor() {
            Vendor::OpenSearch => "OpenSearch",
            Vendor::Elasticsearch => "Elasticsearch",
        };
        let secured = if self.is_secured() { " with security" } else { "" };
        write!(formatter, "{vendor} {}{secured}", self.version())
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(asked: &str) -> Result<Kind, Error> {
        let unknown = || Error::UnknownKind {
            asked: asked.to_owned(),
            known: Kind::ALL.map(Kind::name).to_vec(),
        };
        Kind::ALL
            .into_iter()
            .find(|kind| kind.name() == asked)
            .ok_or_else(unknown)
    }
}

/// The newer one if there is a JDK for it; where there is none for either, the error asks for the older one's.
fn newest_that_runs(newer: Kind, older: Kind, find_jdk: impl Fn(u32) -> Result<Jdk, Error>) -> Result<Kind, Error> {
    if find_jdk(newer.minimum_jdk()).is_ok() {
        return Ok(newer);
    }
    find_jdk(older.minimum_jdk()).map(|_| older)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::TooOld;

    #[test]
    fn a_new_jdk_gives_the_new_server_and_an_old_one_the_old() {
        let choice_with = |jdk| newest_that_runs(Kind::OpenSearch3, Kind::OpenSearch2, machine_with(jdk)).unwrap();
        assert_eq!(choice_with(25), Kind::OpenSearch3);
        assert_eq!(choice_with(21), Kind::OpenSearch3);
        assert_eq!(choice_with(17), Kind::OpenSearch2);
    }

    #[test]
    fn no_jdk_asks_for_the_oldest_that_would_do() {
        let error = newest_that_runs(Kind::OpenSearch3, Kind::OpenSearch2, machine_with(11)).unwrap_err();
        assert!(error.to_string().starts_with("no JDK 17 or newer"), "{error}");
    }

    #[test]
    fn every_name_is_understood_and_another_is_answered_with_all_of_them() {
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse::<Kind>().unwrap(), kind);
        }
        let error = "opensearch-1".parse::<Kind>().unwrap_err().to_string();
        assert!(
            error.starts_with("there is no kind of node called opensearch-1; there are opensearch-3, "),
            "{error}"
        );
    }

    fn machine_with(release: u32) -> impl Fn(u32) -> Result<Jdk, Error> {
        move |minimum| {
            if release >= minimum {
                return Ok(Jdk {
                    home: "/jdk".into(),
                    release,
                });
            }
            Err(Error::NoJdk {
                minimum,
                too_old: TooOld::default(),
                looked_in: Vec::new(),
            })
        }
    }
}
