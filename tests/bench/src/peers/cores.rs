//! Which cores a run uses: those of the proxy, that of the upstream, and that of the load.

use std::fmt;

/// The cores of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cores {
    /// One for each worker of the proxy, as far as there are enough.
    pub proxy: Vec<usize>,
    /// The upstream's.
    pub upstream: usize,
    /// The load's.
    pub load: usize,
}

impl Cores {
    /// Shares these cores out: the first ones to the proxy, the last one to the load, and the one before that to the
    /// upstream, which has to share where there are too few. None if there is not a single one.
    #[must_use]
    pub fn share(allowed: &[usize], workers: usize) -> Option<Self> {
        let proxy: Vec<usize> = allowed.iter().copied().take(workers.max(1)).collect();
        let load = *allowed.last()?;
        let before = allowed.iter().rev().nth(1).filter(|core| !proxy.contains(core));
        Some(Self {
            proxy,
            upstream: *before.unwrap_or(&load),
            load,
        })
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proxy = self.proxy.iter().map(ToString::to_string).collect::<Vec<_>>();
        write!(
            f,
            "the proxy on {}, the upstream on {}, the load on {}",
            proxy.join(" and "),
            self.upstream,
            self.load
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(cores: usize, workers: usize) -> (Vec<usize>, usize, usize) {
        let allowed: Vec<usize> = (0..cores).collect();
        let shared = Cores::share(&allowed, workers).expect("cores");
        (shared.proxy, shared.upstream, shared.load)
    }

    #[test]
    fn a_proxy_has_cores_of_its_own_where_there_are_enough() {
        assert_eq!(shared(2, 1), (vec![0], 1, 1));
        assert_eq!(shared(3, 1), (vec![0], 1, 2));
        assert_eq!(shared(4, 2), (vec![0, 1], 2, 3));
        assert_eq!(shared(3, 2), (vec![0, 1], 2, 2));
        assert_eq!(shared(2, 2), (vec![0, 1], 1, 1));
        assert_eq!(shared(1, 1), (vec![0], 0, 0));
        assert_eq!(Cores::share(&[], 1), None);
    }

    #[test]
    fn cores_are_those_that_may_be_used() {
        let shared = Cores::share(&[3, 5, 9], 1).expect("cores");
        assert_eq!(shared.to_string(), "the proxy on 3, the upstream on 5, the load on 9");
    }
}
