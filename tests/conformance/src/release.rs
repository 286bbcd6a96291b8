//! The published versions of Elasticsearch, and what running one's job parser depends on.

use std::fmt;
use std::str::FromStr;

use anomaly_gateway::es::version::Version;
use anyhow::{Context, bail};

const RELEASES: &str = include_str!("../data/releases.txt");

/// The oldest JDK to run any version on, though 17 does for those before 9.0: from 19 on Java prints a double with as
/// few digits as it can be read back from. Servers of one version run on older and newer ones.
pub(crate) const OLDEST_JDK: u32 = 21;

/// A published version whose job parser can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release(Version);

impl Release {
    /// Every published one, oldest first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        listed().map(|(release, _)| release).collect()
    }

    /// Those that the test command judges.
    #[must_use]
    pub fn pinned() -> Vec<Self> {
        listed()
            .filter_map(|(release, is_pinned)| is_pinned.then_some(release))
            .collect()
    }

    /// Its version number.
    #[must_use]
    pub fn version(self) -> Version {
        self.0
    }

    /// The version that the product is asked to answer as. 7.0 itself is not published; 6.8 is what it is judged by.
    #[must_use]
    pub fn profile(self) -> Version {
        self.0.max(Version::BASE)
    }

    /// Whether the profile that is judged is another version than this one: 7.0 by 6.8.
    #[must_use]
    pub fn stands_for_another(self) -> bool {
        self.profile() != self.0
    }

    /// The flags of its JVM.
    pub(crate) fn jvm_flags(self, jdk: u32) -> Vec<&'static str> {
        let mut flags = vec![
            "-Xmx384m",
            "-XX:+UseSerialGC",
            "-Dlog4j2.disable.jmx=true",
            "-Dlog4j2.level=OFF",
        ];
        // Numbers in messages are printed as the locale says; the older tables of locales went with JDK 23.
        match self.0.major {
            6 if jdk < 23 => flags.push("-Djava.locale.providers=COMPAT"),
            7 | 8 if jdk < 23 => flags.push("-Djava.locale.providers=SPI,COMPAT"),
            _ => {}
        }
        // Older JDKs do not know these.
        if jdk >= 22 {
            flags.push("--enable-native-access=ALL-UNNAMED");
        }
        if jdk >= 24 {
            flags.push("--sun-misc-unsafe-memory-access=allow");
        }
        flags
    }

    /// Whether handlers and requests are those from before 7.0.
    pub(crate) fn has_old_requests(self) -> bool {
        self.0.major < 7
    }

    /// Puts the names that the version's packages have into a source, which is written with the newest names.
    pub(crate) fn renamed(self, source: &str) -> String {
        let mut source = source.to_owned();
        if self.0 < Version::new(7, 16, 0) {
            let newest = "import org.elasticsearch.xcontent.";
            source = source.replace(newest, "import org.elasticsearch.common.xcontent.");
        }
        if self.0.major < 8 {
            let newest = "import org.elasticsearch.client.internal.node.";
            source = source.replace(newest, "import org.elasticsearch.client.node.");
        }
        source
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Release {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let release = Self(text.parse().context("a version of Elasticsearch is wanted")?);
        if !Self::all().contains(&release) {
            bail!("the job parser of {text} is not published; see data/releases.txt");
        }
        Ok(release)
    }
}

/// The versions in the table, and whether each is marked.
fn listed() -> impl Iterator<Item = (Release, bool)> {
    RELEASES
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (version, mark) = line.split_once(' ').unwrap_or((line, ""));
            Some((Release(version.parse().ok()?), mark == "*"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_whole() {
        let lines = RELEASES.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(Release::all().len(), lines);
        let pinned: Vec<String> = Release::pinned().iter().map(Release::to_string).collect();
        assert_eq!(pinned, ["6.8.23", "7.8.1", "7.10.2", "7.17.28", "8.19.21", "9.5.3"]);
    }

    #[test]
    fn only_6_8_stands_for_another_version() {
        for release in Release::all() {
            assert_eq!(release.stands_for_another(), release.version().major == 6, "{release}");
        }
    }

    #[test]
    fn what_is_not_published_is_refused() {
        assert!("7.8.1".parse::<Release>().is_ok());
        assert!("7.0.0".parse::<Release>().is_err());
    }

    #[test]
    fn sources_get_the_packages_of_the_version() {
        let source = "import org.elasticsearch.xcontent.ToXContent;";
        let older: Release = "7.15.2".parse().unwrap();
        let newer: Release = "7.16.0".parse().unwrap();
        assert_eq!(
            older.renamed(source),
            "import org.elasticsearch.common.xcontent.ToXContent;"
        );
        assert_eq!(newer.renamed(source), source);
    }
}
