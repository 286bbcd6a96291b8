//! How long the oracle takes for a case, as it has measured it itself.

use std::time::Duration;

use anyhow::Context;

/// What one answer took, on the average of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// The time that passed.
    pub wall: Duration,
    /// The time that all threads of the JVM worked, its garbage collector and compiler among them.
    pub cpu: Duration,
}

impl Timing {
    /// Reads the oracle's line: the nanoseconds of so many answers.
    pub(crate) fn from_line(line: &str, times: u32) -> anyhow::Result<Self> {
        let each = |nanos: &str| -> anyhow::Result<Duration> { Ok(Duration::from_nanos(nanos.parse()?) / times) };
        let measured = line.trim_end().split_once('\t');
        measured
            .and_then(|(wall, cpu)| {
                Some(Self {
                    wall: each(wall).ok()?,
                    cpu: each(cpu).ok()?,
                })
            })
            .with_context(|| format!("the oracle has measured nothing: {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_one_answer_took() {
        let timing = Timing::from_line("3000000\t4500000\n", 100).unwrap();
        assert_eq!(timing.wall, Duration::from_micros(30));
        assert_eq!(timing.cpu, Duration::from_micros(45));
        let error = Timing::from_line("0\tbm8=\tbm8=\t", 100).unwrap_err();
        assert!(error.to_string().contains("measured nothing"), "{error}");
    }
}
