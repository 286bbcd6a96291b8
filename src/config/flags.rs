//! The flags of `serve`: one for every key that has a name, made from what the keys say of themselves.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};

use super::key::{KeyReference, environment_variable};
use super::reader::Given;
use super::source::{Origin, Place};

/// The flag that names the configuration file.
const CONFIG: &str = "config";

/// What was typed, unparsed: the configuration reads flags, environment and file by the same rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServeFlags {
    config: Option<PathBuf>,
    typed: Vec<(&'static str, Vec<String>)>,
}

impl ServeFlags {
    /// With `--config path`.
    #[must_use]
    pub fn config(mut self, path: impl Into<PathBuf>) -> Self {
        self.config = Some(path.into());
        self
    }

    /// With `--name value`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        match self.typed.iter_mut().find(|(typed, _)| *typed == name) {
            Some((_, values)) => values.push(value.into()),
            None => self.typed.push((name, vec![value.into()])),
        }
        self
    }

    /// The configuration file, and where it was named.
    pub(super) fn config_path(&self) -> Option<(PathBuf, Place)> {
        let path = self.config.clone()?;
        let place = Place::after(Origin::CommandLine, "--config ", &path.to_string_lossy());
        Some((path, place))
    }

    /// The values of keys.
    pub(super) fn given(&self, known: &[KeyReference]) -> Vec<Given> {
        let given = self.typed.iter().filter_map(|(name, values)| {
            let key = known.iter().find(|key| key.name == Some(name))?;
            let place = |value: &String| Place::after(Origin::CommandLine, &format!("--{name} "), value);
            Some(Given {
                path: key.path,
                places: values.iter().map(place).collect(),
            })
        });
        given.collect()
    }
}

impl Args for ServeFlags {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new(CONFIG)
            .long(CONFIG)
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("The configuration file, in YAML")
            .long_help(format!(
                "The configuration file, in YAML. Without one every key has its default.\n\n[environment: {}]",
                environment_variable(CONFIG)
            ));
        super::reference()
            .iter()
            .filter_map(flag)
            .fold(command.arg(config), Command::arg)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ServeFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.config = matches.get_one::<PathBuf>(CONFIG).cloned();
        for name in super::reference().iter().filter_map(|key| key.name) {
            if let Some(values) = matches.get_many::<String>(name) {
                self.typed.push((name, values.cloned().collect()));
            }
        }
        Ok(())
    }
}

/// The flag of a key that has a name.
fn flag(key: &KeyReference) -> Option<Arg> {
    let name = key.name?;
    let action = if key.is_list { ArgAction::Append } else { ArgAction::Set };
    let may_be_repeated = if key.is_list { "; may be repeated" } else { "" };
    let several = if key.is_list {
        "; may be repeated, or name several with commas between them"
    } else {
        ""
    };
    let sentence = key.meaning.trim_end_matches('.');
    let long_help = format!(
        "{sentence}: {expected}{several}.\n\n[default: {default}] [file: {path}] [environment: {variable}]",
        expected = key.expected,
        default = key.default,
        path = key.path,
        variable = key.environment_variable(),
    );
    let arg = Arg::new(name)
        .long(name)
        .value_name(key.placeholder)
        .action(action)
        .help(format!("{sentence}{may_be_repeated} [default: {}]", key.default))
        .long_help(long_help)
        .hide_short_help(key.is_special);
    Some(arg)
}
