//! The vendor's tests and API descriptions, from the jar that is published with them.

use std::path::{Path, PathBuf};

use cluster::{cache::Entry, maven, progress};

/// The newest version of OpenSearch's tests that is published. They are written to be run on later versions too, and say
/// which of them are not.
const OPENSEARCH: Release = Release {
    product: "OpenSearch",
    group: "org.opensearch",
    version: "3.1.0",
};

/// The last version of Elasticsearch's that is published.
const ELASTICSEARCH: Release = Release {
    product: "Elasticsearch",
    group: "org.elasticsearch",
    version: "7.10.2",
};

/// What is published, and by whom.
struct Release {
    product: &'static str,
    group: &'static str,
    version: &'static str,
}

/// The POM with the places for the group and the version.
const POM: &str = include_str!("../maven/pom.xml");

/// Where the parts of the jar lie.
pub struct Published {
    /// A folder of API descriptions.
    pub apis: PathBuf,
    /// A folder of tests.
    pub tests: PathBuf,
}

impl Published {
    /// OpenSearch's, fetched when first asked for.
    pub fn fetch() -> Result<Self, cluster::Error> {
        Self::of(&OPENSEARCH)
    }

    /// Elasticsearch's, likewise.
    pub fn fetch_elasticsearch() -> Result<Self, cluster::Error> {
        Self::of(&ELASTICSEARCH)
    }

    fn of(release: &Release) -> Result<Self, cluster::Error> {
        let Release {
            product,
            group,
            version,
        } = release;
        let pom = POM.replace("@group@", group).replace("@version@", version);
        let is_whole = |place: &Path| parts(place).tests.is_dir();
        let entry = Entry {
            name: &format!("rest-api-spec-{version}"),
            made_from: &[&pom],
            is_usable: &is_whole,
        };
        let place = entry.or_fill(|folder| {
            let doing = format!("fetching {product}'s REST tests {version} with Maven (first time only)");
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
