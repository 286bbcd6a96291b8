//! When the gateway's own certificates expire, and who is warned of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::telemetry::events::files::{CertificateExpired, CertificateExpires, ExpiredCertificateUsed};

/// How often it is said again.
const REMINDER: Duration = Duration::from_secs(24 * 60 * 60);

/// How valid a certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validity {
    /// For longer than the operator wants to be warned before.
    Valid,
    /// Still, but not for long.
    Expiring,
    /// No more.
    Expired,
}

impl Validity {
    /// Its name in `/ready`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
        }
    }
}

/// A certificate in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expiry {
    /// When it expires, or the first of its chain does, in seconds since 1970.
    pub(super) not_after: u64,
    /// How valid it is now.
    pub(super) validity: Validity,
}

/// When the certificate of each side expires.
#[derive(Debug, Clone)]
pub(super) struct Expiries {
    sides: Arc<Mutex<BTreeMap<&'static str, u64>>>,
    warn_before: Duration,
}

impl Expiries {
    /// With this time to be warned before.
    pub(super) fn new(warn_before: Duration) -> Self {
        let sides = Arc::default();
        Self { sides, warn_before }
    }

    /// Each side that has a certificate.
    pub(super) fn list(&self) -> Vec<(&'static str, Expiry)> {
        let now = SystemTime::now();
        let sides = self.sides.lock().unwrap_or_else(PoisonError::into_inner);
        let expiry = |not_after: u64| Expiry {
            not_after,
            validity: self.validity(not_after, now),
        };
        sides
            .iter()
            .map(|(side, not_after)| (*side, expiry(*not_after)))
            .collect()
    }

    /// Whether the certificate of a side is there and has expired.
    pub(super) fn is_expired(&self, side: &str) -> bool {
        let mut sides = self.list().into_iter();
        sides.any(|(other, expiry)| other == side && expiry.validity == Validity::Expired)
    }

    /// Notes when the certificate of a side expires, whose files were just read.
    pub(super) fn note(&self, side: &'static str, not_after: Option<u64>) {
        let mut sides = self.sides.lock().unwrap_or_else(PoisonError::into_inner);
        match not_after {
            Some(seconds) => sides.insert(side, seconds),
            None => sides.remove(side),
        };
    }

    fn validity(&self, not_after: u64, now: SystemTime) -> Validity {
        let end = UNIX_EPOCH.checked_add(Duration::from_secs(not_after));
        // What is further off than the system can count is far off.
        let left = end.map_or(Ok(Duration::MAX), |end| end.duration_since(now));
        match left {
            Err(_) => Validity::Expired,
            Ok(left) if left <= self.warn_before => Validity::Expiring,
            Ok(_) => Validity::Valid,
        }
    }
}

/// Who says so: once when it begins, and once a day from then on.
#[derive(Debug, Default)]
pub(super) struct ExpiryWarnings {
    told: BTreeMap<&'static str, (Expiry, SystemTime)>,
}

impl ExpiryWarnings {
    /// Says what is to be said now.
    pub(super) fn review(&mut self, expiries: &Expiries) {
        let now = SystemTime::now();
        for (side, expiry) in expiries.list() {
            let is_due = match self.told.get(side) {
                Some((told, when)) => *told != expiry || now.duration_since(*when).is_ok_and(|since| since >= REMINDER),
                None => true,
            };
            if !is_due {
                continue;
            }
            let is_first = self.told.insert(side, (expiry, now)).is_none();
            let end = UNIX_EPOCH + Duration::from_secs(expiry.not_after);
            let not_after = &humantime::format_rfc3339_seconds(end);
            match expiry.validity {
                Validity::Valid => {}
                Validity::Expiring => {
                    let left = end.duration_since(now).unwrap_or_default();
                    let left = &humantime::format_duration(Duration::from_secs(left.as_secs()));
                    CertificateExpires { side, not_after, left }.log();
                }
                Validity::Expired if is_first => ExpiredCertificateUsed { side, not_after }.log(),
                Validity::Expired => CertificateExpired { side, not_after }.log(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_warned_of_before_its_end_and_not_valid_from_it_on() {
        let expiries = Expiries::new(Duration::from_secs(100));
        let now = UNIX_EPOCH + Duration::from_secs(1000);
        for (not_after, expected) in [
            (999, Validity::Expired),
            (1000, Validity::Expiring),
            (1100, Validity::Expiring),
            (1101, Validity::Valid),
            (u64::MAX, Validity::Valid),
        ] {
            assert_eq!(expiries.validity(not_after, now), expected, "{not_after}");
        }
    }

    #[test]
    fn a_side_is_expired_while_its_certificate_is() {
        let expiries = Expiries::new(Duration::ZERO);
        assert!(!expiries.is_expired("tls"));
        expiries.note("tls", Some(1));
        assert!(expiries.is_expired("tls") && !expiries.is_expired("upstream.tls"));
        expiries.note("tls", None);
        assert!(!expiries.is_expired("tls"));
    }
}
