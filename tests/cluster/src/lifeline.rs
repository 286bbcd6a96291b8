//! Ends this process with the command that runs it.
//!
//! The project's own commands (xtask) run test programs that start nodes. Killed, they can't end the test programs, so
//! they hold a pipe to their standard input instead, and say so in the environment.

use std::{
    env,
    io::{self, Read},
    process,
    sync::Once,
    thread,
};

const VARIABLE: &str = "XTASK_LIFELINE";

/// From now on this process ends when its standard input does, if the environment has `XTASK_LIFELINE=stdin`.
///
/// Nothing is cleaned up here: the nodes' JVMs see the end of this process and clean up themselves. Starting a node
/// calls this.
pub fn end_with_xtask() {
    static WATCHING: Once = Once::new();
    if env::var_os(VARIABLE).is_none_or(|value| value != "stdin") {
        return;
    }
    WATCHING.call_once(|| {
        thread::spawn(|| {
            let mut byte = [0];
            while !matches!(io::stdin().lock().read(&mut byte), Ok(0) | Err(_)) {}
            process::exit(1);
        });
    });
}
