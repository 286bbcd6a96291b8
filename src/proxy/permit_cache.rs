//! Callers whom the cluster was found to permit something, or to know at all, remembered for a few seconds with what it
//! said of them, so that one who makes many requests costs the cluster no more than one submission in that time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ring::hmac;
use ring::rand::SystemRandom;

use crate::http::caller::Caller;

/// How many permits are kept at most. A gateway has a few hundred callers; who sends other credentials with each request
/// takes no more memory than this.
const MAX_PERMITS: usize = 10_000;

/// The permits of a gateway, shared by its threads, each with what the cluster said of whoever has it.
pub struct PermitCache<T>(Arc<Permits<T>>);

// Not derived: that would ask it of `T`, too.
impl<T> Clone for PermitCache<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Permits<T> {
    /// Made when the gateway starts. What is kept of credentials can be compared with others and nothing else.
    key: hmac::Key,
    lasts: Duration,
    given: Mutex<HashMap<Digest, Given<T>>>,
}

/// What is kept of an action and of the credentials of whoever may do it.
type Digest = [u8; 32];

struct Given<T> {
    said: T,
    /// When the cluster was asked.
    context: Instant,
}

/// The system gives no random numbers.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the operating system provides no random numbers")]
pub struct NoRandomness;

impl<T: Clone> PermitCache<T> {
    /// An empty cache, of which a permit lasts for so long after the cluster was asked.
    pub fn new(lasts: Duration) -> Result<Self, NoRandomness> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).map_err(|_| NoRandomness)?;
        Ok(Self(Arc::new(Permits {
            key,
            lasts,
            given: Mutex::default(),
        })))
    }

    /// The permit of a caller for an action, asked for now.
    pub(super) fn of(&self, action: &str, caller: &Caller) -> Permit<'_, T> {
        let mut context = hmac::Context::with_key(&self.0.key);
        let mut add = |part: &[u8]| {
            // Its length first, so that no two lists of parts are one text.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        };
        add(action.as_bytes());
        for (name, value) in caller.credentials() {
            add(name.as_str().as_bytes());
            add(value.as_bytes());
        }
        let mut digest = Digest::default();
        for (to, from) in digest.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        Permit {
            permits: &self.0,
            digest,
            context: Instant::now(),
        }
    }
}

/// A caller's permit for one action, given or not.
pub(super) struct Permit<'c, T> {
    permits: &'c Permits<T>,
    digest: Digest,
    context: Instant,
}

impl<T: Clone> Permit<'_, T> {
    /// What was said of whoever has it, if it was given and still lasts.
    pub(super) fn said(&self) -> Option<T> {
        let given = self.permits.given();
        let given = given.get(&self.digest)?;
        self.permits.lasts(given).then(|| given.said.clone())
    }

    /// Remembers that it was given. It lasts from before the cluster was asked.
    pub(super) fn keep(self, said: T) {
        if self.permits.lasts.is_zero() {
            return;
        }
        let mut given = self.permits.given();
        if given.len() >= MAX_PERMITS {
            given.retain(|_, given| self.permits.lasts(given));
        }
        if given.len() >= MAX_PERMITS {
            given.clear(); // Everybody is asked about once more.
        }
        let context = self.context;
        given.insert(self.digest, Given { said, context });
    }
}

impl<T> Permits<T> {
    fn given(&self) -> MutexGuard<'_, HashMap<Digest, Given<T>>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lasts(&self, given: &Given<T>) -> bool {
        given.context.elapsed() < self.lasts
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::*;
    use crate::es::user::User;

    const ACTION: &str = "put";

    fn caller(fields: &[(&'static str, &'static str)]) -> Caller {
        let field = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        Caller::from_headers(&fields.iter().map(field).collect::<HeaderMap>())
    }

    fn ada() -> User {
        User {
            name: "ada".to_owned(),
            ..User::default()
        }
    }

    #[test]
    fn a_permit_is_of_one_action_and_one_set_of_credentials() {
        let cache = PermitCache::new(Duration::from_secs(60)).expect("randomness");
        let known = caller(&[("authorization", "Basic YWRh"), ("x-opaque-id", "1")]);
        assert_eq!(cache.of(ACTION, &known).said(), None);
        cache.of(ACTION, &known).keep(ada());
        assert_eq!(cache.of(ACTION, &known).said(), Some(ada()));
        let same = caller(&[("authorization", "Basic YWRh"), ("x-opaque-id", "2")]);
        assert_eq!(cache.of(ACTION, &same).said(), Some(ada()));
        assert_eq!(cache.of("delete", &known).said(), None);
        for other in [
            caller(&[]),
            caller(&[("authorization", "Basic YWRi")]),
            caller(&[("authorization", "Basic YWRh"), ("es-security-runas-user", "b")]),
            caller(&[("authorization", "Basic YWRh"), ("cookie", "a")]),
            caller(&[("authorizatio", "nBasic YWRh")]),
        ] {
            assert_eq!(cache.of(ACTION, &other).said(), None);
        }
    }

    #[test]
    fn a_permit_ends() {
        let cache = PermitCache::new(Duration::from_millis(1)).expect("randomness");
        let known = caller(&[("authorization", "Basic YWRh")]);
        let permit = cache.of(ACTION, &known);
        while permit.context.elapsed() < Duration::from_millis(1) {
            std::thread::yield_now();
        }
        permit.keep(ada());
        assert_eq!(cache.of(ACTION, &known).said(), None);
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let cache = PermitCache::new(Duration::from_secs(60)).expect("randomness");
        for number in 0..=MAX_PERMITS {
            let credentials = HeaderValue::from_str(&format!("Basic {number}")).expect("a value");
            cache.of(ACTION, &Caller::authorized_by(credentials)).keep(ada());
        }
        assert_eq!(cache.0.given().len(), 1);
    }
}
