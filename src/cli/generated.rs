//! What is made from the command line itself: completions for shells, manual pages, and a page of the documentation.

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

const PAGE_HEAD: &str = "# Command line

What `anomaly-gateway --help` and the help of each subcommand say. Every flag of `serve` is a key of
[the configuration](configuration.md), too.

This page is printed by `anomaly-gateway schema commands`.
";

/// Where lines of the help break, whatever the terminal.
const PAGE_WIDTH: usize = 100;

/// The help of every subcommand, in Markdown.
pub(super) fn page() -> String {
    let mut program = CommandLine::command().term_width(PAGE_WIDTH);
    program.build();
    let mut page = PAGE_HEAD.to_owned();
    for command in program
        .get_subcommands_mut()
        .filter(|command| command.get_name() != "help")
    {
        let title = format!("{NAME} {}", command.get_name());
        let help = command.render_long_help().to_string();
        let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
        let help = lines.join("\n");
        page.extend(["\n## `", &title, "`\n\n```text\n", help.trim_end(), "\n```\n"]);
    }
    page
}

/// Writes the manual pages into a folder, one for each command.
pub(super) fn man(folder: &Path) -> Result<Exit> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    clap_mangen::generate_to(CommandLine::command(), folder)
        .with_context(|| format!("the pages cannot be written into {}", folder.display()))?;
    Ok(Exit::Fine)
}
