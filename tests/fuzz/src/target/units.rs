//! Time values, byte sizes, numbers and time formats: what is read is printed as something that reads the same.

use super::admission::admit;
use anomaly_gateway::admission::Verdict;
use anomaly_gateway::es::byte_size::ByteSize;
use anomaly_gateway::es::time_value::TimeValue;
use anomaly_gateway::es::version::Version;
use anomaly_gateway::xcontent::format::Format;
use anomaly_gateway::xcontent::number;
use serde_json::{Value, json};

const VERSIONS: [Version; 4] = [
    Version::BASE,
    Version::new(7, 17, 28),
    Version::new(8, 19, 21),
    Version::new(9, 5, 3),
];

pub(super) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    check_time(text);
    check_size(text);
    check_number(text);
    check_time_format(text);
}

fn check_time(text: &str) {
    let Ok(time) = TimeValue::parse(text, "span") else {
        return;
    };
    // A negative span is printed without its unit, which then is another one.
    if time.nanos() >= 0 {
        let again = TimeValue::parse(&time.to_string(), "span");
        assert_eq!(again.as_ref(), Ok(&time), "{text} is printed as {time}");
    }
    let largest = time.in_largest_unit();
    assert_eq!(largest.seconds(), time.seconds(), "{time} is not {largest}");
    assert!(time.is_whole_seconds() || time.to_duration().is_none_or(|duration| duration.subsec_nanos() != 0));
}

fn check_size(text: &str) {
    for api in VERSIONS {
        let size = ByteSize::parse(text, "size", api);
        if let Ok(size) = size {
            let again = ByteSize::parse(&format!("{}b", size.bytes()), "size", api);
            assert_eq!(again, Ok(size), "{api}: {text}");
            assert_eq!(size.mebibytes(), size.bytes() / (1024 * 1024));
        }
        if text.is_ascii() {
            let shouted = ByteSize::parse(&text.to_ascii_uppercase(), "size", api);
            assert_eq!(shouted.is_ok(), size.is_ok(), "{api}: the case of {text} matters");
        }
    }
}

fn check_number(text: &str) {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let long = number::long_from_text(text, false);
    if is_whole {
        assert_eq!(long.clone().ok(), text.parse::<i64>().ok(), "{text}");
    }
    if let Ok(long) = long {
        assert_eq!(number::with_thousands(long).replace(',', ""), long.to_string());
        assert_eq!(number::long_from_number(&long.to_string()), Ok(long));
    }
    let double = number::double_from_text(text);
    if let (Ok(double), Ok(plain)) = (&double, text.parse::<f64>()) {
        assert!(
            double.to_bits() == plain.to_bits() || double.is_nan(),
            "{text} is {double}"
        );
    }
    if let Ok(double) = double.as_ref().copied().map(f64::abs)
        && double.is_finite()
    {
        let printed = number::double_text(double);
        assert_eq!(
            printed.parse::<f64>().ok(),
            Some(double),
            "{text} is printed as {printed}"
        );
    }
    if serde_json::from_str::<serde_json::Number>(text).is_ok() {
        let printed = number::round_trip(text);
        if let Value::Number(printed) = &printed {
            let again = number::round_trip(printed.as_str());
            assert_eq!(again, Value::Number(printed.clone()), "{text} changes with every turn");
        }
        if let Ok(long) = number::long_from_number(text) {
            assert!(is_whole || text.contains(['.', 'e', 'E']), "{text} is {long}");
        }
    }
}

/// By way of a whole job, as nothing else reads one.
fn check_time_format(text: &str) {
    let job = json!({
        "analysis_config": {"detectors": [{"function": "count"}]},
        "data_description": {"time_format": text}
    });
    for api in VERSIONS {
        if let Verdict::Admitted(admitted) = admit(job.to_string().as_bytes(), Format::Json, api) {
            let answer: Value = serde_json::from_str(admitted.effective()).expect("JSON");
            assert_eq!(
                answer.pointer("/data_description/time_format"),
                Some(&json!(text)),
                "{api}"
            );
        }
    }
}
