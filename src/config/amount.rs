//! Times, counts and switches of the configuration, and those that may be `none`.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use serde_json::{Value, json};

use super::form;
use super::scalar::ScalarKind;
use super::setting::{Fault, Setting};
use crate::es::byte_size::ByteSize;
use crate::es::version::Version;

#[cfg(test)]
mod tests;

/// What switches a limit, or a listener, off.
const NONE: &str = "none";

/// The longest time that can be configured. Nobody waits for longer, and adding it to a point in time does not overflow.
const MAX_TIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The shortest time after which something can be given up: timers count milliseconds.
const MIN_TIMEOUT: Duration = Duration::from_millis(1);

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}

impl Setting for Time {
    const EXPECTED: &'static str = "a time such as `30s` or `500ms`";
    const PLACEHOLDER: &'static str = "TIME";

    fn parse(text: &str) -> Result<Self, Fault> {
        let read = humantime::parse_duration(text);
        let time = read.map_err(|error| Fault::new(format!("expected {}; {error}", Self::EXPECTED)))?;
        if time > MAX_TIME {
            return Err(Fault::new("no time is longer than a year (`365days`)"));
        }
        Ok(Self(time))
    }

    fn form() -> Value {
        form::time()
    }
}

/// A length of time after which something is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout(pub Duration);

impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Time(self.0).fmt(f)
    }
}

impl Setting for Timeout {
    const EXPECTED: &'static str = "a time such as `4s`, from `1ms` on";
    const PLACEHOLDER: &'static str = "TIME";

    fn parse(text: &str) -> Result<Self, Fault> {
        let Time(time) = Time::parse(text)?;
        if time < MIN_TIMEOUT {
            return Err(Fault::new(
                "nothing can be done in less than `1ms`, so that it would always be given up",
            ));
        }
        Ok(Self(time))
    }

    fn form() -> Value {
        form::time()
    }
}

/// A length of time after which something is given up, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimit(pub Option<Duration>);

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        or_none(self.0.map(Time).as_ref(), f)
    }
}

impl Setting for TimeLimit {
    const EXPECTED: &'static str = "a time such as `30s`, or `none`";
    const PLACEHOLDER: &'static str = "TIME";

    fn parse(text: &str) -> Result<Self, Fault> {
        match text {
            NONE => Ok(Self(None)),
            text => {
                let Time(time) = Time::parse(text)?;
                if time < MIN_TIMEOUT {
                    let message = "a limit of less than `1ms` is one that nothing can keep; write `none` for no limit";
                    return Err(Fault::new(message));
                }
                Ok(Self(Some(time)))
            }
        }
    }

    fn form() -> Value {
        form::time_or(NONE)
    }
}

/// How many there may be at most, if that is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountLimit(pub Option<NonZeroUsize>);

impl fmt::Display for CountLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        or_none(self.0.as_ref(), f)
    }
}

impl Setting for CountLimit {
    const EXPECTED: &'static str = "a number from 1 on, or `none`";
    const PLACEHOLDER: &'static str = "NUMBER";

    fn parse(text: &str) -> Result<Self, Fault> {
        match text {
            NONE => Ok(Self(None)),
            text => text
                .parse()
                .map(|count| Self(Some(count)))
                .map_err(|_| Fault::new(format!("expected {}", Self::EXPECTED))),
        }
    }

    fn accepts(kind: ScalarKind) -> bool {
        matches!(kind, ScalarKind::Text | ScalarKind::Number)
    }

    fn form() -> Value {
        form::number(1, r"none|\+?[0-9]*[1-9][0-9]*")
    }
}

/// Something that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch(pub bool);

impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Setting for Switch {
    const EXPECTED: &'static str = "`true` or `false`";
    const PLACEHOLDER: &'static str = "SWITCH";

    fn parse(text: &str) -> Result<Self, Fault> {
        let read = text.parse().map(Self);
        read.map_err(|_| Fault::new(format!("expected {}", Self::EXPECTED)))
    }

    fn accepts(kind: ScalarKind) -> bool {
        kind == ScalarKind::Boolean
    }

    fn form() -> Value {
        json!({"type": "boolean"})
    }
}

/// How many bytes there may be at most, if that is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeLimit(pub Option<NonZeroUsize>);

/// The version whose way of reading sizes is used: it reads decimals exactly.
const READ_AS: Version = Version::new(9, 0, 0);

/// The units, in the order in which a size is printed with them.
const SIZE_UNITS: [(&str, usize); 4] = [("gb", 1 << 30), ("mb", 1 << 20), ("kb", 1 << 10), ("b", 1)];

impl fmt::Display for SizeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit_of = |bytes: usize| SIZE_UNITS.into_iter().find(|(_, unit)| bytes.is_multiple_of(*unit));
        let shown = self.0.map(NonZeroUsize::get).and_then(|bytes| {
            let (name, unit) = unit_of(bytes)?;
            Some(format!("{}{name}", bytes / unit))
        });
        or_none(shown.as_ref(), f)
    }
}

impl Setting for SizeLimit {
    const EXPECTED: &'static str = "a size such as `128mb` or `512kb`, or `none`";
    const PLACEHOLDER: &'static str = "SIZE";

    fn parse(text: &str) -> Result<Self, Fault> {
        if text == NONE {
            return Ok(Self(None));
        }
        let refused = |reason: &dyn fmt::Display| Fault::new(format!("expected {}; {reason}", Self::EXPECTED));
        let size = ByteSize::parse(text, "size", READ_AS).map_err(|fault| refused(&fault))?;
        let bytes = usize::try_from(size.bytes()).ok().and_then(NonZeroUsize::new);
        let bytes = bytes.ok_or_else(|| refused(&"there has to be room for something"))?;
        Ok(Self(Some(bytes)))
    }

    fn form() -> Value {
        form::size_or(NONE)
    }
}

/// An address to listen on, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionalAddress(pub Option<SocketAddr>);

impl fmt::Display for OptionalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        or_none(self.0.as_ref(), f)
    }
}

impl Setting for OptionalAddress {
    const EXPECTED: &'static str = "an address and port such as `127.0.0.1:9281`, or `none`";
    const PLACEHOLDER: &'static str = "HOST:PORT";

    fn parse(text: &str) -> Result<Self, Fault> {
        match text {
            NONE => Ok(Self(None)),
            text => <SocketAddr as Setting>::parse(text).map(|address| Self(Some(address))),
        }
    }

    fn form() -> Value {
        form::listen_or(NONE)
    }
}

fn or_none<T: fmt::Display>(value: Option<&T>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value {
        Some(value) => value.fmt(f),
        None => f.write_str(NONE),
    }
}
