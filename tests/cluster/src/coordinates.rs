//! What Maven is asked for, for each kind: the server, its modules and what its own description leaves out.

use crate::Kind;

/// The POM with the place for the dependencies.
const POM: &str = include_str!("../maven/pom.xml");

const OPENSEARCH_MODULES: [&str; 14] = [
    "transport-netty4-client",
    "analysis-common",
    "aggs-matrix-stats-client",
    "geo",
    "ingest-common",
    "lang-painless",
    "lang-expression",
    "lang-mustache-client",
    "mapper-extras-client",
    "parent-join-client",
    "percolator-client",
    "rank-eval-client",
    "reindex-client",
    "repository-url",
];

/// Nobody but this publisher has the modules of 7.10; theirs end with it.
const ELASTICSEARCH_7_10_MODULES: [&str; 13] = [
    "transport-netty4",
    "analysis-common",
    "aggs-matrix-stats",
    "ingest-common",
    "lang-painless",
    "lang-expression",
    "lang-mustache",
    "mapper-extras",
    "parent-join",
    "percolator",
    "rank-eval",
    "reindex",
    "repository-url",
];

const ELASTICSEARCH_7_17_MODULES: [&str; 8] = [
    "transport-netty4-client",
    "aggs-matrix-stats-client",
    "lang-mustache-client",
    "mapper-extras-client",
    "parent-join-client",
    "percolator-client",
    "rank-eval-client",
    "reindex-client",
];

/// The POM whose dependencies are the kind's.
pub(crate) fn pom(kind: Kind) -> String {
    POM.replace("@dependencies@", &dependencies(kind))
}

fn dependencies(kind: Kind) -> String {
    match kind {
        Kind::OpenSearch3 => opensearch(kind, "2.25.4"),
        Kind::OpenSearch2 => opensearch(kind, "2.25.3"),
        Kind::SecuredOpenSearch3 | Kind::SecuredOpenSearch2 => opensearch(kind, "2.21.0") + &security_plugin(kind),
        Kind::Elasticsearch7_10 => {
            elasticsearch_server(kind)
                + &log4j_core("2.11.1")
                + &modules("org.codelibs.elasticsearch.module", &ELASTICSEARCH_7_10_MODULES, kind)
        }
        Kind::Elasticsearch7_17 => {
            elasticsearch_server(kind)
                + &log4j_core("2.17.1")
                + &modules("org.elasticsearch.plugin", &ELASTICSEARCH_7_17_MODULES, kind)
        }
        Kind::Elasticsearch8 | Kind::Elasticsearch9 => {
            let transport = Dependency {
                // Only what the server does not have itself may lie in its module folder.
                scope: "test",
                ..jar("org.elasticsearch.plugin", "transport-netty4", kind.version())
            };
            elasticsearch_server(kind) + &transport.xml()
        }
    }
}

/// The server, its modules, and what it needs but declares optional.
fn opensearch(kind: Kind, log4j: &str) -> String {
    jar("org.opensearch", "opensearch", kind.version()).xml()
        + &log4j_core(log4j)
        + &jar("org.locationtech.spatial4j", "spatial4j", "0.7").xml()
        + &jar("org.locationtech.jts", "jts-core", "1.15.0").xml()
        + &modules("org.opensearch.plugin", &OPENSEARCH_MODULES, kind)
}

/// The plugin, and a library that it uses and does not carry.
fn security_plugin(kind: Kind) -> String {
    let version = format!("{}.0", kind.version());
    let plugin = Dependency {
        file_type: "zip",
        ..jar("org.opensearch.plugin", "opensearch-security", &version)
    }
    .xml();
    plugin + &jar("org.apache.commons", "commons-collections4", "4.5.0").xml()
}

fn elasticsearch_server(kind: Kind) -> String {
    jar("org.elasticsearch", "elasticsearch", kind.version()).xml()
}

/// The version must be that of the `log4j-api` which comes with the server.
fn log4j_core(version: &str) -> String {
    jar("org.apache.logging.log4j", "log4j-core", version).xml()
}

fn modules(group: &str, artifacts: &[&str], kind: Kind) -> String {
    artifacts
        .iter()
        .map(|artifact| jar(group, artifact, kind.version()).xml())
        .collect()
}

struct Dependency<'a> {
    group: &'a str,
    artifact: &'a str,
    version: &'a str,
    file_type: &'a str,
    scope: &'a str,
}

fn jar<'a>(group: &'a str, artifact: &'a str, version: &'a str) -> Dependency<'a> {
    Dependency {
        group,
        artifact,
        version,
        file_type: "jar",
        scope: "compile",
    }
}

impl Dependency<'_> {
    fn xml(&self) -> String {
        let Dependency {
            group,
            artifact,
            version,
            file_type,
            scope,
        } = self;
        format!(
            "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>\
             <type>{file_type}</type><scope>{scope}</scope></dependency>\n    "
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_asks_for_its_server_at_its_version() {
        for kind in Kind::ALL {
            let pom = pom(kind);
            let server = format!("search</artifactId><version>{}</version>", kind.version());
            assert!(pom.contains(&server), "{kind}");
            assert!(!pom.contains("@dependencies@"), "{kind}");
        }
    }

    #[test]
    fn the_security_plugin_is_a_zip_of_the_four_part_version() {
        let plugin = "<artifactId>opensearch-security</artifactId><version>3.4.0.0</version><type>zip</type>";
        assert!(pom(Kind::SecuredOpenSearch3).contains(plugin));
        assert!(!pom(Kind::OpenSearch3).contains("opensearch-security"));
    }

    #[test]
    fn what_is_loaded_from_a_folder_is_told_apart_by_its_scope() {
        for kind in Kind::ALL {
            assert_eq!(
                pom(kind).contains("<scope>test</scope>"),
                kind.has_module_folder(),
                "{kind}"
            );
        }
    }
}
