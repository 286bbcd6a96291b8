//! The gateway's own life, from its start to its end.

use std::fmt::Display;

use super::super::event::events;

events! {
    /// The gateway takes clients. `connections` is how many it serves at a time, by `limits.connections` and the limit on open
    /// files.
    INFO "anomaly_gateway::server" "listening"
    Listening<'a> { %address: &'a dyn Display, upstream: &'a str, workers: usize, connections: usize };

    /// The service manager has handed over a socket that listens already, in the place of `listen` or `admin.listen` (`name`).
    /// What the configuration says of that address is not used.
    INFO "anomaly_gateway::server" "a listening socket was handed over"
    SocketHandedOver<'a> { name: &'a str, %address: &'a dyn Display };

    /// The socket in `NOTIFY_SOCKET` does not take messages: the service manager does not know what the gateway does, and may
    /// end it. At most one line a second.
    WARN "anomaly_gateway::server" "the service manager could not be notified"
    ServiceManagerNotNotified<'a> { %error: &'a dyn Display };

    /// A worker thread has not got to its work for `overdue` seconds, half the time that the service manager allows
    /// (`WatchdogSec`), which is not notified for as long as that lasts, and restarts the gateway. At most one line a second.
    /// Report it with the lines before.
    ERROR "anomaly_gateway::server" "a worker thread is stuck"
    WorkerStuck { overdue: f64 } counted by WORKER_OVERDUE;

    /// Policies enforce something of jobs that the cluster keeps, and updates of jobs are not held to it. Set `jobs.updates` to
    /// `judge`.
    WARN "anomaly_gateway::server" "updates of jobs are not judged"
    UpdatesNotJudged<'a> { note: &'a str };

    /// The listener of `admin.listen` takes clients.
    INFO "anomaly_gateway::server" "answering /live, /ready, /log-level, /metrics"
    AdminListening<'a> { %address: &'a dyn Display };

    /// What is logged was changed, by `PUT /log-level` on `admin.listen` (`request`) or by the configuration (`hangup`).
    INFO "anomaly_gateway::server" "the log level was changed"
    LogLevelChanged<'a> { level: &'a str, cause: &'a str };

    /// The gateway was asked to stop. It serves clients for `shutdown.delay`, and `/ready` is 503.
    INFO "anomaly_gateway::server" "stopping: not ready any more"
    NotReady {};

    /// The listener is closed. Running requests have `shutdown.timeout` to end.
    INFO "anomaly_gateway::server" "stopping: no new connections; running requests may end"
    Draining {};

    /// The gateway was asked to stop a second time, and waits no longer.
    WARN "anomaly_gateway::server" "asked to stop again: stopping at once"
    EndingAtOnce {};

    /// Requests have not ended in time; `connections` is how many connections of one worker were closed.
    WARN "anomaly_gateway::server" "requests did not end in time; closing their connections"
    StillBusy { connections: usize } counted by REQUESTS;

    /// The gateway has ended.
    INFO "anomaly_gateway::server" "stopped"
    Stopped {};

    /// A connection was dropped because of a fault of the gateway. Report it with the line.
    ERROR "anomaly_gateway::server" "a connection was dropped: its task panicked"
    ConnectionPanicked<'a> { %error: &'a dyn Display };
}
