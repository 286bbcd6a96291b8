//! The description of a detector that has none of its own (contract job.md §4.6).

use super::job::{Detector, Text};

/// Fills in the description of a detector that has none.
pub(super) fn fill_in(detector: &mut Detector<'_>) {
    if detector.detector_description.is_none() {
        detector.detector_description = Some(Text::Owned(default_of(detector)));
    }
}

/// How many bytes stand around a name at most, most often.
const AROUND_A_NAME: usize = 18;

fn default_of(detector: &Detector<'_>) -> String {
    let function = detector.function.map_or("", |function| function.name);
    let names = detector.field_name.iter().chain(detector.analysis_fields());
    let of_names: usize = names.map(|name| name.len() + AROUND_A_NAME).sum();
    let mut text = String::with_capacity(function.len() + of_names);
    text.push_str(function);
    push_part(&mut text, "(", detector.field_name.as_ref(), ")");
    push_part(&mut text, " by ", detector.by_field_name.as_ref(), "");
    push_part(&mut text, " over ", detector.over_field_name.as_ref(), "");
    if detector.use_null {
        text.push_str(" usenull=true");
    }
    push_part(
        &mut text,
        " partitionfield=",
        detector.partition_field_name.as_ref(),
        "",
    );
    if let Some(exclude_frequent) = &detector.exclude_frequent {
        text.push_str(" excludefrequent=");
        text.push_str(exclude_frequent);
    }
    text
}

/// A name and what stands around it; nothing for a name that is not set.
fn push_part(text: &mut String, before: &str, name: Option<&Text<'_>>, after: &str) {
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        text.push_str(before);
        push_quoted(text, name);
        text.push_str(after);
    }
}

/// A name, in quotes when it has anything but ASCII letters, digits and underscores.
fn push_quoted(text: &mut String, name: &str) {
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        text.push_str(name);
        return;
    }
    text.push('"');
    if name.bytes().any(|byte| matches!(byte, b'"' | b'\\')) {
        for character in name.chars() {
            if matches!(character, '"' | '\\') {
                text.push('\\');
            }
            text.push(character);
        }
    } else {
        text.push_str(name);
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::functions;
    use super::*;

    /// Contract job.md §4.6, its examples and its order.
    #[test]
    fn describes_a_detector_by_its_parts() {
        let mut detector = Detector {
            function: functions::find("high_mean"),
            field_name: Some("response.time".into()),
            by_field_name: Some("host.name".into()),
            partition_field_name: Some("dc".into()),
            ..Detector::default()
        };
        assert_eq!(
            default_of(&detector),
            r#"high_mean("response.time") by "host.name" partitionfield=dc"#
        );
        detector.use_null = true;
        detector.exclude_frequent = Some("none".into());
        detector.over_field_name = Some("a\"b\\".into());
        detector.by_field_name = Some("".into());
        assert_eq!(
            default_of(&detector),
            r#"high_mean("response.time") over "a\"b\\" usenull=true partitionfield=dc excludefrequent=none"#
        );
        detector.detector_description = Some("".into());
        fill_in(&mut detector);
        assert_eq!(detector.detector_description.as_deref(), Some(""));
    }
}
