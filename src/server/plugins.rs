//! The plugins of a gateway, each made once.

use std::sync::Arc;

use super::ServerError;
use crate::config::{Jobs, Updates};
use crate::plugin::Plugin;
use crate::plugin::anomaly_job::AnomalyJobPlugin;
use crate::plugin::anomaly_job::update::UpdateJobPlugin;
use crate::route::Table;
use crate::telemetry::metrics;

/// Every plugin there is.
pub(super) struct Plugins {
    /// Which plugin claims what.
    pub(super) table: Arc<Table>,
    /// The one that knows the jobs that are stored.
    pub(super) jobs: Arc<AnomalyJobPlugin>,
}

impl Plugins {
    /// The plugins that a configuration asks for, one line each.
    pub(super) fn new(config: &Jobs) -> Result<Self, ServerError> {
        let jobs = Arc::new(AnomalyJobPlugin::new(config.index.clone())?);
        let mut plugins: Vec<Arc<dyn Plugin>> = vec![Arc::<AnomalyJobPlugin>::clone(&jobs)];
        if config.updates == Updates::Judge {
            plugins.push(Arc::new(UpdateJobPlugin::new(config.index.clone())?));
        }
        for plugin in &plugins {
            metrics::count_decisions_of(plugin.name());
        }
        let table = Arc::new(Table::new(plugins)?);
        Ok(Self { table, jobs })
    }
}
