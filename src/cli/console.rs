//! The one place that writes to standard output and, for people, to standard error. (Logging has its own writer.)

use std::env;
use std::io::{self, IsTerminal as _, Write as _};

use super::Exit;

/// Whether people see colours: only on a terminal, and not if `NO_COLOR` is set to anything.
pub(super) fn in_colours() -> bool {
    let is_refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !is_refused && io::stderr().is_terminal()
}

/// Writes what was asked for to standard output.
pub(super) fn print(text: &str) {
    // A reader that has seen enough and is gone is no fault.
    let _ = io::stdout().lock().write_all(text.as_bytes());
}

/// Writes a text and ends its line.
pub(super) fn say(text: &str) {
    // Nobody can be told when standard error is gone, and that is no reason to end.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says what went wrong, with its causes.
pub(super) fn error(error: &anyhow::Error) {
    let mut messages: Vec<String> = error.chain().map(ToString::to_string).collect();
    // Some errors say what their cause says.
    messages.dedup_by(|cause, error| error.ends_with(cause.as_str()));
    say(&format!("anomaly-gateway: {}", messages.join("\n  caused by: ")));
}

/// Says what was wrong with the command line, or what help or version was asked for.
pub(super) fn usage(error: &clap::Error) -> Exit {
    let _ = error.print();
    if error.exit_code() == 0 {
        Exit::Fine
    } else {
        Exit::Usage
    }
}
