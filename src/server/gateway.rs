//! The gateway as a whole: built from its configuration, run until it is told to stop, and led to its end.
//!
//! One thread a core, each with a runtime, a listener and connections of its own: on the forward path nothing is shared, so
//! nothing is locked. The thread that builds the gateway looks after the workers: it waits for signals, probes nodes, and
//! reads again what has changed.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::account::AccessParts;
use super::accounting::Accounting;
use super::admin::Shown;
use super::audit::{self, Audit};
use super::budgets::Budgets;
use super::certificates::Certificates;
use super::configuration::{ConfigurationKeeper, ConfigurationState, Configured};
use super::handed_sockets::HandedSockets;
use super::handshake::Handshake;
use super::phase::{self, Phase, PhaseSetter};
use super::plugins::Plugins;
use super::policies::{PolicyKeeper, PolicyState};
use super::reload::Trigger;
use super::scan::{self, ScanState, Scanner};
use super::signals::Signals;
use super::stored_jobs::StoredJobs;
use super::try_out::TryOut;
use super::worker_threads::{self, MadeBefore, Workers};
use super::{ServerError, admin_listener, index_names, product, service_manager};
use crate::cluster::Cluster;
use crate::cluster::identity::IdentityCache;
use crate::config::{Config, Shutdown, Upstream};
use crate::proxy::{Decisions, LostRecords};
use crate::telemetry::Telemetry;
use crate::telemetry::events::life::{Draining, EndingAtOnce, NotReady, Stopped};
use crate::telemetry::turned_away;
use crate::upstream::{Connector, Nodes, OwnCalls, ProbeMode, health};

/// How often it is logged how many clients were turned away.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// A gateway that serves.
pub(super) struct Gateway {
    runtime: Runtime,
    signals: Signals,
    shutdown: Shutdown,
    phase: PhaseSetter,
    workers: Workers,
    /// What goes on beside the workers, for as long as the gateway runs.
    upkeep: Pin<Box<dyn Future<Output = ()>>>,
    accounting: Accounting,
    audit: Option<Audit>,
}

impl Gateway {
    /// Builds a gateway, which serves from then on.
    pub(super) fn build(configured: Configured, telemetry: Telemetry) -> Result<Self, ServerError> {
        let (config, handed) = HandedSockets::take(configured.config)?;
        let runtime = own_runtime().map_err(ServerError::Start)?;
        // Signals and timers need a runtime to be in.
        let entered = runtime.enter();

        // The cluster, and how it is connected to.
        let probing = config.upstream.probing.clone();
        let nodes = nodes_of(&config.upstream);
        let certificates = Certificates::load(&config)?;
        let connector = Connector::new(certificates.to_nodes, config.upstream.connect_timeout.0)
            .naming(config.upstream.host.clone());
        let idle_timeout = config.upstream.idle_timeout.0;
        let calls = OwnCalls::new(connector.clone(), idle_timeout);
        let cluster = || Cluster::new(Arc::clone(&nodes), calls.clone());

        let plugins = Plugins::new(&config.jobs)?;
        let identities = Arc::<IdentityCache>::default();

        // What is shown of the gateway.
        let (setter, phase) = phase::serving();
        let lost_records = LostRecords::default();
        let (decisions, audit) = decisions(&config, &nodes, OwnCalls::new(connector.clone(), idle_timeout))?;
        let policy_state = PolicyState::default();
        let configuration_state = ConfigurationState::of(configured.values);
        let log = telemetry.log.clone();
        let accounting = Accounting::start(&config, &nodes)?;
        let budgets = Budgets::of(&config.limits);
        let scan_state = config.jobs.scan.0.map(ScanState::every);
        if let Some(address) = config.admin.listen.0 {
            let judged_by = (&identities, &policy_state, &budgets.bodies);
            let shown = Shown {
                nodes: Arc::clone(&nodes),
                phase: phase.clone(),
                requirement: config.ready,
                faults: certificates.faults,
                expiries: certificates.expiries,
                lost_records: lost_records.clone(),
                decisions: decisions.clone(),
                policies: policy_state.clone(),
                configuration: configuration_state.clone(),
                scan: scan_state.clone(),
                telemetry,
                traffic: accounting.traffic.clone(),
                budgets: budgets.clone(),
                try_out: TryOut::of(plugins.tried, config.jobs.api, judged_by),
            };
            admin_listener::start((address, handed.admin, config.reuse_port), shown, phase.clone())?;
        }

        // What is read again, and who says when.
        let signals = Signals::listen().map_err(ServerError::Start)?;
        let reopening = accounting.reopening()?;
        let certificate_trigger = Trigger::new(certificates.keeper.files()).map_err(ServerError::Start)?;
        let stored_jobs = || StoredJobs::of(&config, Arc::clone(&plugins.jobs), cluster());
        let (configuration_keeper, changes) =
            ConfigurationKeeper::new(configured.read_again, config.policies.clone(), log, configuration_state)?;
        let (policy_keeper, policies) =
            PolicyKeeper::new(config.policies.clone(), changes.clone(), stored_jobs(), policy_state);
        let policy_trigger = policy_keeper.trigger();
        let scanner = scan_state.map(|state| Scanner::new(stored_jobs(), (&policies, changes), state));
        scan::start(scanner, phase.clone())?;

        // Who may do what.
        let account = certificates.account;
        let protecting = index_names::protect(&config, account.clone(), cluster());
        let (name_keeper, protection) = runtime.block_on(protecting).unzip();
        runtime.block_on(product::check(&config, account.as_ref(), &cluster()))?;
        let access = AccessParts::new(account, &config.access)?;
        runtime.block_on(access.check(&nodes, &connector, idle_timeout))?;

        let shutdown = config.shutdown.clone();
        let made = MadeBefore {
            handed: handed.listen,
            table: plugins.table,
            identities,
            nodes: Arc::clone(&nodes),
            connector: connector.clone(),
            handshake: Handshake::of(certificates.to_clients, &config.limits),
            access,
            phase,
            lost_records,
            decisions,
            policies,
            protection,
            budgets,
            traffic: accounting.traffic.clone(),
        };
        let workers = worker_threads::start(config, made)?;
        let upkeep = Box::pin(async move {
            tokio::join!(
                health::watch(nodes, connector, calls, probing),
                certificates.keeper.keep(certificate_trigger),
                configuration_keeper.keep(),
                policy_keeper.keep(policy_trigger),
                index_names::keep(name_keeper),
                reopening.keep(),
                report_turned_away(),
            );
            std::future::pending::<()>().await;
        });
        drop(entered);
        Ok(Self {
            runtime,
            signals,
            shutdown,
            phase: setter,
            workers,
            upkeep,
            accounting,
            audit,
        })
    }

