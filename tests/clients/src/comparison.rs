//! Finds where two transcripts of one client differ.

use serde_json::Value;

use crate::{
    mask::masked,
    transcript::{Step, Transcript},
};

/// The differences of two transcripts, a line each, but for the steps named; what varies by itself is none.
#[must_use]
pub fn differences(direct: &Transcript, through: &Transcript, but: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let names =
        |transcript: &Transcript| -> Vec<String> { transcript.steps.iter().map(|step| step.name.clone()).collect() };
    if names(direct) != names(through) {
        found.push(format!("steps: {:?} and {:?}", names(direct), names(through)));
    }
    for (one, other) in direct.steps.iter().zip(&through.steps) {
        if !but.contains(&one.name.as_str()) {
            compare(one, other, &mut found);
        }
    }
    found
}

fn compare(direct: &Step, through: &Step, found: &mut Vec<String>) {
    compare_values(&direct.name, &masked(&direct.shown), &masked(&through.shown), found);
}

fn compare_values(place: &str, direct: &Value, through: &Value, found: &mut Vec<String>) {
    match (direct, through) {
        (Value::Object(one), Value::Object(other)) => {
            // The order is seen, too: an answer's fields and members come in the order that the cluster wrote.
            if one.keys().ne(other.keys()) {
                let keys: [Vec<&String>; 2] = [one.keys().collect(), other.keys().collect()];
                found.push(format!("{place}: {keys:?}"));
            }
            for (name, value) in one {
                if let Some(against) = other.get(name) {
                    compare_values(&format!("{place} / {name}"), value, against, found);
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (at, (value, against)) in one.iter().zip(other).enumerate() {
                compare_values(&format!("{place} / {at}"), value, against, found);
            }
        }
        _ if direct != through => found.push(format!("{place}: {direct} directly, {through} through the gateway")),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcript(lines: &[&str]) -> Transcript {
        Transcript::read(&lines.join("\n")).unwrap()
    }

    #[test]
    fn what_is_equal_but_for_what_varies_has_no_difference() {
        let one = transcript(&[r#"{"step":"search","body":{"took":1,"hits":[1]}}"#]);
        let other = transcript(&[r#"{"step":"search","body":{"took":2,"hits":[1]}}"#]);
        assert_eq!(differences(&one, &other, &[]), [""; 0]);
    }

    #[test]
    fn a_value_a_member_its_order_a_warning_and_a_step_are_differences() {
        let one = transcript(&[r#"{"step":"a","body":{"x":1,"y":2},"warnings":[]}"#]);
        for other in [
            r#"{"step":"a","body":{"x":1,"y":3},"warnings":[]}"#,
            r#"{"step":"a","body":{"x":1},"warnings":[]}"#,
            r#"{"step":"a","body":{"y":2,"x":1},"warnings":[]}"#,
            r#"{"step":"a","body":{"x":1,"y":2},"warnings":["w"]}"#,
            r#"{"step":"a","body":{"x":1,"y":2},"warnings":[],"exception":"E"}"#,
            r#"{"step":"b","body":{"x":1,"y":2},"warnings":[]}"#,
        ] {
            assert_eq!(differences(&one, &transcript(&[other]), &[]).len(), 1, "{other}");
        }
    }

    #[test]
    fn only_the_steps_named_may_differ() {
        let one = transcript(&[r#"{"step":"create job","body":1}"#, r#"{"step":"get","body":1}"#]);
        let other = transcript(&[r#"{"step":"create job","body":2}"#, r#"{"step":"get","body":2}"#]);
        assert_eq!(
            differences(&one, &other, &["create job"]),
            ["get / body: 1 directly, 2 through the gateway"]
        );
    }
}
