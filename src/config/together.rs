//! What is wrong with values that are right by themselves: beside others, or for what the gateway does with them.

use std::num::NonZeroUsize;

use super::reader::Reader;
use super::{ADMIN_LISTEN, BODIES, Config, LISTEN};

/// The least room for bodies, in bytes: the smallest job has some sixty, and one of a few hundred is usual.
const MIN_BODIES: usize = 1024;

/// Finds what is wrong.
pub(super) fn check(config: &Config, keys: &mut Reader<'_>) {
    if config.limits.bodies.0.map_or(usize::MAX, NonZeroUsize::get) < MIN_BODIES {
        let help = "write `1kb` or more, or `none`";
        keys.refuse_set(&[BODIES], "no job would fit in there", Some(help));
    }
    let admin = config.admin.listen.0.filter(|admin| admin.port() != 0);
    if admin == Some(config.listen) {
        let help = "choose another port: what is answered there is not for clients";
        keys.refuse_set(&[ADMIN_LISTEN, LISTEN], "`listen` has the same address", Some(help));
    }
}
