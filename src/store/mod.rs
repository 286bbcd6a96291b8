//! Documents that the gateway keeps in the cluster.

pub mod index_name;