    /// Runs until it is told to stop, and ends.
    pub(super) fn run(mut self) -> Result<(), ServerError> {
        service_manager::serving();
        let watchdog = service_manager::keep_watchdog(self.accounting.traffic.clone());
        self.runtime.block_on(async {
            tokio::select! {
                () = live(&mut self.signals, &self.shutdown, &self.phase, &mut self.workers.ended) => {}
                () = self.upkeep => {}
                () = watchdog => {}
            }
        });
        // A name that is still being looked up, which nothing can end, does not hold up the end.
        self.runtime.shutdown_background();
        for worker in self.workers.threads {
            worker.join().map_err(|_| ServerError::WorkerPanicked)??;
        }
        turned_away::report();
        if let Some(audit) = self.audit {
            audit.finish();
        }
        self.accounting.finish();
        Stopped {}.log();
        Ok(())
    }
}

/// What keeps decisions, for those who ask and for the audit trail, and what writes that trail by these calls, if anything does.
fn decisions(config: &Config, nodes: &Arc<Nodes>, calls: OwnCalls) -> Result<(Decisions, Option<Audit>), ServerError> {
    let audit = audit::start(&config.audit, nodes, calls)?;
    let trail = audit.as_ref().map(|audit| audit.trail.clone());
    // Nobody could ask for any without the listener.
    let kept = config.admin.listen.0.map_or(0, |_| config.admin.decisions.0);
    let decisions = Decisions::keeping(kept, config.jobs.decision_id.0, trail)?;
    Ok((decisions, audit))
}

/// The runtime of what goes on beside the workers, on the thread that the gateway was started on.
fn own_runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// The nodes, of which nothing is known yet.
fn nodes_of(upstream: &Upstream) -> Arc<Nodes> {
    let probing = &upstream.probing;
    // What no probe finds out, requests have to.
    let retry_after = (probing.mode == ProbeMode::Off).then_some(probing.interval);
    Nodes::new(upstream.nodes.clone(), retry_after)
}

/// Logs for ever how many clients were turned away.
async fn report_turned_away() {
    let mut ticks = interval(REPORT_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        turned_away::report();
    }
}

/// Waits to be told to stop, then leads the workers to their end: a second signal makes each wait short.
async fn live(
    signals: &mut Signals,
    shutdown: &Shutdown,
    phase: &PhaseSetter,
    ended: &mut mpsc::UnboundedReceiver<()>,
) {
    tokio::select! {
        () = signals.next() => {
            NotReady {}.log();
            service_manager::stopping();
            phase.enter(Phase::Leaving);
            tokio::select! {
                () = sleep(shutdown.delay.0) => {}
                () = signals.next() => {}
            }
        }
        // One that cannot go on has ended by itself.
        _ = ended.recv() => {}
    }
    Draining {}.log();
    phase.enter(Phase::Draining);
    let drained = async { while ended.recv().await.is_some() {} };
    tokio::select! {
        _ = timeout(shutdown.timeout.0, drained) => {}
        () = signals.next() => EndingAtOnce {}.log(),
    }
    phase.enter(Phase::Ending);
}
