//! Writes a tree in the other formats, in the ways that each of them has to say the same.

mod cbor;
mod smile;
mod yaml;

use anomaly_gateway::xcontent::format::Format;

use super::{Generator, json::Json};

/// A token as what it says.
enum Word {
    Null,
    Boolean(bool),
    Integer(i64),
    Double(f64),
    /// Nothing that a binary format has.
    Other,
}

impl Word {
    fn of(token: &str) -> Self {
        match token {
            "null" => Self::Null,
            "true" => Self::Boolean(true),
            "false" => Self::Boolean(false),
            _ => match (token.parse(), token.parse()) {
                (Ok(integer), _) => Self::Integer(integer),
                (_, Ok(double)) => Self::Double(double),
                _ => Self::Other,
            },
        }
    }
}

impl Generator {
    /// The body of a job in a format.
    pub(super) fn encoded(&mut self, job: &Json, format: Format) -> Vec<u8> {
        match format {
            Format::Json => self.written(job).into_bytes(),
            Format::Cbor => self.cbor(job),
            Format::Smile => self.smile(job),
            Format::Yaml => self.yaml(job).into_bytes(),
        }
    }

    /// Bytes with one damage.
    pub(super) fn damaged(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        let place = self.below(bytes.len());
        match self.below(10) {
            0..4 => {
                self.kind("cut-off body");
                bytes.truncate(place.max(1));
            }
            4 => {
                self.kind("trailing bytes");
                bytes.extend([0xFF, 0, b'x']);
            }
            _ => {
                self.kind("flipped byte");
                let flipped = self.random.u8(..);
                bytes.iter_mut().skip(place).take(1).for_each(|byte| *byte = flipped);
            }
        }
        bytes
    }
}
