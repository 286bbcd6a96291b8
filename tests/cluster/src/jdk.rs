//! Finds a JDK that is new enough.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::error::{Error, TooOld};

/// An installed JDK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jdk {
    /// The folder that `JAVA_HOME` would name.
    pub home: PathBuf,
    /// The feature release: 17, 21, 25.
    pub release: u32,
}

impl Jdk {
    /// The first of `JAVA_HOME`, the usual installation folders and the search path that has one new enough.
    pub fn find(minimum: u32) -> Result<Jdk, Error> {
        Places::of_this_machine().find(minimum)
    }

    /// The program that runs classes.
    #[must_use]
    pub fn java(&self) -> PathBuf {
        self.home.join("bin/java")
    }

    /// The compiler.
    #[must_use]
    pub fn javac(&self) -> PathBuf {
        self.home.join("bin/javac")
    }

    fn at(home: &Path) -> Option<Jdk> {
        // A JRE has no compiler.
        if !home.join("bin/javac").is_file() {
            return None;
        }
        let release = match fs::read_to_string(home.join("release")) {
            Ok(text) => release_in_file(&text),
            Err(_) => None,
        };
        let release = release.or_else(|| release_by_asking(&home.join("bin/java")))?;
        Some(Jdk {
            home: home.to_path_buf(),
            release,
        })
    }
}

/// Where JDKs are looked for.
struct Places {
    java_home: Option<PathBuf>,
    /// Folders that hold JDKs, and where below an entry of them a JDK's home is.
    folders: Vec<(PathBuf, &'static str)>,
    search_path: Vec<PathBuf>,
}

impl Places {
    fn of_this_machine() -> Places {
        let mut folders = vec![(PathBuf::from("/usr/lib/jvm"), ""), (PathBuf::from("/opt"), "")];
        if let Some(home) = env::home_dir() {
            folders.push((home.join(".sdkman/candidates/java"), ""));
        }
        folders.push((PathBuf::from("/Library/Java/JavaVirtualMachines"), "Contents/Home"));
        Places {
            java_home: env::var_os("JAVA_HOME")
                .filter(|value| !value.is_empty())
                .map(PathBuf::from),
            folders,
            search_path: env::var_os("PATH")
                .map(|path| env::split_paths(&path).collect())
                .unwrap_or_default(),
        }
    }

    fn find(&self, minimum: u32) -> Result<Jdk, Error> {
        let mut too_old: Vec<(u32, PathBuf)> = Vec::new();
        let in_order = [self.in_java_home(), self.in_folders(), self.on_search_path()];
        for found in in_order {
            // The oldest that does is the nearest to what the server was built for.
            let suits = found
                .iter()
                .filter(|jdk| jdk.release >= minimum)
                .min_by_key(|jdk| jdk.release);
            if let Some(jdk) = suits {
                return Ok(jdk.clone());
            }
            for jdk in found {
                if !too_old.iter().any(|(_, home)| *home == jdk.home) {
                    too_old.push((jdk.release, jdk.home));
                }
            }
        }
        Err(Error::NoJdk {
            minimum,
            too_old: TooOld(too_old),
            looked_in: self.described(),
        })
    }

    fn in_java_home(&self) -> Vec<Jdk> {
        self.java_home.iter().filter_map(|home| Jdk::at(home)).collect()
    }

    fn in_folders(&self) -> Vec<Jdk> {
        let mut found = Vec::new();
        for (folder, below) in &self.folders {
            let Ok(entries) = fs::read_dir(folder) else { continue };
            // Symbolic links to one JDK count once; sorting makes the choice the same on every run.
            let mut homes: Vec<PathBuf> = entries
                .flatten()
                .filter_map(|entry| fs::canonicalize(entry.path().join(below)).ok())
                .collect();
            homes.sort();
            homes.dedup();
            found.extend(homes.iter().filter_map(|home| Jdk::at(home)));
        }
        found
    }

    fn on_search_path(&self) -> Vec<Jdk> {
        let java = self
            .search_path
            .iter()
            .map(|folder| folder.join("java"))
            .find(|java| java.is_file());
        let home = java
            .and_then(|java| fs::canonicalize(java).ok())
            .and_then(|java| Some(java.parent()?.parent()?.to_path_buf()));
        home.and_then(|home| Jdk::at(&home)).into_iter().collect()
    }

