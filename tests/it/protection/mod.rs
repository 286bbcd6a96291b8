//! `jobs.protect`: nothing but the call that creates jobs writes to their index through the gateway.
//!
//! `calls` and `bodies` make every write that a node's own REST specification lists, at an index of the test's choice; `spelling`
//! spells targets and bodies in the ways in which a node reads them; `sender` puts them on the wire. `writes` aims all of
//! that, and the bodies of `garbling`, at the protected index before real nodes and looks at the index afterwards; `elsewhere` aims it at another index,
//! where it has to pass.

mod bodies;
mod calls;
mod counting_upstream;
mod elsewhere;
mod garbling;
mod names;
mod sender;
mod specification;
mod spelling;
mod streaming;
mod writes;

use crate::support::gateway::Gateway;
use crate::support::wire;

/// A gateway that protects the index of jobs.
fn protecting(upstream: &str) -> Gateway {
    Gateway::configured(&[upstream], "jobs: { protect: true }\nadmin: { listen: 127.0.0.1:0 }\n")
}

/// Waits until a gateway knows the names of the index: so long it refuses writes with 503.
fn knows_the_names(gateway: &Gateway) {
    wire::eventually("the names of the index are known", || {
        gateway.call("PUT", "/a-probe/_alias/a-probe", "").status() != 503
    });
}
