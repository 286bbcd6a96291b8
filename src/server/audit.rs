//! The audit trail: decision events are written to an index on a thread of its own, so that nobody waits for it, and what is
//! left when the gateway stops has a while to be written.

mod writer;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use self::writer::Writer;
use super::ServerError;
use crate::cluster::Cluster;
use crate::config;
use crate::proxy::AuditTrail;
use crate::telemetry::events::audit::{AuditLeftOut, AuditUnfinished, dropped};
use crate::telemetry::outcome::AuditDrop;
use crate::upstream::{Nodes, OwnCalls};

/// How often it is logged how many events were left out.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// How long what is left may take to be written when the gateway stops.
const LAST_EVENTS: Duration = Duration::from_secs(5);

/// An audit trail at work.
pub(super) struct Audit {
    pub(super) trail: AuditTrail,
    /// Is closed when the thread that writes has ended.
    ended: Receiver<()>,
}

/// Begins to write to the index of the configuration, if it names one, by calls that nobody else makes: their connections are
/// those of the thread that writes.
pub(super) fn start(config: &config::Audit, nodes: &Arc<Nodes>, calls: OwnCalls) -> Result<Option<Audit>, ServerError> {
    let Some(index) = config.index.clone() else {
        return Ok(None);
    };
    let trail = AuditTrail::holding(config.queue.0);
    let cluster = Cluster::new(Arc::clone(nodes), calls);
    let writer = Writer::new(trail.clone(), index, cluster, config.authorization.clone());
    let writer = writer.map_err(|error| ServerError::Start(error.into()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ServerError::Start)?;
    let (end, ended) = sync_channel(1);
    let reported = trail.clone();
    let write = move || {
        runtime.block_on(async {
            tokio::select! {
                () = writer.keep() => {}
                () = report(&reported) => {}
            }
        });
        drop(end);
    };
    let thread = thread::Builder::new().name("audit".to_owned());
    thread.spawn(write).map_err(ServerError::Start)?;
    Ok(Some(Audit { trail, ended }))
}

impl Audit {
    /// Takes nothing more, and waits until what was handed over is written, if that does not take too long.
    pub(super) fn finish(self) {
        self.trail.close();
        // It ends by itself when all is written.
        let _ = self.ended.recv_timeout(LAST_EVENTS);
        tell_left_out(&self.trail);
        let events = self.trail.waiting();
        if events > 0 {
            dropped(AuditDrop::Stopped, u64::try_from(events).unwrap_or(u64::MAX));
            AuditUnfinished { events }.log();
        }
    }
}

/// Logs for ever how many events were left out.
async fn report(trail: &AuditTrail) {
    let mut ticks = interval(REPORT_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        tell_left_out(trail);
    }
}

fn tell_left_out(trail: &AuditTrail) {
    if let events @ 1.. = trail.take_unsaid() {
        AuditLeftOut { events }.log();
    }
}
