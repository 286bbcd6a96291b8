//! The service manager, systemd or another one that gives the process a `NOTIFY_SOCKET` (`sd_notify(3)`): it is notified of what
//! the gateway does, and, where it watches (`WATCHDOG_USEC`), of each moment in which no worker is stuck.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};

use crate::telemetry::events::life::{ServiceManagerNotNotified, WorkerStuck};
use crate::telemetry::sampler::Sampler;
use crate::telemetry::traffic::Traffic;

/// The gateway serves, from its start or after a reload.
pub(super) fn serving() {
    notify(&[NotifyState::Ready]);
}

/// The configuration is read again; [`serving`] follows. The time tells this reload from an earlier one.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => ServiceManagerNotNotified { error: &error }.log(),
    }
}

/// The gateway was asked to stop.
pub(super) fn stopping() {
    notify(&[NotifyState::Stopping]);
}

/// Notifies a service manager that watches, for ever, but not while a worker is stuck.
///
/// A worker that is not stuck for half the time has no consequence, and one that stays stuck is found out within the time: so it
/// is looked four times as often as the manager does.
pub(super) async fn keep_watchdog(traffic: Traffic) {
    static SAMPLER: Sampler = Sampler::new();
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let mut ticks = interval((limit / 4).max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match stuck_for(&traffic, limit) {
            None => notify(&[NotifyState::Watchdog]),
            Some(overdue) if SAMPLER.take().is_some() => {
                let overdue = overdue.as_secs_f64();
                WorkerStuck { overdue }.log();
            }
            Some(_) => {}
        }
    }
}

/// For how long a worker has been stuck, if one has been for half of this time.
fn stuck_for(traffic: &Traffic, limit: Duration) -> Option<Duration> {
    let overdue = traffic.longest_overdue();
    (overdue >= limit / 2).then_some(overdue)
}

fn notify(states: &[NotifyState<'_>]) {
    static SAMPLER: Sampler = Sampler::new();
    if let Err(error) = sd_notify::notify(states)
        && SAMPLER.take().is_some()
    {
        ServiceManagerNotNotified { error: &error }.log();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Instant;

    use super::*;

    fn eventually(is_stuck: bool, traffic: &Traffic, limit: Duration) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while stuck_for(traffic, limit).is_some() != is_stuck {
            assert!(Instant::now() < deadline, "stuck: {} for a minute", !is_stuck);
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn the_watchdog_is_not_notified_while_one_of_two_workers_is_stuck() {
        let limit = Duration::from_secs(1);
        let traffic = Traffic::new([], None);
        let (well, held_up) = (traffic.counters(), traffic.counters());
        assert_eq!(stuck_for(&traffic, limit), None, "neither has begun");
        let _well = well.on_this_thread();
        let (let_go, wait) = mpsc::channel::<()>();
        let worker = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            let traffic = held_up.on_this_thread();
            let work = async {
                tokio::task::yield_now().await;
                // The timer of its pulse has been set, and nothing else runs on this thread.
                let _ = wait.recv();
                tokio::time::sleep(Duration::from_secs(1)).await;
            };
            runtime.expect("a runtime").block_on(async {
                tokio::select! {
                    biased;
                    () = traffic.measure_lag() => {}
                    () = work => {}
                }
            });
        });
        eventually(true, &traffic, limit);
        let_go.send(()).expect("it waits");
        eventually(false, &traffic, limit);
        worker.join().expect("it does not panic");
    }
}
