//! Who may create jobs, and with whose credentials they are stored: a table of callers, calls and modes before a real
//! cluster with users, and before stand-ins of Elasticsearch with security.

mod elasticsearch;
mod opensearch;
mod start;

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tempfile::TempDir;

use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::wire::{self, Answer};

/// A gateway with a configuration, and the file with the credentials of its own account.
struct Guarded {
    gateway: Gateway,
    folder: TempDir,
}

impl Guarded {
    /// A gateway whose account, if there are credentials, stores the jobs. It logs all there is to log.
    fn before(url: &str, account: Option<&str>, more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = more.to_owned();
        if let Some(credentials) = account {
            fs::write(folder.path().join("account"), credentials).expect("a file");
            let file = folder.path().join("account");
            let file = file.display();
            config = format!(
                "access: {{ mode: service, authorization: {file}, roles: [job_creators, all_access], cache: 1s }}\n{more}"
            );
        }
        let path = folder.path().join("gateway.yml");
        fs::write(&path, format!("admin: {{ listen: '127.0.0.1:0' }}\n{config}")).expect("a file");
        let arguments = ["--config", path.to_str().expect("a path")];
        let gateway = Gateway::with_environment(&[url], &arguments, &[("ANOMALY_GATEWAY_LOG", "trace")]);
        Self { gateway, folder }
    }

    fn account(&self) -> PathBuf {
        self.folder.path().join("account")
    }

    fn call(&self, method: &str, target: &str, caller: &[(&str, &str)], body: &str) -> Answer {
        let fields = [&[("content-type", "application/json")], caller].concat();
        wire::call(self.gateway.address, method, target, &fields, body)
    }

    fn create(&self, id: &str, caller: &[(&str, &str)]) -> Answer {
        self.call("PUT", &format!("/_ml/anomaly_detectors/{id}"), caller, &job::smallest())
    }
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
}

/// The calls of the tables, each with an id or index of its own: a job, a job that is only tried out, a body that is no
/// job, and a call that is forwarded.
const CALLS: [&str; 4] = ["create", "dry run", "no job", "forwarded"];

/// The statuses of the calls as a caller makes them.
fn statuses(guarded: &Guarded, id: &str, caller: Option<&str>) -> [u16; 4] {
    let caller: Vec<_> = caller.map(|value| ("authorization", value)).into_iter().collect();
    CALLS.map(|call| {
        let answer = match call {
            "create" => guarded.create(id, &caller),
            "dry run" => guarded.create(&format!("{id}-dry?dry_run"), &caller),
            "no job" => guarded.call("PUT", &format!("/_ml/anomaly_detectors/{id}"), &caller, "{"),
            _ => guarded.call("POST", "/anomaly-detectors/_search", &caller, "{}"),
        };
        answer.status()
    })
}
