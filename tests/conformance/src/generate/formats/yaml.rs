//! YAML: in blocks and in flow, strings plain and in either kind of quotes.

use super::{Generator, Json};

impl Generator {
    pub(super) fn yaml(&mut self, job: &Json) -> String {
        let mut text = String::new();
        if self.chance(20) {
            text.push_str("---\n");
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
                        self.yaml_flow(member, text);
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
            other => self.yaml_flow(other, text),
        }
    }

    fn yaml_flow(&mut self, value: &Json, text: &mut String) {
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
                    text.push_str(": ");
                    self.yaml_flow(member, text);
                }
                text.push('}');
            }
        }
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
                text.extend(escaped);
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
