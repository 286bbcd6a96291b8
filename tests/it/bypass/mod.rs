//! Whether anything gets around the policies: forbidden jobs in every spelling of the request that could be thought of,
//! before stand-ins of three versions in every commit mode, and before real nodes.
//!
//! The expectation is no list of ours: a stand-in keeps every byte, and whatever reached it is looked at by a model of
//! Elasticsearch's router (contract http.md §1.1); a real node is asked how it routes the same spelling of a neighbouring
//! call.

mod request;
mod spelling;
mod stand_ins;
mod with_nodes;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::support::gateway::Gateway;

/// What every forbidden job has in its description.
const MARK: &str = "FORBIDDEN";

/// The policy that forbids it, and limits memory besides.
const POLICY: &str = "\
policies:
  - name: nothing-forbidden
    enforcement: enforce
    schema:
      properties:
        description: { not: { const: FORBIDDEN } }
        analysis_limits: { properties: { model_memory_limit: { x-max-bytes: 512mb } } }
";

/// A gateway with the policy.
struct Governed {
    gateway: Gateway,
    _folder: TempDir,
}

impl Governed {
    fn before(url: &str, jobs: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("policies.yml"), POLICY).expect("a file");
        let config: PathBuf = folder.path().join("gateway.yml");
        let text = format!("policies: {{ files: [policies.yml] }}\njobs: {{ {jobs} }}\n");
        fs::write(&config, text).expect("a file");
        let gateway = Gateway::with(&[url], &["--config", config.to_str().expect("a path")]);
        Self {
            gateway,
            _folder: folder,
        }
    }
}
