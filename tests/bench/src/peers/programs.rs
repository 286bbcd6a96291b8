//! The programs that are compared: where they are, and which versions.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The programs that are there.
#[derive(Debug, Clone, Default)]
pub struct Programs {
    /// The gateway.
    pub gateway: PathBuf,
    /// nginx.
    pub nginx: Option<PathBuf>,
    /// `HAProxy`.
    pub haproxy: Option<PathBuf>,
}

/// Where programs are that only the system's administrator has in `PATH`.
const SYSTEM: &str = "/usr/sbin";

impl Programs {
    /// This gateway, and what the system has.
    #[must_use]
    pub fn find(gateway: PathBuf) -> Self {
        Self {
            gateway,
            nginx: find("nginx"),
            haproxy: find("haproxy"),
        }
    }

    /// What is missing, and which package has it.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let peers = [("nginx", &self.nginx), ("haproxy", &self.haproxy)];
        let missing = peers.iter().filter(|(_, program)| program.is_none());
        let named = missing
            .map(|(name, _)| format!("{name} is not installed and was left out (Debian: apt-get install {name})"));
        named.collect()
    }

    /// What each says of its version.
    #[must_use]
    pub fn versions(&self) -> Vec<String> {
        let mut versions = vec![said(&self.gateway, "--version")];
        versions.extend(self.nginx.as_deref().map(|nginx| said(nginx, "-v")));
        versions.extend(self.haproxy.as_deref().map(|haproxy| said(haproxy, "-v")));
        versions
    }
}

fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from(SYSTEM)]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The first line that a program prints with this option, on either output.
fn said(program: &Path, option: &str) -> String {
    let output = Command::new(program).arg(option).output();
    let said = output
        .map(|output| [output.stdout, output.stderr].concat())
        .unwrap_or_default();
    let said = String::from_utf8_lossy(&said).into_owned();
    said.lines()
        .next()
        .unwrap_or("(it does not say its version)")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_their_names() {
        assert!(find("sh").is_some());
        assert_eq!(find("no-such-program-of-anybody"), None);
    }

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        let missing = Programs::default().missing();
        assert!(missing[0].contains("apt-get install nginx"), "{missing:?}");
        assert!(missing[1].contains("apt-get install haproxy"), "{missing:?}");
        let there = Programs {
            nginx: Some(PathBuf::new()),
            haproxy: Some(PathBuf::new()),
            ..Programs::default()
        };
        assert!(there.missing().is_empty());
    }
}
