//! The plugins: each claims calls and answers them in the cluster's stead.

pub mod anomaly_job;
