//! Makes text of a tree: its white space, its comments, and how its strings are escaped.

use std::fmt::Write;

use super::{Generator, json::Json};

/// How the tokens of a text are set apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Compact,
    Spaced,
    Lines(&'static str),
    Commented,
}

impl Generator {
    /// The text of a job.
    pub(super) fn written(&mut self, job: &Json) -> String {
        let layout = match self.below(100) {
            0..70 => Layout::Compact,
            70..78 => Layout::Spaced,
            78..86 => Layout::Lines("\n"),
            86..90 => Layout::Lines("\r\n"),
            90..93 => Layout::Lines("\r"),
            93..96 => Layout::Lines("\n\t"),
            _ => Layout::Commented,
        };
        match layout {
            Layout::Compact => {}
            Layout::Spaced | Layout::Lines(_) => self.kind("white space"),
            Layout::Commented => self.kind("comments"),
        }
        let mut text = String::new();
        self.write(job, layout, &mut text);
        text
    }

    fn write(&mut self, value: &Json, layout: Layout, text: &mut String) {
        match value {
            Json::Token(token) => text.push_str(token),
            Json::Text(content) => self.write_string(content, text),
            Json::List(items) => {
                text.push('[');
                for (place, item) in items.iter().enumerate() {
                    self.separate(place, layout, text);
                    self.write(item, layout, text);
                }
                self.gap(layout, text);
                text.push(']');
            }
            Json::Object(members) => {
                text.push('{');
                for (place, (name, member)) in members.iter().enumerate() {
                    self.separate(place, layout, text);
                    self.write_string(name, text);
                    text.push(':');
                    if layout != Layout::Compact {
                        text.push(' ');
                    }
                    self.write(member, layout, text);
                }
                self.gap(layout, text);
                text.push('}');
            }
        }
    }

    fn separate(&mut self, place: usize, layout: Layout, text: &mut String) {
        if place > 0 {
            text.push(',');
        }
        self.gap(layout, text);
    }

    fn gap(&mut self, layout: Layout, text: &mut String) {
        match layout {
            Layout::Compact => {}
            Layout::Spaced => text.push_str(self.text_of(&["", " ", "  ", "\t"])),
            Layout::Lines(line_end) => text.push_str(line_end),
            Layout::Commented => {
                let comment = self.text_of(&[
                    "",
                    "",
                    "/* a comment */",
                    "/**/",
                    "/*\n é */ ",
                    "// to the end\n",
                    "# no\n",
                ]);
                text.push_str(comment);
            }
        }
    }

    /// Characters that can be written in several ways are now and then written in a rarer one.
    fn write_string(&mut self, content: &str, text: &mut String) {
        let escapes_freely = self.chance(2);
        text.push('"');
        for character in content.chars() {
            let may_escape = escapes_freely && self.chance(20);
            match character {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '/' if may_escape => text.push_str("\\/"),
                _ if may_escape || (character as u32) < 0x20 => escape(character, text),
                _ => text.push(character),
            }
        }
        text.push('"');
    }
}

/// The escape of a character: a pair of them outside the basic plane.
fn escape(character: char, text: &mut String) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        // Writing to a string does not fail.
        let _ = write!(text, "\\u{unit:04x}");
    }
}
