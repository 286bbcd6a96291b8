//! The vendor's tests and API descriptions, from the jar that is published with them.

use std::path::{Path, PathBuf};

use cluster::{cache::Entry, maven, progress};

/// The newest version of the tests that is published. They are written to be run on later versions too, and say which
/// of them are not.
const VERSION: &str = "3.1.0";

/// The POM with the place for the version.
const POM: &str = include_str!("../maven/pom.xml");

/// Where the parts of the jar lie.
pub struct Published {
    /// A folder of API descriptions.
    pub apis: PathBuf,
    /// A folder of tests.
    pub tests: PathBuf,
}

impl Published {
    /// Fetched when first asked for.
    pub fn fetch() -> Result<Self, cluster::Error> {
        let pom = POM.replace("@version@", VERSION);
        let is_whole = |place: &Path| parts(place).tests.is_dir();
        let entry = Entry {
            name: &format!("rest-api-spec-{VERSION}"),
            made_from: &[&pom],
            is_usable: &is_whole,
        };
        let place = entry.or_fill(|folder| {
            let doing = format!("fetching OpenSearch's REST tests {VERSION} with Maven (first time only)");
            let maven = maven::find_maven()?;
            progress::step(&doing, || maven::run_maven(&maven, &pom, folder))
        })?;
        Ok(parts(&place))
    }
}

fn parts(place: &Path) -> Published {
    let root = place.join("jar/rest-api-spec");
    Published {
        apis: root.join("api"),
        tests: root.join("test"),
    }
}
