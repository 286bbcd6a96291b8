//! Benchmarks of the gateway; see `benches/`.
