//! Says on standard error what takes long.

use std::{
    io::{self, IsTerminal, Write},
    time::Instant,
};

use crate::error::Error;

/// Runs a step, with a line before it and one after it.
pub fn step<T>(doing: &str, run: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    say(&format!("{doing}…"));
    let started = Instant::now();
    let result = run()?;
    say(&format!("done in {:.0} s", started.elapsed().as_secs_f64()));
    Ok(result)
}

/// Written past the test harness, which would keep it back until a test has failed.
pub(crate) fn say(line: &str) {
    // There is nobody to tell that nobody reads this.
    let _ = writeln!(io::stderr().lock(), "cluster: {line}");
}

pub(crate) fn somebody_watches() -> bool {
    io::stderr().is_terminal()
}
