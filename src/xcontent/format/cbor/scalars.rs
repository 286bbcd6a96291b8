//! The simple values, floating-point numbers and decimal fractions of CBOR.

use super::read::{Head, Reader, Step, place, unexpected};
use crate::xcontent::format::{LATER_JACKSON, MIDDLE_JACKSON};
use crate::xcontent::number;

impl Reader<'_> {
    /// A decimal fraction (RFC 8949 §3.4.4): a list of its exponent and its digits.
    pub(super) fn decimal(&mut self) -> Step<()> {
        let mut parts = [0_i128; 2];
        for part in &mut parts {
            let head = self.head()?;
            if head.major > 1 {
                return Err(unexpected(head, "an integer"));
            }
            *part = signed_wide(head, self.argument(head)?);
        }
        let [exponent, digits] = parts;
        let double = format!("{digits}e{exponent}").parse().unwrap_or(f64::NAN);
        let text = number::any_double_text(double);
        self.tape.number(&text, place(self.start), place(self.at))
    }

    pub(super) fn simple(&mut self, head: Head) -> Step<()> {
        let start = place(self.start);
        match head.argument {
            20 => self.tape.boolean(false, start),
            21 => self.tape.boolean(true, start),
            23 if self.api < MIDDLE_JACKSON => Err(unexpected(head, "a value")),
            22 | 23 => self.tape.null(start),
            25 => {
                let bits = u16::try_from(self.argument(head)?).unwrap_or_default();
                self.tape.single(&number::float_text(half(bits)), start, place(self.at))
            }
            26 => {
                let bits = u32::try_from(self.argument(head)?).unwrap_or_default();
                let text = number::float_text(f32::from_bits(bits));
                self.tape.single(&text, start, place(self.at))
            }
            27 => {
                let double = f64::from_bits(self.argument(head)?);
                let text = number::any_double_text(double);
                self.tape.number(&text, start, place(self.at))
            }
            28.. => Err(unexpected(head, "a value")),
            _ if self.api < LATER_JACKSON => Err(unexpected(head, "a value")),
            // Values that nobody has given a meaning are read as numbers.
            argument => {
                let value = self.argument(head)?;
                if argument == 24 && value < 32 {
                    return Err(unexpected(head, "a simple value from 32 on"));
                }
                self.tape.number(&value.to_string(), start, place(self.at))
            }
        }
    }
}

fn signed_wide(head: Head, argument: u64) -> i128 {
    if head.major == 0 {
        i128::from(argument)
    } else {
        -1 - i128::from(argument)
    }
}

/// A number of half precision (RFC 8949, appendix D).
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let (exponent, fraction) = (u32::from(bits >> 10 & 0x1F), u32::from(bits & 0x3FF));
    let magnitude = match exponent {
        // 2⁻²⁴ for each unit of the fraction.
        0 => f32::from(bits & 0x3FF) * 5.960_464_5e-8,
        31 => f32::from_bits(0x7F80_0000 | fraction << 13),
        _ => f32::from_bits((exponent + 112) << 23 | fraction << 13),
    };
    f32::from_bits(magnitude.to_bits() | sign)
}
