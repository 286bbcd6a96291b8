//! Makes the configuration from what was typed, from the environment and from the file that one of them names.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use super::document::{self, Node};
use super::environment::Environment;
use super::problem::{Problem, Problems};
use super::reader::Reader;
use super::{Config, ServeFlags, Values, file, key_check, reference};

/// What was read, before policies are.
struct Reading {
    config: Config,
    values: Values,
    document: Option<Arc<Node>>,
    problems: Vec<Problem>,
}

/// Makes the configuration from what was typed, the environment's variables and the file that one of them names.
///
/// Nothing else is asked: called again with the same arguments it reads the file again.
pub fn load(flags: &ServeFlags, variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Config, Problems> {
    load_with_values(flags, variables).map(|(config, _)| config)
}

/// The same, with the value of each key.
pub fn load_with_values(
    flags: &ServeFlags,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(Config, Values), Problems> {
    let Reading {
        mut config,
        values,
        document,
        mut problems,
    } = read(flags, variables);
    config.policies.sets = config.policies.read(document.as_ref(), &mut problems);
    Problems::none_of(problems).map(|()| (config, values))
}

/// The same without the policies, which have a keeper of their own.
pub fn load_without_policies(
    flags: &ServeFlags,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<(Config, Values), Problems> {
    let Reading {
        config,
        values,
        problems,
        ..
    } = read(flags, variables);
    Problems::none_of(problems).map(|()| (config, values))
}

fn read(flags: &ServeFlags, variables: impl IntoIterator<Item = (OsString, OsString)>) -> Reading {
    let known = reference();
    let Environment {
        mut given,
        config,
        mut problems,
    } = Environment::read(variables, &known);
    given.extend(flags.given(&known));
    let named = flags
        .config_path()
        .or_else(|| config.map(|place| (Path::new(place.text()).to_owned(), place)));
    let file = named.as_ref().map(|(path, _)| path.clone());
    let folder = file
        .as_deref()
        .and_then(Path::parent)
        .unwrap_or(Path::new(""))
        .to_owned();
    let source =
        named.and_then(|(path, place)| file::read(&path, &place).map_err(|problem| problems.push(problem)).ok());
    let document = source.and_then(|source| {
        document::read(&source)
            .map_err(|problem| problems.push(problem))
            .ok()
            .flatten()
    });

    let mut reader = Reader::new(document.as_ref(), &folder, &given);
    let mut config = Config::read(&mut reader);
    let (wrong_values, _, values) = reader.finish();
    problems.extend(wrong_values);
    config.policies.file = file;
    if let Some(root) = &document {
        problems.extend(key_check::problems(root, &known));
    }
    Reading {
        config,
        values,
        document,
        problems,
    }
}
