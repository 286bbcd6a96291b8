//! Writes YAML as Jackson does with `SnakeYAML`: in blocks, two blanks a level, lists not indented below their names.

use super::writing;
use crate::es::format::MIDDLE_JACKSON;
use crate::es::json::{Node, Token};
use crate::es::version::Version;

/// The text of a value.
pub(in crate::es::format) fn write(root: Node<'_>, api: Version) -> String {
    let mut writer = Writer {
        out: "---".to_owned(),
        api,
    };
    match root.token() {
        Token::Object if root.members().next().is_some() => writer.mapping(root, 0, false),
        Token::Array if root.elements().next().is_some() => writer.list(root, 0, false),
        _ => writer.after_indicator(root, 0),
    }
    writer.out.push('\n');
    writer.out
}

struct Writer {
    out: String,
    api: Version,
}

impl Writer {
    /// The members of an object; the first of them on the line that there is, when it stands in a list.
    fn mapping(&mut self, node: Node<'_>, indent: usize, is_begun: bool) {
        for (number, member) in node.members().enumerate() {
            if number > 0 || !is_begun {
                self.begin_line(indent);
            }
            let is_short = writing::is_simple(&member.name);
            if !is_short {
                let is_written = !member.name.is_empty() || self.api >= MIDDLE_JACKSON;
                self.out.push_str(if is_written { "? " } else { "?" });
            }
            writing::name(&member.name, self.api, &mut self.out);
            if !is_short {
                self.begin_line(indent);
                self.out.push(':');
                self.after_indicator(member.value, indent);
                continue;
            }
            self.out.push(':');
            match member.value.token() {
                Token::Object if member.value.members().next().is_some() => {
                    self.mapping(member.value, indent + 2, false);
                }
                Token::Array if member.value.elements().next().is_some() => self.list(member.value, indent, false),
                _ => self.after_indicator(member.value, indent),
            }
        }
    }

    fn list(&mut self, node: Node<'_>, indent: usize, is_begun: bool) {
        for (number, element) in node.elements().enumerate() {
            if number > 0 || !is_begun {
                self.begin_line(indent);
            }
            self.out.push('-');
            self.after_indicator(element, indent);
        }
    }

    /// A value on the line of its indicator.
    fn after_indicator(&mut self, node: Node<'_>, indent: usize) {
        self.out.push(' ');
        match node.token() {
            Token::Object if node.members().next().is_some() => self.mapping(node, indent + 2, true),
            Token::Array if node.elements().next().is_some() => self.list(node, indent + 2, true),
            Token::Object => self.out.push_str("{}"),
            Token::Array => self.out.push_str("[]"),
            Token::String | Token::Binary => {
                let text = node.as_text().unwrap_or_default();
                writing::in_double_quotes(&text, Some(indent + 2), self.api, &mut self.out);
            }
            Token::Number | Token::Boolean | Token::Null | Token::Nothing => self.out.push_str(node.raw()),
        }
    }

    fn begin_line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

#[cfg(test)]
mod tests;
