//! What is made from the command line itself: completions for shells, and manual pages.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{CommandLine, Exit, console};

const NAME: &str = "anomaly-gateway";

/// Prints the completions of a shell.
pub(super) fn completions(shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), NAME, &mut script);
    console::print(&String::from_utf8_lossy(&script));
    Exit::Fine
}

/// Writes the manual pages into a folder, one for each command.
pub(super) fn man(folder: &Path) -> Result<Exit> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    clap_mangen::generate_to(CommandLine::command(), folder)
        .with_context(|| format!("the pages cannot be written into {}", folder.display()))?;
    Ok(Exit::Fine)
}
