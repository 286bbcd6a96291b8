//! What can be wrong with a byte size, and the exceptions that tell it.

use crate::es::decimal;
use crate::es::error::{Exception, Kind};
use crate::xcontent::number::NumberFault;

/// The units, for messages.
const UNITS: &str = "[b], [kb], [mb], [gb], [tb] or [pb]";

/// Why a text is not a byte size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SizeFault {
    /// No unit that is known.
    #[error(
        "failed to parse setting [{name}] with value [{text}] as a size in bytes: unit is missing or unrecognized; write a \
         number and a unit, such as [512mb]: {UNITS}"
    )]
    Unit {
        /// The field.
        name: String,
        /// Its value.
        text: String,
    },
    /// What stands before the unit is no number.
    #[error("{reason}; write a number and a unit, such as [512mb]: {UNITS}")]
    Number {
        /// The whole message, whose form depends on the version.
        reason: String,
        /// What is wrong with the number.
        fault: NumberFault,
    },
    /// What stands before a bare `b` is no whole number; Elasticsearch lets the library's exception through.
    #[error("For input string: \"{0}\"; write a whole number before [b], such as [1048576b]")]
    WholeBytes(String),
    /// The number before a bare `b` is below -1; that exception is let through as well.
    #[error("{0}; use [0b] or more")]
    FewBytes(String),
    /// More bytes than 64 bits count, or fewer than -1.
    #[error("failed to parse setting [{name}] with value [{text}] as a size in bytes; use one from [0b] to [{max}b]", max = i64::MAX)]
    Range {
        /// The field.
        name: String,
        /// Its value.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What comes before the unit is no decimal number, from 9.0 on.
    #[error(
        "failed to parse setting [{name}] with value [{text}]; write a number and a unit, such as [512mb]: {UNITS}"
    )]
    Decimal {
        /// The field.
        name: String,
        /// Its value.
        text: String,
        /// The part of it that should be a number.
        number: String,
    },
    /// A decimal number below zero, from 9.0 on.
    #[error("failed to parse setting [{name}] with value [{text}]; use [0b] or more")]
    Negative {
        /// The field.
        name: String,
        /// Its value.
        text: String,
    },
    /// A decimal number of more bytes than 64 bits count, from 9.0 on.
    #[error("failed to parse setting [{name}] with value beyond {max}: [{text}]; use a smaller one", max = i64::MAX)]
    Beyond {
        /// The field.
        name: String,
        /// Its value.
        text: String,
        /// The part of it that is the number.
        number: String,
    },
    /// More than two decimals, from 9.0 on.
    #[error("failed to parse setting [{name}] with more than two decimals in value [{text}]; use a smaller unit")]
    Decimals {
        /// The field.
        name: String,
        /// Its value.
        text: String,
    },
}

impl SizeFault {
    /// The exception that reports it.
    #[must_use]
    pub fn to_exception(&self) -> Exception {
        let exception = Exception::new(Kind::Parse, self.to_string());
        match self {
            Self::Unit { .. } | Self::Decimals { .. } | Self::Negative { .. } => exception,
            Self::Number { fault, .. } => exception.caused_by(Exception::new(Kind::NumberFormat, fault.to_string())),
            Self::WholeBytes(_) => Exception::new(Kind::NumberFormat, self.to_string()),
            Self::FewBytes(_) => Exception::new(Kind::IllegalArgument, self.to_string()),
            // Java's decimal numbers stumble over a text that ends where its exponent, or the whole of it, should be.
            Self::Decimal { number, .. } if number.is_empty() || decimal::lacks_exponent(number) => {
                let length = number.chars().count();
                let index = Exception::new(
                    Kind::Library("array_index_out_of_bounds_exception"),
                    format!("Index {length} out of bounds for length {length}"),
                );
                let suppressed = Exception::without_reason(Kind::NumberFormat).caused_by(index);
                exception.caused_by(not_a_number(number)).suppressing(suppressed)
            }
            Self::Decimal { number, .. } => {
                let suppressed = Exception::new(Kind::NumberFormat, format!("[{number}] is no decimal number"));
                exception.caused_by(not_a_number(number)).suppressing(suppressed)
            }
            Self::Beyond { number, .. } => exception
                .caused_by(Exception::new(Kind::Library("arithmetic_exception"), "Overflow"))
                .suppressing(not_a_number(number)),
            Self::Range { reason, .. } => exception.caused_by(Exception::new(Kind::IllegalArgument, reason.clone())),
        }
    }
}

fn not_a_number(text: &str) -> Exception {
    Exception::new(Kind::NumberFormat, NumberFault::NotANumber(text.to_owned()).to_string())
}
