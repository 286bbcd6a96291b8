//! Which callers the cluster has known a moment ago, so that it need not be asked before each of their requests.
//!
//! This opens nothing but a place among the requests under way: whatever a caller may do is asked of the cluster itself.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

use crate::es::caller::Caller;

/// How long a caller is taken for known.
const REMEMBERED_FOR: Duration = Duration::from_secs(10);

/// How many callers are remembered. Beyond that those are forgotten first whom the cluster has been asked about too long
/// ago, then all.
const MAX_REMEMBERED: usize = 4096;

/// The callers of one worker. Kept is a hash under a key that nobody knows, never what they log in with.
#[derive(Debug, Default)]
pub struct KnownCallers {
    seen: RefCell<HashMap<u64, Instant>>,
    hashing: RandomState,
}

impl KnownCallers {
    /// Whether the cluster has known this caller a moment ago.
    pub(super) fn knows(&self, caller: &Caller) -> bool {
        let seen = self.seen.borrow();
        let since = seen.get(&self.hash(caller));
        since.is_some_and(|since| since.elapsed() < REMEMBERED_FOR)
    }

    /// The cluster knows this caller.
    pub(super) fn remember(&self, caller: &Caller) {
        let mut seen = self.seen.borrow_mut();
        if seen.len() >= MAX_REMEMBERED {
            seen.retain(|_, since| since.elapsed() < REMEMBERED_FOR);
        }
        if seen.len() >= MAX_REMEMBERED {
            seen.clear();
        }
        seen.insert(self.hash(caller), Instant::now());
    }

    fn hash(&self, caller: &Caller) -> u64 {
        let mut hasher = self.hashing.build_hasher();
        for (name, value) in caller.credentials() {
            for text in [name.as_str().as_bytes(), value.as_bytes()] {
                hasher.write_usize(text.len());
                hasher.write(text);
            }
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    fn caller(fields: &[(&'static str, &str)]) -> Caller {
        let fields = fields.iter().map(|(name, value)| {
            let value = HeaderValue::from_str(value).expect("a value");
            (HeaderName::from_static(name), value)
        });
        Caller::from_headers(&fields.collect::<HeaderMap>())
    }

    #[test]
    fn who_asks_is_known_by_what_they_log_in_with() {
        let known = KnownCallers::default();
        let alice = caller(&[("authorization", "Basic eA=="), ("x-opaque-id", "1")]);
        assert!(!known.knows(&alice));
        known.remember(&alice);
        assert!(known.knows(&caller(&[("authorization", "Basic eA=="), ("x-opaque-id", "2")])));
        for other in [
            caller(&[]),
            caller(&[("authorization", "Basic eQ==")]),
            caller(&[("authorization", "Basic eA=="), ("es-security-runas-user", "bob")]),
            caller(&[("es-secondary-authorization", "Basic eA==")]),
        ] {
            assert!(!known.knows(&other), "{other:?}");
        }
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered() {
        let known = KnownCallers::default();
        for number in 0..=MAX_REMEMBERED {
            known.remember(&caller(&[("authorization", &number.to_string())]));
        }
        assert_eq!(known.seen.borrow().len(), 1);
    }
}
