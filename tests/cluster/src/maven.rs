//! Has Maven resolve a kind's jars, once, into its usual local repository, and says how the JVM gets them.

use std::{
    env,
    ffi::OsString,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use crate::{
    Kind,
    cache::Entry,
    coordinates,
    error::{Doing, Error},
    guarded::{self, Output},
    jdk::Jdk,
    progress,
};

/// The names are those in the POM.
const CLASS_PATH: &str = "class-path";
const CLASS_PATH_WITH_MODULES: &str = "class-path-with-modules";
const PLUGIN: &str = "plugin";
const MODULES: &str = "modules";

/// Where the parts of a kind lie.
pub(crate) struct Resolved {
    /// What goes on the JVM's class path.
    pub(crate) class_path: Vec<PathBuf>,
    /// The folder of modules that the server loads for itself, for the kinds that do.
    pub(crate) modules: Option<PathBuf>,
    /// What was in the security plugin's archive, for the kinds that have it.
    pub(crate) plugin: PathBuf,
}

pub(crate) fn resolve(kind: Kind) -> Result<Resolved, Error> {
    let pom = coordinates::pom(kind);
    // The local repository is Maven's, and its user may have emptied it since.
    let all_jars_exist = |place: &Path| {
        jars_in(&place.join(CLASS_PATH_WITH_MODULES)).is_ok_and(|jars| jars.iter().all(|jar| jar.exists()))
    };
    let name = format!("{}-{}", kind.name(), kind.version());
    let entry = Entry {
        name: &name,
        made_from: &[&pom],
        is_usable: &all_jars_exist,
    };
    let place = entry.or_fill(|folder| {
        let maven = find_maven()?;
        let size = kind.download_megabytes();
        progress::step(
            &format!("resolving {kind} with Maven (first time only, about {size} MB)"),
            || run_maven(&maven, &pom, folder),
        )?;
        if kind.has_module_folder() {
            lay_out_module_folder(kind, folder)
        } else {
            Ok(())
        }
    })?;
    let mut class_path = jars_in(&place.join(CLASS_PATH))?;
    let plugin = place.join(PLUGIN);
    if kind.is_secured() {
        add_missing(&mut class_path, jars_below(&plugin)?);
    }
    let modules = kind.has_module_folder().then(|| place.join(MODULES));
    Ok(Resolved {
        class_path,
        modules,
        plugin,
    })
}

/// Maven, which has to be installed.
pub fn find_maven() -> Result<PathBuf, Error> {
    let besides = env::var_os("MAVEN_HOME").map(|home| Path::new(&home).join("bin"));
    guarded::find_program("mvn", "Apache Maven 3.6 or newer", besides)
}

/// Runs the plugins of a POM that are bound to its phase `validate`, in `folder`. To be called under a cache entry's
/// lock, as two runs must not write into one local repository at a time.
pub fn run_maven(maven: &Path, pom: &str, folder: &Path) -> Result<(), Error> {
    let file = folder.join("pom.xml");
    fs::write(&file, pom).doing(|| format!("writing {}", file.display()))?;
    let mut arguments: Vec<OsString> = vec!["--file".into(), file.into(), "validate".into()];
    // Maven draws the progress of its downloads for a terminal, past its log; nobody wants that in a file.
    let output = if progress::somebody_watches() {
        arguments.push("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn".into());
        Output::Shown
    } else {
        arguments.extend(["--batch-mode".into(), "--no-transfer-progress".into()]);
        Output::KeptForTheError
    };
    // On a JDK newer than itself Maven begins with warnings about its own libraries.
    let oldest = Jdk::find(17)?;
    guarded::run(maven, arguments, &[("JAVA_HOME", &oldest.home)], output)
}

/// Puts what the server loads for itself where it looks: the jars that it does not have already, as a class in both
/// places stops it, and a descriptor.
fn lay_out_module_folder(kind: Kind, folder: &Path) -> Result<(), Error> {
    let transport = folder.join(MODULES).join("transport-netty4");
    fs::create_dir_all(&transport).doing(|| format!("creating {}", transport.display()))?;
    let known = jars_in(&folder.join(CLASS_PATH))?;
    for jar in jars_in(&folder.join(CLASS_PATH_WITH_MODULES))? {
        if let Some(name) = jar.file_name().filter(|_| !known.contains(&jar)) {
            symlink(&jar, transport.join(name)).doing(|| format!("linking {}", jar.display()))?;
        }
    }
    let version = kind.version();
    let descriptor = format!(
        "name=transport-netty4\ndescription=HTTP and transport\nversion={version}\nelasticsearch.version={version}\n\
         java.version=17\nclassname=org.elasticsearch.transport.netty4.Netty4Plugin\n"
    );
    let file = transport.join("plugin-descriptor.properties");
    fs::write(&file, descriptor).doing(|| format!("writing {}", file.display()))
}

/// The jars of a class path as Maven has written it.
pub fn jars_in(class_path: &Path) -> Result<Vec<PathBuf>, Error> {
    let text = fs::read_to_string(class_path).doing(|| format!("reading {}", class_path.display()))?;
    Ok(env::split_paths(text.trim()).collect())
}

fn jars_below(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).doing(|| format!("reading {}", folder.display()))?;
    let mut jars: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_jar(path))
        .collect();
    jars.sort();
    Ok(jars)
}

fn is_jar(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jar")
}

/// Adds a plugin's jars, but of a library that the server has in a version of its own only the server's.
fn add_missing(class_path: &mut Vec<PathBuf>, plugin: Vec<PathBuf>) {
    let known: Vec<String> = class_path.iter().map(|jar| library(jar)).collect();
    class_path.extend(plugin.into_iter().filter(|jar| !known.contains(&library(jar))));
}

/// A jar's name less its version: `netty-buffer` of `netty-buffer-4.1.2.Final.jar`.
fn library(jar: &Path) -> String {
    let name = jar.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let starts_version = |rest: &str| rest.starts_with(|first: char| first.is_ascii_digit());
    let ends = name
        .match_indices('-')
        .find(|(at, _)| name.get(at + 1..).is_some_and(starts_version));
    ends.and_then(|(at, _)| name.get(..at)).unwrap_or(&name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jar_is_known_by_its_name_less_the_version() {
        for (jar, name) in [
            ("/x/netty-buffer-4.1.118.Final.jar", "netty-buffer"),
            ("guava-33.4.0-jre.jar", "guava"),
            ("opensearch-security-3.4.0.0.jar", "opensearch-security"),
            ("httpclient5-5.4.jar", "httpclient5"),
            ("unversioned.jar", "unversioned"),
        ] {
            assert_eq!(library(Path::new(jar)), name);
        }
    }

    #[test]
    fn the_servers_own_version_of_a_library_wins() {
        let mut class_path = vec![PathBuf::from("/m2/asm-9.7.jar"), PathBuf::from("/m2/server-3.jar")];
        add_missing(
            &mut class_path,
            vec!["/zip/asm-9.8.jar".into(), "/zip/bcrypt-0.1.jar".into()],
        );
        let expected = ["/m2/asm-9.7.jar", "/m2/server-3.jar", "/zip/bcrypt-0.1.jar"].map(PathBuf::from);
        assert_eq!(class_path, expected);
    }
}
