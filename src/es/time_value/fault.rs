//! What can be wrong with a time value, and the exceptions that tell it.

use crate::es::error::{Exception, Kind};

/// The units, for messages.
const UNITS: &str = "[d], [h], [m], [s], [ms], [micros] or [nanos]";

/// Why a text is not a time value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeFault {
    /// No unit that is known, and not one of the few numbers that need none.
    #[error(
        "failed to parse setting [{name}] with value [{text}] as a time value: unit is missing or unrecognized; write a \
         whole number and a unit, such as [15m]: {UNITS}"
    )]
    Unit {
        /// The field.
        name: String,
        /// Its value.
        text: String,
    },
    /// A number below -1.
    #[error(
        "failed to parse setting [{name}] with value [{text}] as a time value: negative durations are not supported; use \
         [0] or more"
    )]
    Negative {
        /// The field.
        name: String,
        /// Its value.
        text: String,
    },
    /// A number with a fraction, or larger than 64 bits hold.
    #[error(
        "failed to parse [{text}], fractional time values are not supported; use a whole number of a smaller unit: {UNITS}"
    )]
    Fraction {
        /// The value.
        text: String,
        /// The part of it that should be a whole number.
        number: String,
    },
    /// What comes before the unit is no number.
    #[error("failed to parse [{text}]; write a whole number and a unit, such as [15m]: {UNITS}")]
    Number {
        /// The value.
        text: String,
        /// The part of it that should be a number.
        number: String,
    },
}

impl TimeFault {
    /// The exception that reports it.
    #[must_use]
    pub fn to_exception(&self) -> Exception {
        let exception = Exception::new(Kind::IllegalArgument, self.to_string());
        match self {
            Self::Unit { .. } | Self::Negative { .. } => exception,
            Self::Fraction { number, .. } | Self::Number { number, .. } => {
                let reason = format!("For input string: \"{number}\"");
                exception.caused_by(Exception::new(Kind::NumberFormat, reason))
            }
        }
    }
}
