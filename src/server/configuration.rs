//! The configuration of a running gateway, read again on SIGHUP: what can change while it runs is changed, and what cannot is
//! named.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::{ServerError, log_level, service_manager};
use crate::config::{Config, Policies, Problems, Values};
use crate::telemetry::events::files::{ConfigurationInUse, ConfigurationRefused, RestartNeeded};
use crate::telemetry::log_control::LogControl;

/// What the names of keys begin with whose values can change while the gateway runs.
const CHANGEABLE: [&str; 2] = ["log.level", "policies."];

/// Reads the configuration again, but for the policies, which have a keeper of their own.
pub type ReadAgain = Box<dyn Fn() -> Result<(Config, Values), Problems>>;

/// What was read, and how it is read again.
pub struct Configured {
    /// The configuration.
    pub config: Config,
    /// The value of each key.
    pub values: Values,
    /// Reads it again.
    pub read_again: ReadAgain,
}

/// What holds, and whether the file says so.
#[derive(Debug, Clone, Default)]
pub(super) struct ConfigurationState {
    difference: Arc<Mutex<Difference>>,
    values: Arc<Mutex<Values>>,
}

/// In what the file and the running gateway differ.
#[derive(Debug, Clone, Default)]
pub(super) struct Difference {
    /// Why the file cannot be used, if it cannot.
    pub(super) fault: Option<String>,
    /// The keys whose new values need a restart.
    pub(super) needs_restart: Vec<&'static str>,
}

impl ConfigurationState {
    /// These values hold.
    pub(super) fn of(values: Values) -> Self {
        Self {
            difference: Arc::default(),
            values: Arc::new(Mutex::new(values)),
        }
    }

    /// The differences of now.
    pub(super) fn get(&self) -> Difference {
        self.difference.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The values that hold, as they were read.
    pub(super) fn values(&self) -> Values {
        self.values.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes from what was read again what can change; names that, and what needs a restart.
    fn take_over(&self, read: &Values) -> [Vec<&'static str>; 2] {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let is_changeable = |key: &&'static str| CHANGEABLE.iter().any(|beginning| key.starts_with(beginning));
        let (changed, needs_restart): (Vec<_>, Vec<_>) = values.changed(read).into_iter().partition(is_changeable);
        values.take_over(&changed, read);
        [changed, needs_restart]
    }

    /// Whether there are any.
    pub(super) fn is_outdated(&self) -> bool {
        let Difference { fault, needs_restart } = self.get();
        fault.is_some() || !needs_restart.is_empty()
    }

    fn change(&self, change: impl FnOnce(&mut Difference)) {
        change(&mut self.difference.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Keeps the gateway in step with its configuration.
pub(super) struct ConfigurationKeeper {
    hangup: Signal,
    read_again: ReadAgain,
    log: LogControl,
    policies: watch::Sender<Policies>,
    state: ConfigurationState,
}

impl ConfigurationKeeper {
    /// Of the values that hold. Whoever keeps the policies hears of each SIGHUP, and of where they are found then.
    pub(super) fn new(
        read_again: ReadAgain,
        policies: Policies,
        log: LogControl,
        state: ConfigurationState,
    ) -> Result<(Self, watch::Receiver<Policies>), ServerError> {
        let (policies, changes) = watch::channel(policies);
        let keeper = Self {
            hangup: signal(SignalKind::hangup()).map_err(ServerError::Start)?,
            read_again,
            log,
            policies,
            state,
        };
        Ok((keeper, changes))
    }

    /// Does so for ever.
    pub(super) async fn keep(mut self) {
        while self.hangup.recv().await.is_some() {
            service_manager::reloading();
            match (self.read_again)() {
                Ok((config, values)) => self.put_into_use(config, &values),
                Err(problems) => {
                    let error = problems.render(false).trim().to_owned();
                    // Whoever has read the line finds it in `/ready`.
                    self.state.change(|difference| difference.fault = Some(error.clone()));
                    ConfigurationRefused { error: &error }.emit();
                    // Their files may have changed all the same.
                    self.policies.send_modify(|_| ());
                }
            }
            service_manager::serving();
        }
    }

    fn put_into_use(&mut self, config: Config, values: &Values) {
        let [changed, needs_restart] = self.state.take_over(values);
        let keys = needs_restart.join(", ");
        self.state.change(|difference| {
            *difference = Difference {
                fault: None,
                needs_restart,
            };
        });
        ConfigurationInUse {
            changed: &changed.join(", "),
        }
        .emit();
        if !keys.is_empty() {
            RestartNeeded { keys: &keys }.log();
        }
        let level = &config.log.level;
        if self.log.level() != *level {
            // It was read, so that it can be set.
            let _ = log_level::set(&self.log, level, "hangup");
        }
        self.policies.send_replace(config.policies);
    }
}
