//! YAML: in blocks and in flow, strings plain, in either kind of quotes and in blocks, with tags, anchors and comments.

use super::{Generator, Json};

/// What may stand before a value, or is not allowed there.
const PROPERTIES: &[&str] = &[
    "!!str ",
    "!!int ",
    "!!float ",
    "!!bool ",
    "!!null ",
    "!!map ",
    "!",
    "! ",
    "!x ",
    "!<tag:yaml.org,2002:str> ",
    "!!s%74r ",
    "!x!y ",
    "!,",
    "&a ",
    "&a.b ",
    "&é ",
    "&a !!str ",
    "!!str &a ",
    "&a\n",
    "*a ",
    "*",
    "? ",
    "- ",
    "--- ",
    "\t",
    "%",
    "@",
];
/// What may stand before a document.
const PROLOGUES: &[&str] = &[
    "---\n",
    "--- ",
    "# a comment\n",
    "%YAML 1.1\n---\n",
    "%YAML 1.2 # two\n---\n",
    "%YAML 2.0\n---\n",
    "%YAML 12345.1\n---\n",
    "%YAML 1\n---\n",
    "%TAG !x! tag:yaml.org,2002:\n---\n",
    "%TAG ! !a\n%TAG ! !b\n---\n",
    "%X y\n--- !!map\n",
    "%YAML 1.1\n",
    "...\n",
    "\u{feff}",
];

impl Generator {
    pub(super) fn yaml(&mut self, job: &Json) -> String {
        let mut text = String::new();
        if self.chance(20) {
            text.push_str("---\n");
        } else if self.chance(10) {
            self.kind("prologue");
            text.push_str(self.text_of(PROLOGUES));
        }
        if self.chance(25) {
            self.kind("flow");
            self.yaml_flow(job, &mut text);
            text.push('\n');
            return text;
        }
        self.yaml_block(job, 0, false, &mut text);
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }

    /// A value in a block; begun on the line that there is, or below it.
    fn yaml_block(&mut self, value: &Json, indent: usize, is_begun: bool, text: &mut String) {
        match value {
            Json::Object(members) if !members.is_empty() => {
                for (number, (name, member)) in members.iter().enumerate() {
                    begin_line(number == 0 && is_begun, indent, text);
                    self.yaml_name(name, text);
                    text.push(':');
                    let is_nested = matches!(member, Json::Object(inner) if !inner.is_empty())
                        || matches!(member, Json::List(inner) if !inner.is_empty());
                    if is_nested && self.chance(85) {
                        let deeper = matches!(member, Json::Object(_)) || self.chance(50);
                        self.yaml_block(member, indent + 2 * usize::from(deeper), false, text);
                    } else {
                        text.push(' ');
                        self.yaml_leaf(member, indent, text);
                    }
                }
            }
            Json::List(items) if !items.is_empty() => {
                for (number, item) in items.iter().enumerate() {
                    begin_line(number == 0 && is_begun, indent, text);
                    text.push_str("- ");
                    self.yaml_block(item, indent + 2, true, text);
                }
            }
            other => self.yaml_leaf(other, indent, text),
        }
    }

    /// A value at the end of a line of a block.
    fn yaml_leaf(&mut self, value: &Json, indent: usize, text: &mut String) {
        match value {
            Json::Text(content) if self.chance(5) => self.yaml_lines(content, indent + 1, text),
            _ => self.yaml_flow(value, text),
        }
        if self.chance(1) {
            self.kind("comment");
            text.push_str(self.text_of(&[" # a comment", "# none", " #", "\t# tab", "\n#\n", "\t"]));
        }
    }

    /// A string as lines of their own.
    fn yaml_lines(&mut self, content: &str, indent: usize, text: &mut String) {
        self.kind("lines");
        text.push_str(self.text_of(&[
            "|", ">", "|-", ">-", "|+", ">+", "|2", ">1-", "|-3", "|0", "> # c", "|x", "|2+ #",
        ]));
        let ends = [
            "\n", "\n", "\n", "\r\n", "\n\n", "\n \n", "\u{2028}", "\u{85}", "\r", "\n\t",
        ];
        for line in content.split(' ') {
            text.push_str(self.text_of(&ends));
            text.extend(std::iter::repeat_n(' ', indent + self.below(3)));
            text.push_str(line);
        }
    }

    fn yaml_flow(&mut self, value: &Json, text: &mut String) {
        if self.chance(1) {
            self.kind("properties");
            text.push_str(self.text_of(PROPERTIES));
        }
        match value {
            Json::Token(token) => text.push_str(token),
            Json::Text(content) => self.yaml_string(content, text),
            Json::List(items) => {
                text.push('[');
                for (number, item) in items.iter().enumerate() {
                    text.push_str(if number > 0 { ", " } else { "" });
                    self.yaml_flow(item, text);
                }
                text.push(']');
            }
            Json::Object(members) => {
                text.push('{');
                for (number, (name, member)) in members.iter().enumerate() {
                    text.push_str(if number > 0 { ", " } else { "" });
                    self.yaml_name(name, text);
                    text.push_str(if self.chance(99) {
                        ": "
                    } else {
                        self.text_of(&[":", " :", ":\n", ":\t", ""])
                    });
                    self.yaml_flow(member, text);
                }
                text.push('}');
            }
        }
    }

    /// A character between double quotes, or more than that.
    fn yaml_folded(&mut self, character: String) -> String {
        if character != " " || self.chance(90) {
            return character;
        }
        self.kind("folded");
        let folded = [
            "\n  ",
            "\\\n ",
            "\n\n ",
            " \r\n\t",
            "\\x20",
            "\\ ",
            "\\_",
            "\\/",
            "\u{2029} ",
            "\n... ",
            "\\U0001F600",
        ];
        self.text_of(&folded).to_owned()
    }

    fn yaml_name(&mut self, name: &str, text: &mut String) {
        if is_word(name) && self.chance(90) {
            text.push_str(name);
        } else {
            self.yaml_string(name, text);
        }
    }

    fn yaml_string(&mut self, content: &str, text: &mut String) {
        let is_plain = is_word(content);
        let is_printable = content.chars().all(|character| matches!(character, ' '..='~'));
        match self.below(4) {
            0 | 1 if is_plain => text.push_str(content),
            2 if is_printable => {
                text.push('\'');
                text.push_str(&content.replace('\'', "''"));
                text.push('\'');
            }
            _ => {
                // A string of JSON is one of YAML, but for what it need not escape.
                let json = serde_json::Value::from(content).to_string();
                let escaped = json.chars().map(|character| match character {
                    '\u{7F}'..'\u{A0}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => format!("\\u{:04x}", character as u32),
                    other => other.to_string(),
                });
                text.extend(escaped.map(|character| self.yaml_folded(character)));
            }
        }
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.'))
}

fn begin_line(is_begun: bool, indent: usize, text: &mut String) {
    if is_begun {
        return;
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.extend(std::iter::repeat_n(' ', indent));
}
