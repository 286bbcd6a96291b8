//! The way in: everything is in the library, beginning with [`anomaly_gateway::cli`].

use std::env;
use std::process::ExitCode;

/// Gives memory back to the system some seconds after it was freed, by threads of its own. The C library's allocator keeps
/// what a burst of connections took for as long as anything that was allocated after it lives: 80 MiB after 2,200
/// connections had gone, where there had been 13 before.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    anomaly_gateway::cli::run(env::args_os()).into()
}
