//! The plugins and services of a gateway, each made once.

use std::sync::Arc;

use super::ServerError;
use crate::config::{Jobs, Serve, UpdateTurns, Updates};
use crate::plugin::anomaly_job::update::UpdateJobPlugin;
use crate::plugin::anomaly_job::{self, AnomalyJobPlugin, TakesTurns};
use crate::plugin::{Plugin, Service};
use crate::route::Table;
use crate::telemetry::metrics;

/// Every plugin and service there is.
pub(super) struct Plugins {
    /// Who claims what.
    pub(super) table: Arc<Table>,
    /// The one that knows the jobs that are stored.
    pub(super) jobs: Arc<AnomalyJobPlugin>,
    /// The one whose requests can be tried out by those who run the gateway.
    pub(super) tried: Arc<dyn Plugin>,
}

impl Plugins {
    /// The plugins and services that a configuration asks for, one line each.
    pub(super) fn new(config: &Jobs) -> Result<Self, ServerError> {
        let Jobs {
            index,
            serve,
            updates,
            update_turns,
            ..
        } = config;
        let turns = match (updates, update_turns) {
            (Updates::Forward, _) => TakesTurns::No,
            (Updates::Judge, UpdateTurns::Gateway) => TakesTurns::InGateway,
            (Updates::Judge, UpdateTurns::Cluster) => TakesTurns::InCluster,
        };
        let jobs = Arc::new(AnomalyJobPlugin::new(index.clone())?.taking_turns(turns));
        let mut plugins: Vec<Arc<dyn Plugin>> = vec![Arc::<AnomalyJobPlugin>::clone(&jobs)];
        let mut services: Vec<Arc<dyn Service>> = Vec::new();
        match (serve, updates) {
            (_, Updates::Judge) => plugins.push(Arc::new(UpdateJobPlugin::new(index.clone())?.taking_turns(turns))),
            (Serve::All, Updates::Forward) => {
                plugins.push(Arc::new(UpdateJobPlugin::new(index.clone())?.whatever_policies_say()));
            }
            (Serve::Create, Updates::Forward) => {}
        }
        if *serve == Serve::All {
            services.extend(anomaly_job::serve::services(index)?);
        }
        for plugin in &plugins {
            metrics::count_decisions_of(plugin.name());
        }
        let table = Arc::new(Table::with_services(plugins, services)?);
        let tried = Arc::<AnomalyJobPlugin>::clone(&jobs);
        Ok(Self { table, jobs, tried })
    }
}
