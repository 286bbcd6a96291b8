//! What clients may take of the gateway.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::key::Key;
use super::reader::Reader;
use super::{CountLimit, SizeLimit, TimeLimit};

/// What clients may take of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How many connections they may have.
    pub connections: CountLimit,
    /// How many requests may be under way.
    pub requests: CountLimit,
    /// How many bytes the bodies that the gateway reads itself may have, all together.
    pub bodies: SizeLimit,
    /// How long a client may pause in a body that is read for it, or in one that takes a place among the requests.
    pub body_timeout: TimeLimit,
    /// How many bytes of it a client has to move in a second.
    pub body_rate: SizeLimit,
    /// How many bytes the head of a request may have.
    pub head: SizeLimit,
    /// How many bytes the heads that have not ended may have, all together.
    pub heads: SizeLimit,
    /// How long a client may take to send the head of a request, from its first byte on.
    pub head_timeout: TimeLimit,
    /// How long a client may take to set up TLS.
    pub handshake_timeout: TimeLimit,
}

const CONNECTIONS: Key = Key::new(
    "limits.connections",
    "How many connections clients may have; further ones get 503.",
)
.detail("Without it as many as there are files for.");
const REQUESTS: Key = Key::new(
    "limits.requests",
    "How many requests may be under way; further ones get 429.",
)
.detail("A request whose body does not come at once counts from when the cluster knows who sends it.");
pub(super) const BODIES: Key = Key::new(
    "limits.bodies",
    "How many bytes of claimed requests' bodies are held at once; further requests get 429.",
)
.detail("Judging a job takes a few times the memory of its body. Callers whom the cluster does not know do not count towards it.");
const BODY_TIMEOUT: Key = Key::new(
    "limits.body_timeout",
    "How long the client of a claimed request may pause in its body; with `limits.requests`, of any request, and in taking its answer.",
)
.detail("Then it gets 408, and its connection ends.");
const BODY_RATE: Key = Key::new(
    "limits.body_rate",
    "How many bytes a second such a client has to send, or take, on average once `limits.body_timeout` has passed.",
)
.detail("With `none` as slowly as it likes.");
pub(super) const HEAD: Key = Key::new(
    "limits.head",
    "How many bytes the head of a request may have; longer ones get 431.",
)
.detail("Its line and its fields count.");
pub(super) const HEADS: Key = Key::new(
    "limits.heads",
    "How many bytes of unfinished heads are held at once; beyond that the oldest get 503.",
)
.detail("Their connections end.");
const HEAD_TIMEOUT: Key = Key::new(
    "limits.head_timeout",
    "How long a client may take to send the head of a request, from its first byte on.",
)
.detail("Idle connections stay.");
const HANDSHAKE_TIMEOUT: Key = Key::new(
    "limits.handshake_timeout",
    "How long a client may take to set up TLS, from its connection on.",
);
/// One body of the greatest length, and a few thousand jobs of the usual length beside it. A job takes a few times the memory
/// of its body while it is judged.
const DEFAULT_BODIES: usize = 128 << 20;

/// A packet that is lost several times, and a client that puts its body together while it sends it, pause no longer.
const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// A tenth of what the slowest of networks carry that people work with.
const DEFAULT_BODY_RATE: usize = 1 << 10;

/// Three times what a node reads by default, a line of 4 KiB and fields of 16 KiB (http.md §2.7), for nodes whose
/// own limits are higher.
const DEFAULT_HEAD: usize = 64 << 10;

/// Hundreds of the longest heads, or all the ordinary ones that can be under way at one time.
const DEFAULT_HEADS: usize = 64 << 20;

/// As nginx's and Envoy's users know it from their manuals: a minute is for the slowest of honest clients.
const DEFAULT_HEAD_TIMEOUT: Duration = Duration::from_secs(60);

/// Three lost packets, each sent again after twice as long, and a signature on a slow machine.
const DEFAULT_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the limits.
pub(super) fn limits(keys: &mut Reader<'_>) -> Limits {
    Limits {
        connections: keys.one(CONNECTIONS, CountLimit(None)),
        requests: keys.one(REQUESTS, CountLimit(None)),
        bodies: keys.one(BODIES, SizeLimit(NonZeroUsize::new(DEFAULT_BODIES))),
        body_timeout: keys.one(BODY_TIMEOUT, TimeLimit(Some(DEFAULT_BODY_TIMEOUT))),
        body_rate: keys.one(BODY_RATE, SizeLimit(NonZeroUsize::new(DEFAULT_BODY_RATE))),
        head: keys.one(HEAD, SizeLimit(NonZeroUsize::new(DEFAULT_HEAD))),
        heads: keys.one(HEADS, SizeLimit(NonZeroUsize::new(DEFAULT_HEADS))),
        head_timeout: keys.one(HEAD_TIMEOUT, TimeLimit(Some(DEFAULT_HEAD_TIMEOUT))),
        handshake_timeout: keys.one(HANDSHAKE_TIMEOUT, TimeLimit(Some(DEFAULT_HANDSHAKE_TIMEOUT))),
    }
}
