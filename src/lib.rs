//! anomaly-gateway: a policy gateway in front of Elasticsearch and OpenSearch.
//!
//! It claims one call, create anomaly detection job, and forwards everything else unchanged. The rooms are listed
//! from the bottom layer to the top; a file uses its own layer and those below it.

pub mod es;
pub mod http;
pub mod telemetry;
pub mod tls;

pub mod admission;
pub mod guard;
pub mod upstream;

pub mod cluster;

pub mod store;

pub mod plugin;

pub mod route;

pub mod proxy;

pub mod config;

pub mod server;

pub mod cli;
