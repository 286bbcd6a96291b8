//! How the fields of a log line are written: whatever a value holds, it cannot end the line, move the cursor or change the
//! colours of the terminal that shows it.

use std::fmt::{self, Write as _};

use tracing::field::Field;
use tracing_subscriber::field::{MakeExt as _, RecordFields};
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{self, Writer};

/// Writes `message name=value …`, each value in quotes that a reader could not tell the end of otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) struct SafeFields;

impl<'w> FormatFields<'w> for SafeFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let write = |writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug| {
            if field.name() == "message" {
                return write!(Escaping(writer), "{value:?}");
            }
            write!(writer, "{}=", field.name())?;
            // A text comes in quotes already, which is how it is debugged.
            let text = format!("{value:?}");
            if text.starts_with('"') || !needs_quotes(&text) {
                write!(Escaping(writer), "{text}")
            } else {
                write!(Escaping(writer), "{text:?}")
            }
        };
        format::debug_fn(write).delimited(" ").format_fields(writer, fields)
    }
}

/// Whether the end of a value could be taken for something else.
fn needs_quotes(text: &str) -> bool {
    text.is_empty() || text.contains([' ', '=', '"', '\\']) || text.contains(is_unsafe)
}

/// Writes control characters as escapes of Rust's.
struct Escaping<'w, W>(&'w mut W);

impl<W: fmt::Write> fmt::Write for Escaping<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(is_unsafe) {
            let (safe, unsafe_rest) = rest.split_at(at);
            self.0.write_str(safe)?;
            let mut characters = unsafe_rest.chars();
            if let Some(character) = characters.next() {
                write!(self.0, "{}", character.escape_default())?;
            }
            rest = characters.as_str();
        }
        self.0.write_str(rest)
    }
}

/// Control characters, and those that break lines or turn the direction of what is written.
pub(super) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
pub(super) mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    pub(in super::super) struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        pub(in super::super) fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("no panic").clone()).expect("text")
        }
    }

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A log, and what was written to it.
    fn log() -> (Written, impl tracing::Subscriber + Send + Sync) {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .compact()
            .fmt_fields(SafeFields)
            .with_ansi(false)
            .without_time()
            .with_writer(move || writer.clone())
            .finish();
        (written, subscriber)
    }

    #[test]
    fn no_value_writes_control_characters_whichever_way_it_is_recorded() {
        let (written, subscriber) = log();
        let hostile = "a\u{1b}[31m\u{7}\u{9b}\r\nERROR forged\u{2028}\u{202e}ü";
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(text = hostile, shown = %hostile, debugged = ?hostile, number = 1, "{hostile}");
        });
        let line = written.text();
        let line = line.strip_suffix('\n').expect("one line");
        assert!(!line.chars().any(is_unsafe), "{line:?}");
        assert_eq!(line.matches("forged").count(), 4);
        assert!(line.contains("number=1") && line.contains('ü'), "{line}");
    }

    #[test]
    fn a_value_ends_where_a_reader_sees_it() {
        let (written, subscriber) = log();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(
                changes = %"added a, b; removed c",
                revision = %"fb1f6db78c1d",
                impact = %"",
                text = "a \"b\"",
                path = %"a=b\\",
                "it is so"
            );
        });
        let line = written.text();
        let expected =
            r#"it is so changes="added a, b; removed c" revision=fb1f6db78c1d impact="" text="a \"b\"" path="a=b\\""#;
        assert!(line.trim_end().ends_with(expected), "{line}");
    }
}
