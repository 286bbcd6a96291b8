//! Runs a program that must not outlive this process, however this process ends.
//!
//! A killed process can't clean up, so the program gets a guard: a shell that reads a pipe whose other end is here. The
//! system closes that end when this process dies, and the guard then kills its process group, in which the program and
//! all its children are.

use std::{
    collections::VecDeque,
    env,
    ffi::OsStr,
    fs::File,
    io::{self, BufRead, BufReader, Seek},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::error::{Doing, Error};

/// The guard has its own copy of the pipe, as a background command's standard input is `/dev/null`. The program gets
/// none, so that the guard alone sees the end.
const GUARD: &str = r#"
exec 3<&0
{ read -r _ <&3; kill -KILL 0; } &
"$@" </dev/null 3<&-
"#;

const LAST_LINES: usize = 25;

/// Whether the program's output is to be seen, or only its end if it fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// It goes to standard error as it comes.
    Shown,
    /// Nobody sees it unless the program fails.
    KeptForTheError,
}

/// Runs a program to its end and wants success.
pub fn run<S: AsRef<OsStr>>(
    program: &Path,
    arguments: impl IntoIterator<Item = S>,
    environment: &[(&str, &Path)],
    output: Output,
) -> Result<(), Error> {
    let named = || program.display().to_string();
    let mut kept = tempfile::tempfile().doing(|| format!("making a file for the output of {}", named()))?;
    let stream = || match output {
        Output::Shown => Ok(Stdio::from(io::stderr())),
        Output::KeptForTheError => kept.try_clone().map(Stdio::from),
    };
    let (out, err) = (stream().doing(named)?, stream().doing(named)?);
    let mut guarded = Command::new("sh")
        .args(["-c", GUARD, "sh"])
        .arg(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(out)
        .stderr(err)
        .process_group(0)
        .spawn()
        .doing(|| format!("starting {}", named()))?;
    // Waiting would close the pipe first, and so end the program, were it left in the child.
    let lifeline = guarded.stdin.take();
    let status = guarded.wait().doing(|| format!("waiting for {}", named()))?;
    drop(lifeline);
    if status.success() {
        return Ok(());
    }
    let last_lines = match output {
        Output::Shown => "(see above)".to_owned(),
        Output::KeptForTheError => kept.rewind().map(|()| last_lines(&kept)).unwrap_or_default(),
    };
    Err(Error::ProgramFailed {
        program: named(),
        status,
        last_lines,
    })
}

/// A program on the search path, or in one of the folders asked for besides.
pub fn find_program(program: &'static str, package: &'static str, besides: Option<PathBuf>) -> Result<PathBuf, Error> {
    let search_path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = besides.into_iter().chain(env::split_paths(&search_path)).collect();
    let found = folders
        .iter()
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file());
    let missing = || {
        let looked_in = folders.iter().map(|folder| folder.display().to_string()).collect();
        Error::NoProgram {
            program,
            package,
            looked_in,
        }
    };
    found.ok_or_else(missing)
}

/// The end of a log, which is where the reason usually is.
#[must_use]
pub fn last_lines(log: &File) -> String {
    let mut last = VecDeque::with_capacity(LAST_LINES);
    for line in BufReader::new(log).split(b'\n').map_while(Result::ok) {
        if last.len() == LAST_LINES {
            last.pop_front();
        }
        last.push_back(String::from_utf8_lossy(&line).into_owned());
    }
    last.make_contiguous().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_success() {
        run(Path::new("true"), [""; 0], &[], Output::KeptForTheError).unwrap();
    }

    #[test]
    fn a_failure_has_the_status_and_the_last_lines_of_both_streams() {
        let script = "echo one; echo two >&2; exit 3";
        let error = run(Path::new("sh"), ["-c", script], &[], Output::KeptForTheError).unwrap_err();
        assert_eq!(
            error.to_string(),
            "sh ended with exit status: 3; it said last:\none\ntwo"
        );
    }

    #[test]
    fn the_environment_and_arguments_arrive_as_they_are() {
        let script = r#"test "$1" = 'a b$' && test "$WHERE" = '/x y'"#;
        run(
            Path::new("sh"),
            ["-c", script, "sh", "a b$"],
            &[("WHERE", Path::new("/x y"))],
            Output::KeptForTheError,
        )
        .unwrap();
    }

    #[test]
    fn only_the_end_of_a_long_log_is_kept() {
        let script = "i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo line $i; done; exit 1";
        let Err(Error::ProgramFailed { last_lines, .. }) =
            run(Path::new("sh"), ["-c", script], &[], Output::KeptForTheError)
        else {
            panic!("it must fail")
        };
        assert_eq!(last_lines.lines().count(), LAST_LINES);
        assert!(last_lines.ends_with("line 100"), "{last_lines}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named_with_its_package() {
        let error = find_program("no-such-program", "the package of it", Some("/besides".into())).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("no-such-program was not found; install the package of it\nlooked in: /besides, /"));
    }
}
