//! The machine that was measured on, as far as it makes a difference.

use std::fs;

use super::KIBIBYTE;

/// Says which machine this is.
#[must_use]
pub fn description() -> String {
    let read = |file| fs::read_to_string(file).unwrap_or_default();
    let (processors, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let count = processors.lines().filter(|line| line.starts_with("processor")).count();
    let model = field(&processors, "model name").unwrap_or("a processor that does not say its name");
    let kibibytes: Option<u64> =
        field(&memory, "MemTotal").and_then(|total| total.strip_suffix("kB")?.trim().parse().ok());
    let gibibytes = kibibytes.unwrap_or(0).div_ceil(KIBIBYTE * KIBIBYTE);
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{count} × {model}, {gibibytes} GiB, Linux {}", kernel.trim())
}

/// The value of the first line with this name.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, value) = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(found, _)| found.trim() == name)?;
    Some(value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = "processor\t: 0\nmodel\t\t: 1\nmodel name\t: AMD EPYC\nmodel name\t: another\n";
        assert_eq!(field(text, "model name"), Some("AMD EPYC"));
        assert_eq!(field(text, "name"), None);
    }
}
