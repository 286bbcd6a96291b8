//! The description of a detector that has none of its own (create-job.md §4.6).

use std::borrow::Cow;

use super::job::{Detector, DetectorText, Text};

/// The description of a detector: its own, or else one that is made of its parts.
pub(super) fn of<'d>(detector: &'d Detector<'_>) -> Cow<'d, str> {
    let own = detector.text(DetectorText::Description);
    own.map_or_else(|| Cow::Owned(default_of(detector)), |own| Cow::Borrowed(&**own))
}

/// How many bytes stand around a name at most, most often.
const AROUND_A_NAME: usize = 18;

fn default_of(detector: &Detector<'_>) -> String {
    let function = detector.function.map_or("", |function| function.name.as_str());
    let of_names: usize = detector.names().map(|name| name.len() + AROUND_A_NAME).sum();
    let mut text = String::with_capacity(function.len() + of_names);
    text.push_str(function);
    push_part(&mut text, "(", detector.text(DetectorText::FieldName), ")");
    push_part(&mut text, " by ", detector.text(DetectorText::ByFieldName), "");
    push_part(&mut text, " over ", detector.text(DetectorText::OverFieldName), "");
    if detector.use_null {
        text.push_str(" usenull=true");
    }
    push_part(
        &mut text,
        " partitionfield=",
        detector.text(DetectorText::PartitionFieldName),
        "",
    );
    if let Some(exclude_frequent) = detector.text(DetectorText::ExcludeFrequent) {
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
    use super::super::rulebook::tests::rulebook;
    use super::*;
    use crate::es::version::Version;

    /// create-job.md §4.6, its examples and its order.
    #[test]
    fn describes_a_detector_by_its_parts() {
        use DetectorText::{ByFieldName, Description, ExcludeFrequent, FieldName, OverFieldName, PartitionFieldName};
        let detector = |use_null, texts: &[(DetectorText, &'static str)]| {
            let texts = texts
                .iter()
                .map(|(kind, text)| (*kind, Text::Borrowed(*text)))
                .collect();
            let function = rulebook(Version::BASE).functions.find("high_mean");
            let detector = Detector {
                function,
                use_null,
                ..Detector::default()
            };
            detector.with_texts(texts)
        };
        let (field, partition) = ((FieldName, "response.time"), (PartitionFieldName, "dc"));
        assert_eq!(
            of(&detector(false, &[field, (ByFieldName, "host.name"), partition])),
            r#"high_mean("response.time") by "host.name" partitionfield=dc"#
        );
        let (by, over) = ((ByFieldName, ""), (OverFieldName, "a\"b\\"));
        assert_eq!(
            of(&detector(
                true,
                &[(ExcludeFrequent, "none"), partition, over, by, field]
            )),
            r#"high_mean("response.time") over "a\"b\\" usenull=true partitionfield=dc excludefrequent=none"#
        );
        assert_eq!(of(&detector(false, &[field, (Description, "")])), "");
    }
}
