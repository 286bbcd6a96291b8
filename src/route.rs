//! Which requests a plugin claims, decided on the bytes that would go upstream (http.md §1.2).

use std::sync::Arc;

use http::Method;

use crate::es::version::Version;
use crate::http::target::Target;
use crate::plugin::{Plugin, Route, Service, Tail};

/// Who claims a request.
#[derive(Clone, Copy)]
pub enum Claimant<'t> {
    /// A plugin, which judges it.
    Plugin(&'t Arc<dyn Plugin>),
    /// A service, which answers it.
    Service(&'t Arc<dyn Service>),
}

impl Claimant<'_> {
    /// A stable name for metrics and logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Plugin(plugin) => plugin.name(),
            Self::Service(service) => service.profile().name,
        }
    }

    fn routes(&self) -> &'static [Route] {
        match self {
            Self::Plugin(plugin) => plugin.routes(),
            Self::Service(service) => service.profile().routes,
        }
    }
}

/// A request that a plugin or a service claims.
#[derive(Clone, Copy)]
pub struct Claim<'t> {
    /// Who claims it.
    pub claimant: Claimant<'t>,
    /// By which of its routes.
    pub route: &'t Route,
    /// The variable segment as sent, still percent-encoded.
    pub raw_id: &'t str,
}

/// A request that a plugin claims.
#[derive(Clone, Copy)]
pub struct PluginClaim<'t> {
    /// The plugin.
    pub plugin: &'t Arc<dyn Plugin>,
    /// The variable segment as sent, still percent-encoded.
    pub raw_id: &'t str,
}

impl Claim<'_> {
    /// Whether Elasticsearch of this version serves the route to a request that asks for version `compatible_with` of the
    /// REST API. A route that it does not serve is answered as one that it does not know: whether a request is judged never
    /// depends on a version, which is believed, or on a field, which a client chooses.
    #[must_use]
    pub fn is_served(&self, api: Version, compatible_with: Option<u16>) -> bool {
        let Some(deprecation) = self.route.deprecation else {
            return true;
        };
        if api < deprecation.compatible_only_since {
            return true;
        }
        let before = deprecation.compatible_only_since.major - 1;
        api < deprecation.removed_in && compatible_with == Some(before)
    }
}

/// Two plugins or services claim one route, so that it would depend on their order who answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the plugins {first} and {second} both claim {method} {prefix}{tail}")]
pub struct RouteConflict {
    first: &'static str,
    second: &'static str,
    method: &'static str,
    prefix: &'static str,
    tail: Tail,
}

/// Every route of every plugin and service.
pub struct Table {
    plugins: Vec<Arc<dyn Plugin>>,
    services: Vec<Arc<dyn Service>>,
}

impl Table {
    /// The table of these plugins.
    pub fn new(plugins: Vec<Arc<dyn Plugin>>) -> Result<Self, RouteConflict> {
        Self::with_services(plugins, Vec::new())
    }

    /// The table of these plugins and services.
    pub fn with_services(
        plugins: Vec<Arc<dyn Plugin>>,
        services: Vec<Arc<dyn Service>>,
    ) -> Result<Self, RouteConflict> {
        let table = Self { plugins, services };
        let mut claimed: Vec<(&'static str, &Route)> = Vec::new();
        for claimant in table.claimants() {
            for route in claimant.routes() {
                let shape = |route: &Route| (route.method, route.prefix, route.tail);
                let same = |(_, other): &&(_, &Route)| shape(other) == shape(route);
                if let Some((first, _)) = claimed.iter().find(same) {
                    return Err(RouteConflict {
                        first,
                        second: claimant.name(),
                        method: route.method,
                        prefix: route.prefix,
                        tail: route.tail,
                    });
                }
                claimed.push((claimant.name(), route));
            }
        }
        Ok(table)
    }

    fn claimants(&self) -> impl Iterator<Item = Claimant<'_>> {
        let plugins = self.plugins.iter().map(Claimant::Plugin);
        plugins.chain(self.services.iter().map(Claimant::Service))
    }

    /// Who claims a request, if anybody does.
    #[must_use]
    pub fn claim<'t>(&'t self, method: &Method, target: &'t Target) -> Option<Claim<'t>> {
        self.claim_path(method, target.path())
    }

    /// Who claims a request for this path, in the bytes that would be sent on, if anybody does.
    #[must_use]
    pub fn claim_path<'t>(&'t self, method: &Method, path: &'t str) -> Option<Claim<'t>> {
        self.claimants().find_map(|claimant| {
            claimant.routes().iter().find_map(|route| {
                let raw_id = route.variable_segment(method, path)?;
                Some(Claim {
                    claimant,
                    route,
                    raw_id,
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::anomaly_job::AnomalyJobPlugin;
    use crate::store::IndexName;

    #[test]
    fn a_route_has_one_plugin() {
        let plugin = || -> Arc<dyn Plugin> { Arc::new(AnomalyJobPlugin::new(IndexName::default()).expect("a plugin")) };
        assert!(Table::new(vec![plugin()]).is_ok());
        let conflict = Table::new(vec![plugin(), plugin()]).err().expect("a conflict");
        assert_eq!(
            conflict.to_string(),
            "the plugins anomaly_job and anomaly_job both claim PUT _ml/anomaly_detectors/{}"
        );
    }
}
