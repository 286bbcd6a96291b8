//! Interpreters with packages of their own: of Python, filled by pip, and of JavaScript, filled by npm. The versions are those
//! of files in the repository, and what was installed once stays in the cache.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    cache::Entry,
    error::{Doing, Error},
    guarded::{self, Output},
    progress,
};

const PYTHON: &str = "Python 3.10 or newer with pip (packages python3 and python3-pip)";
const NODE: &str = "Node.js 20 or newer with npm (packages nodejs and npm)";

/// The files by which npm installs.
const PINS: [&str; 2] = ["package.json", "package-lock.json"];

/// Node.js, and where its packages are.
#[derive(Debug)]
pub struct NodeJs {
    /// The interpreter.
    pub interpreter: PathBuf,
    /// The folder with `node_modules`.
    pub place: PathBuf,
}

/// Node.js with the packages of the lock file in a folder. `name` is that of the cache's entry, and `what` says in the plural
/// what is installed.
pub fn node_js(name: &str, folder: &Path, what: &str) -> Result<NodeJs, Error> {
    let interpreter = guarded::find_program("node", NODE, None)?;
    let [manifest, lock] = PINS.map(|pins| read(&folder.join(pins)));
    let entry = Entry {
        name,
        made_from: &[&manifest?, &lock?],
        is_usable: &|place| place.join("node_modules").is_dir(),
    };
    let place = entry.or_fill(|place| {
        let npm = guarded::find_program("npm", NODE, None)?;
        for pins in PINS {
            fs::copy(folder.join(pins), place.join(pins)).doing(|| format!("copying {pins}"))?;
        }
        let clean = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"].map(OsStr::new);
        progress::step(&format!("installing {what} with npm"), || {
            let arguments = [&clean[..], &[place.as_os_str()]].concat();
            guarded::run(&npm, arguments, &[], Output::KeptForTheError)
        })
    })?;
    Ok(NodeJs { interpreter, place })
}

/// An interpreter of Python with the packages of a file, which names every package, also those that others need, so that
/// none is to be chosen. `name` is that of the cache's entry, and `what` says what is installed.
pub fn python(name: &str, pins: &Path, what: &str) -> Result<PathBuf, Error> {
    let interpreter = |environment: &Path| environment.join("bin/python");
    let entry = Entry {
        name,
        made_from: &[&read(pins)?],
        // It refers to the interpreter that it was made with.
        is_usable: &|place| interpreter(place).exists(),
    };
    let place = entry.or_fill(|folder| {
        let python = guarded::find_program("python3", PYTHON, None)?;
        let run = |arguments: &[&OsStr]| guarded::run(&python, arguments.to_vec(), &[], Output::KeptForTheError);
        progress::step(&format!("installing {what} with pip"), || {
            let [module, venv, pip] = ["-m", "venv", "pip"].map(OsStr::new);
            run(&[module, venv, OsStr::new("--without-pip"), folder.as_os_str()])?;
            let quiet = ["--quiet", "--disable-pip-version-check", "--python"].map(OsStr::new);
            let target = interpreter(folder);
            let install = ["install", "--no-deps", "--requirement"].map(OsStr::new);
            run(&[
                &[module, pip],
                &quiet[..],
                &[target.as_os_str()],
                &install[..],
                &[pins.as_os_str()],
            ]
            .concat())
        })
    })?;
    Ok(interpreter(&place))
}

fn read(file: &Path) -> Result<String, Error> {
    fs::read_to_string(file).doing(|| format!("reading {}", file.display()))
}