    fn described(&self) -> Vec<String> {
        let java_home = match &self.java_home {
            Some(home) => format!("JAVA_HOME ({})", home.display()),
            None => "JAVA_HOME (not set)".to_owned(),
        };
        let folders = self.folders.iter().map(|(folder, below)| folder.join("*").join(below));
        let folders = folders.map(|folder| folder.display().to_string().trim_end_matches('/').to_owned());
        std::iter::once(java_home)
            .chain(folders)
            .chain(std::iter::once("`java` on PATH".to_owned()))
            .collect()
    }
}

/// The feature release in a JDK's `release` file.
fn release_in_file(text: &str) -> Option<u32> {
    let line = text.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
    feature_release(line.trim().trim_matches('"'))
}

/// The feature release by `java -version`, for JDKs that lie beside other things and have no such file.
fn release_by_asking(java: &Path) -> Option<u32> {
    let answer = Command::new(java).arg("-version").stdin(Stdio::null()).output().ok()?;
    release_in_answer(&String::from_utf8_lossy(&answer.stderr))
}

fn release_in_answer(answer: &str) -> Option<u32> {
    let version = answer.lines().find_map(|line| line.split_once(" version \""))?.1;
    feature_release(version)
}

/// 17 of `17.0.15`, 22 of `22-ea`, 8 of `1.8.0_402`.
fn feature_release(version: &str) -> Option<u32> {
    let version = version.strip_prefix("1.").unwrap_or(version);
    let end = version
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(version.len());
    version.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_file_is_read_in_every_shape_it_has_had() {
        assert_eq!(
            release_in_file("IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"25.0.3\"\nJAVA_VERSION_DATE=\"x\"\n"),
            Some(25)
        );
        assert_eq!(release_in_file("JAVA_VERSION=\"22-ea\"\r\n"), Some(22));
        assert_eq!(release_in_file("JAVA_VERSION=\"1.8.0_402\""), Some(8));
        assert_eq!(release_in_file("JAVA_VERSION=17"), Some(17));
        assert_eq!(release_in_file("JAVA_VERSION_DATE=\"2025-04-15\""), None);
    }

    #[test]
    fn the_answer_of_java_version_is_read_behind_other_lines() {
        let answer = "Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version \"21.0.2\" 2024-01-16\nOpenJDK Runtime";
        assert_eq!(release_in_answer(answer), Some(21));
        assert_eq!(release_in_answer("java version \"1.8.0_402\""), Some(8));
        assert_eq!(release_in_answer("The operation couldn't be completed."), None);
    }

    #[test]
    fn the_oldest_that_suits_is_taken_and_java_home_goes_first() {
        let machine = tempfile::tempdir().unwrap();
        for release in ["17.0.1", "21.0.2", "25.0.3"] {
            install(&machine.path().join("jvm").join(release), release);
        }
        install(&machine.path().join("mine"), "26");
        let mut places = Places {
            java_home: None,
            folders: vec![(fs::canonicalize(machine.path().join("jvm")).unwrap(), "")],
            search_path: Vec::new(),
        };
        assert_eq!(places.find(17).unwrap().release, 17);
        assert_eq!(places.find(18).unwrap().release, 21);
        places.java_home = Some(machine.path().join("mine"));
        assert_eq!(places.find(18).unwrap().release, 26);
    }

    #[test]
    fn a_runtime_without_a_compiler_does_not_count() {
        let machine = tempfile::tempdir().unwrap();
        let home = machine.path().join("jre");
        install(&home, "25");
        fs::remove_file(home.join("bin/javac")).unwrap();
        assert_eq!(Jdk::at(&home), None);
    }

    #[test]
    fn nothing_that_suits_tells_what_there_is_and_where_it_was_looked_for() {
        let machine = tempfile::tempdir().unwrap();
        install(&machine.path().join("bundles/old.jdk/Contents/Home"), "17.0.1");
        let places = Places {
            java_home: Some("/nowhere".into()),
            folders: vec![(machine.path().join("bundles"), "Contents/Home")],
            search_path: Vec::new(),
        };
        let text = places.find(21).unwrap_err().to_string();
        assert!(text.contains("no JDK 21 or newer"), "{text}");
        assert!(text.contains("too old: JDK 17 in "), "{text}");
        assert!(text.contains("JAVA_HOME (/nowhere)"), "{text}");
        assert!(text.contains("bundles/*/Contents/Home, `java` on PATH"), "{text}");
    }

    fn install(home: &Path, version: &str) {
        fs::create_dir_all(home.join("bin")).unwrap();
        for program in ["java", "javac"] {
            fs::write(home.join("bin").join(program), "").unwrap();
        }
        fs::write(home.join("release"), format!("JAVA_VERSION=\"{version}\"\n")).unwrap();
    }
}
